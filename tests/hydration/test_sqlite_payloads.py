"""What is stored of a payload, and what reading it forgives and reports."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import StringValue

from sessionstream.errors import StoreCorruptError
from sessionstream.hydration.base import SessionCommit
from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.schema import EventType, SchemaRegistry
from sessionstream.testing.stores.backend import entities_of, events_of
from sessionstream.testing.stores.samples import (
    NOTE_ADDED,
    failure,
    note,
    notes_commit,
    sample_registry,
    still_commit,
)
from sessionstream.types import Event, TimelineEntity, UnreadableEntity, UnreadableEvent
from tests.runtime.message_classes import message_class, text_in


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


def change(path: Path, statement: str, *parameters: object) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        assert db.execute(statement, parameters).rowcount


def registry_of(message_type: type[Message]) -> SchemaRegistry:
    registry = SchemaRegistry()
    registry.register_event("Written", message_type)
    registry.register_timeline_entity("Page", message_type)
    return registry


async def write_page(path: Path, payload: Message) -> None:
    event = Event(session_id="s", name="Written", ordinal=1, payload=payload)
    page = TimelineEntity(
        kind="Page", id="a", payload=payload, created_ordinal=1, last_event_ordinal=1
    )
    async with SQLiteStore.open(path, registry_of(type(payload))) as store:
        await store.commit(
            [
                SessionCommit(
                    session_id="s", events=[event], entities=[page], ui_cursor=1, timeline_cursor=1
                )
            ]
        )


async def read_pages(path: Path, message_type: type[Message]) -> list[Message]:
    """Returns the event's payload and the entity's."""
    async with SQLiteStore.open(path, registry_of(message_type)) as store:
        [event], [page] = await events_of(store, "s"), await entities_of(store, "s")
    assert page.payload is not None
    return [event.payload, page.payload]


class TestStoredPayload:
    async def test_is_deterministic_bytes_with_the_full_message_name(self, path: Path) -> None:
        async with SQLiteStore.open(path, sample_registry()) as store:
            await store.commit([notes_commit("s", entities=[note("a", "text")])])
        with closing(sqlite3.connect(path)) as db:
            events = db.execute("SELECT ordinal, name, message_type, payload FROM events")
            text = StringValue(value="text 1").SerializeToString(deterministic=True)
            assert events.fetchall() == [(1, "NoteAdded", "google.protobuf.StringValue", text)]
            entities = db.execute("SELECT kind, id, message_type, payload FROM entities")
            text = StringValue(value="text").SerializeToString(deterministic=True)
            assert entities.fetchall() == [("Note", "a", "google.protobuf.StringValue", text)]


class TestEvolution:
    async def test_a_field_that_was_added_has_its_default(self, path: Path) -> None:
        older, newer = (
            message_class("diary.Page", text=1),
            message_class("diary.Page", text=1, mood=2),
        )
        await write_page(path, older(text="dear diary"))
        for payload in await read_pages(path, newer):
            assert payload == newer(text="dear diary")

    async def test_a_field_that_was_removed_is_passed_over(self, path: Path) -> None:
        older, newer = (
            message_class("diary.Page", text=1, mood=2),
            message_class("diary.Page", text=1),
        )
        await write_page(path, older(text="dear diary", mood="fine"))
        for payload in await read_pages(path, newer):
            assert payload.ListFields()[0][1] == "dear diary"

    async def test_a_field_that_was_renamed_keeps_its_value(self, path: Path) -> None:
        older, newer = message_class("diary.Page", text=1), message_class("diary.Page", body=1)
        await write_page(path, older(text="dear diary"))
        for payload in await read_pages(path, newer):
            assert payload == newer(body="dear diary")

    async def test_an_event_of_an_older_type_is_upcast(self, path: Path) -> None:
        older = message_class("diary.Page", text=1)
        newer = message_class("diary.Sheet", words=4)
        await write_page(path, older(text="dear diary"))
        registry = registry_of(newer)
        registry.register_upcaster(
            "Written", older, newer, lambda old: newer(words=text_in(old, "text"))
        )
        async with SQLiteStore.open(path, registry) as store:
            [event] = await events_of(store, "s")
        assert event.payload == newer(words="dear diary")

    async def test_an_event_whose_message_was_renamed_is_read_as_that(self, path: Path) -> None:
        newer = message_class("diary.Sheet", text=1)
        await write_page(path, message_class("diary.Page", text=1)(text="dear diary"))
        registry = registry_of(newer)
        registry.register_former_type("Written", "diary.Page", newer)
        async with SQLiteStore.open(path, registry) as store:
            [event] = await events_of(store, "s")
        assert event.payload == newer(text="dear diary")

    async def test_an_event_whose_upcaster_raises_is_unreadable(self, path: Path) -> None:
        def fail(old: StringValue) -> Duration:
            raise LookupError("no words")

        await write_page(path, StringValue(value="text"))
        registry = registry_of(Duration)
        registry.register_upcaster("Written", StringValue, Duration, fail)
        async with SQLiteStore.open(path, registry) as store:
            event, _ = await unreadable(store)
        assert "raised LookupError: no words" in event.reason

    async def test_an_event_that_was_renamed_reads_under_its_new_name(self, path: Path) -> None:
        async with SQLiteStore.open(path, sample_registry()) as store:
            await store.commit([notes_commit("s")])
        renamed = SchemaRegistry()
        renamed.add(EventType[Message]("NoteWritten", StringValue, aliases=(NOTE_ADDED,)))
        async with SQLiteStore.open(path, renamed) as store:
            [event] = await events_of(store, "s")
            assert (event.name, event.payload) == ("NoteWritten", StringValue(value="text 1"))


async def unreadable(store: SQLiteStore) -> tuple[UnreadableEvent, UnreadableEntity]:
    """Returns the session's one event and its one entity, neither of which can be read."""
    [event], [entity] = await store.events("s"), await store.timeline("s")
    assert isinstance(event, UnreadableEvent)
    assert isinstance(entity, UnreadableEntity)
    return event, entity


