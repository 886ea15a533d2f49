"""What happens to stored sessions and to clients, change by change: what the findings say."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from google.protobuf.any_pb2 import Any
from google.protobuf.json_format import MessageToJson
from sessionstream_codegen.breaking import compare
from sessionstream_codegen.roles import Role
from sessionstream_codegen.targets.lock.file import LockedName

from sessionstream import ErrorSource, Hub, SchemaRegistry, UnreadableEntity, UnreadableEvent
from sessionstream.errors import PayloadDecodeError, UnknownNameError
from tests.codegen.comparing.breaking_changes import CHANGES, Change, named
from tests.codegen.comparing.releases import SESSION, Release, release

FIELDS = {"id": "1", "text": "first", "number": 7, "n": 7}


@pytest.fixture(params=CHANGES, ids=lambda change: change.said)
def change(request: pytest.FixtureRequest) -> Change:
    found = request.param
    assert isinstance(found, Change)
    return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "app.db"


async def stored(path: Path, change: Change, fields: Mapping[str, object] = FIELDS) -> Release:
    """A session of the old release, with events of every name; returns the new release."""
    old = release(change.old)
    async with old.running(path, aliases=False) as (hub, _):
        await old.publish(hub, **fields)
    return release(change.new)


def codes(change: Change) -> set[str]:
    return {found.code for found in compare(release(change.old).lock, release(change.new).lock)}


async def notes(hub: Hub) -> list[tuple[str, str]]:
    """The session's entities: each with its kind and id."""
    return [(entity.kind, entity.id) for entity in (await hub.snapshot(SESSION)).entities]


class TestStoredSessions:
    async def test_one_opens_whatever_was_changed(self, path: Path, change: Change) -> None:
        new = await stored(path, change)
        async with new.running(path) as (hub, _):
            await hub.snapshot(SESSION)
            await new.publish(hub, **FIELDS)

    async def test_its_timeline_is_kept_unless_a_kind_or_its_payload_is_gone(
        self, path: Path, change: Change
    ) -> None:
        async with (await stored(path, change)).running(path) as (hub, store):
            kept = await store.timeline(SESSION)
            replaced = any(isinstance(entity, UnreadableEntity) for entity in kept)
            assert replaced is bool(codes(change) & {"SS531", "SS532"})
            await hub.snapshot(SESSION)
            stored_now = await store.timeline(SESSION)
            assert not any(isinstance(entity, UnreadableEntity) for entity in stored_now)
            assert replaced or stored_now == kept

    async def test_its_log_is_read_unless_an_event_or_its_payload_is_gone(
        self, path: Path, change: Change
    ) -> None:
        async with (await stored(path, change)).running(path) as (_, store):
            unreadable = [
                event for event in await store.events(SESSION) if isinstance(event, UnreadableEvent)
            ]
            assert bool(unreadable) is bool(codes(change) & {"SS501", "SS502"})

    async def test_what_is_missing_from_a_timeline_made_anew_is_recorded(
        self, path: Path, change: Change
    ) -> None:
        async with (await stored(path, change)).running(path) as (hub, store):
            await hub.rebuild_timeline(SESSION)
            records = await store.errors(SESSION)
            assert {record.source for record in records} <= {ErrorSource.STORE}
            assert bool(records) is bool(codes(change) & {"SS501", "SS502"})

    async def test_a_renamed_message_is_read_where_its_former_type_is_registered(
        self, path: Path
    ) -> None:
        """The remedy of SS502, which a comparison of schemas can't see."""
        new = await stored(path, named("the message of an event was renamed, with an alias"))
        written = new.classes["acme.v1.Written"]

        def declare(registry: SchemaRegistry) -> None:
            registry.register_former_type("Noted", "acme.v1.Noted", written)

        async with new.running(path, declare=declare) as (hub, store):
            await hub.rebuild_timeline(SESSION)
            assert await notes(hub) == [("Note", "1")]
            assert await store.errors(SESSION) == []

    async def test_what_became_ephemeral_is_missing_from_a_timeline_made_anew(
        self, path: Path
    ) -> None:
        async with (await stored(path, named("an event became ephemeral"))).running(path) as (
            hub,
            _,
        ):
            assert await notes(hub) == [("Note", "1")]
            await hub.rebuild_timeline(SESSION)
            assert await notes(hub) == []

    async def test_what_was_ephemeral_is_not_in_the_log(self, path: Path) -> None:
        new = await stored(path, named("an ephemeral event is stored"))
        async with new.running(path) as (hub, _):
            assert await hub.event_cursor(SESSION) == 0
            await new.publish(hub, **FIELDS)
            assert await hub.event_cursor(SESSION) == 1


class TestKeys:
    """A key is sound where a stored entity holds its own id in it, and a new event finds it."""

    @pytest.mark.parametrize(
        "change", [change for change in CHANGES if "key" in change.said], ids=lambda one: one.said
    )
    async def test_it_is_sound_after_a_change_unless_that_is_an_error(
        self, path: Path, change: Change
    ) -> None:
        narrowed = "reads it otherwise" in change.said
        fields = {**FIELDS, "number": 2**40 if narrowed else 7}
        new = await stored(path, change, fields)
        async with new.running(path) as (hub, _):
            sound = await holds_its_id(hub, new)
            if sound:
                await new.publish(hub, **fields)
                sound = len(await notes(hub)) == 1
        assert sound is ("SS533" not in codes(change))

    async def test_another_key_makes_other_entities(self, path: Path) -> None:
        new = await stored(path, named("another field is the key"))
        async with new.running(path) as (hub, store):
            await new.publish(hub, **FIELDS)
            assert await notes(hub) == [("Note", "1"), ("Note", "first")]
            await store.clear_timeline(SESSION)
        async with new.running(path) as (hub, _):
            assert await notes(hub) == [("Note", "first")]


class TestClients:
    def test_what_they_send_is_served_unless_its_command_is_gone_or_another_one(
        self, change: Change
    ) -> None:
        """As JSON, which does not name its message: a renamed one is read by its fields."""
        old, registry = release(change.old), release(change.new).registry()
        for name, locked in old.lock.known(Role.COMMAND).items():
            sent = MessageToJson(old.message(locked, **FIELDS))
            if f"SS511 {name}" in change.found or f"SS512 {name}" in change.found:
                with pytest.raises((UnknownNameError, PayloadDecodeError)):
                    registry.decode_command_json(name, sent)
            elif "other fields" in change.said:
                assert codes(change) == {"SS514"}
                with pytest.raises(PayloadDecodeError):
                    registry.decode_command_json(name, sent)
            else:
                read = registry.decode_command_json(name, sent)
                assert MessageToJson(read) == sent

    def test_they_can_read_what_they_wait_for_unless_it_or_its_payload_is_gone(
        self, change: Change
    ) -> None:
        old, new = release(change.old), release(change.new)
        known = new.lock.known(Role.UI_EVENT)
        readable = all(
            name in known and packed(new, known[name]).TypeName() == locked.payload
            for name, locked in old.lock.known(Role.UI_EVENT).items()
        )
        assert readable is not bool(codes(change) & {"SS521", "SS522"})


async def holds_its_id(hub: Hub, new: Release) -> bool:
    [entity] = (await hub.snapshot(SESSION)).entities
    [locked] = new.lock.of(Role.ENTITY)
    assert locked.key is not None
    return str(getattr(entity.payload, locked.key.name)) == entity.id


def packed(release: Release, locked: LockedName) -> Any:
    """What a frame holds."""
    payload = Any()
    payload.Pack(release.message(locked, **FIELDS))
    return payload