class TestUnreadablePayload:
    """Stands in its place and says why; it hides nothing else."""

    async def test_is_named_as_it_was_stored(self, path: Path) -> None:
        await write_page(path, StringValue(value="text"))
        async with SQLiteStore.open(path, SchemaRegistry()) as store:
            event, entity = await unreadable(store)
        stored_type = "google.protobuf.StringValue"
        assert (event.session_id, event.ordinal, event.name) == ("s", 1, "Written")
        assert (entity.session_id, entity.kind, entity.id) == ("s", "Page", "a")
        assert event.message_type == entity.message_type == stored_type

    async def test_of_another_type_tells_both_types(self, path: Path) -> None:
        await write_page(path, StringValue(value="text"))
        async with SQLiteStore.open(path, registry_of(Duration)) as store:
            for found in await unreadable(store):
                assert "google.protobuf.StringValue" in found.reason
                assert "google.protobuf.Duration" in found.reason

    async def test_under_an_unknown_name_tells_what_to_register(self, path: Path) -> None:
        await write_page(path, StringValue(value="text"))
        async with SQLiteStore.open(path, SchemaRegistry()) as store:
            event, entity = await unreadable(store)
        assert "no event 'Written' is registered; register it again" in event.reason
        assert "no entity 'Page' is registered; register it again" in entity.reason

    async def test_that_is_damaged_tells_its_type(self, path: Path) -> None:
        await write_page(path, StringValue(value="text"))
        change(path, "UPDATE events SET payload = ?", b"\xff\xff")
        change(path, "UPDATE entities SET payload = ?", b"\x0a\x05abc")
        async with SQLiteStore.open(path, registry_of(StringValue)) as store:
            for found in await unreadable(store):
                assert "stored as google.protobuf.StringValue" in found.reason
                assert "damaged" in found.reason

    async def test_is_read_again_once_its_name_is_registered(self, path: Path) -> None:
        await write_page(path, StringValue(value="text"))
        registry = SchemaRegistry()
        async with SQLiteStore.open(path, registry) as store:
            await unreadable(store)
            registry.register_event("Written", StringValue)
            registry.register_timeline_entity("Page", StringValue)
            [event], [entity] = await events_of(store, "s"), await entities_of(store, "s")
        assert event.payload == entity.payload == StringValue(value="text")

    async def test_does_not_hide_the_rest(self, path: Path) -> None:
        async with SQLiteStore.open(path, sample_registry()) as store:
            notes = [note("a", "damaged"), note("b", "sound")]
            await store.commit([notes_commit("s", 1, 3, entities=notes)])
            change(path, "UPDATE events SET payload = ? WHERE ordinal = 2", b"\xff\xff")
            change(path, "UPDATE entities SET payload = ? WHERE id = 'a'", b"\xff\xff")
            events, entities = await store.events("s"), await store.timeline("s")
        assert [event.ordinal for event in events] == [1, 2, 3]
        assert [isinstance(event, UnreadableEvent) for event in events] == [False, True, False]
        assert sorted((one.id, isinstance(one, UnreadableEntity)) for one in entities) == [
            ("a", True),
            ("b", False),
        ]


class TestErrorRecord:
    async def test_of_an_unknown_error_source_is_reported(self, path: Path) -> None:
        async with SQLiteStore.open(path, sample_registry()) as store:
            await store.commit([still_commit("s", 0, errors=[failure("s", 4)])])
            change(path, "UPDATE errors SET source = 'moon'")
            with pytest.raises(StoreCorruptError, match=r"'s' at event 4.*'moon'"):
                await store.errors("s")
