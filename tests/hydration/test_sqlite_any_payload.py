"""Any payload, written by one release of a schema and read by another."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from hypothesis import given, settings
from hypothesis import strategies as st

from sessionstream.hydration.base import SessionCommit
from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.schema import SchemaRegistry
from sessionstream.testing.stores.backend import entities_of, events_of
from sessionstream.types import Event, TimelineEntity

VALUES: dict[FieldDescriptorProto.Type.ValueType, st.SearchStrategy[object]] = {
    FieldDescriptorProto.TYPE_STRING: st.text(st.characters(exclude_categories=["Cs"])),
    FieldDescriptorProto.TYPE_BYTES: st.binary(),
    FieldDescriptorProto.TYPE_INT64: st.integers(-(2**63), 2**63 - 1),
    FieldDescriptorProto.TYPE_FIXED32: st.integers(0, 2**32 - 1),
    FieldDescriptorProto.TYPE_BOOL: st.booleans(),
    FieldDescriptorProto.TYPE_DOUBLE: st.floats(allow_nan=False),
}


@dataclass(frozen=True, slots=True)
class Field:
    """A field under its number, as it is called by the older and by the newer release."""

    number: int
    type: FieldDescriptorProto.Type.ValueType
    repeated: bool
    value: object
    older: str
    newer: str


@st.composite
def fields(draw: st.DrawFn) -> list[Field]:
    """Fields that are in one release or in both, of which some were renamed."""
    found = []
    for number in draw(st.sets(st.integers(1, 20), max_size=6)):
        of_type = draw(st.sampled_from(sorted(VALUES)))
        repeated = draw(st.booleans())
        values = VALUES[of_type]
        value = draw(st.lists(values, max_size=3) if repeated else values)
        older, newer = draw(
            st.sampled_from([("kept", "kept"), ("kept", "renamed"), ("removed", ""), ("", "added")])
        )
        found.append(Field(number, of_type, repeated, value, older, newer))
    return found


def name_of(field: Field, *, newer: bool) -> str:
    name = field.newer if newer else field.older
    return f"{name}_{field.number}" if name else ""


def release(fields: list[Field], full_name: str, *, newer: bool) -> type[Message]:
    """The message class that a release has, in a pool of its own."""
    package, _, name = full_name.rpartition(".")
    file = FileDescriptorProto(name="any.proto", package=package, syntax="proto3")
    message = file.message_type.add(name=name)
    for field in fields:
        if called := name_of(field, newer=newer):
            label = FieldDescriptorProto.LABEL_OPTIONAL
            if field.repeated:
                label = FieldDescriptorProto.LABEL_REPEATED
            message.field.add(name=called, number=field.number, type=field.type, label=label)
    pool = DescriptorPool()
    pool.Add(file)
    return GetMessageClass(pool.FindMessageTypeByName(full_name))


def registry_of(message_type: type[Message]) -> SchemaRegistry:
    registry = SchemaRegistry()
    registry.register_event("Written", message_type)
    registry.register_timeline_entity("Page", message_type)
    return registry


async def write(path: Path, payload: Message) -> None:
    event = Event(session_id="s", name="Written", ordinal=1, payload=payload)
    page = TimelineEntity(kind="Page", id="a", payload=payload)
    commit = SessionCommit(
        session_id="s", events=[event], entities=[page], ui_cursor=1, timeline_cursor=1
    )
    registry = registry_of(type(payload))
    async with SQLiteStore.open(path, registry, durability="normal") as store:
        await store.commit([commit])


class TestAnyPayload:
    @settings(max_examples=30)
    @given(fields())
    def test_keeps_each_value_under_the_number_of_its_field(self, fields: list[Field]) -> None:
        """Whatever was added, removed and renamed: of the event and of the entity."""
        older = release(fields, "diary.Page", newer=False)
        newer = release(fields, "diary.Page", newer=True)
        values = {name_of(one, newer=False): one.value for one in fields if one.older}
        expected = {
            name_of(one, newer=True): one.value for one in fields if one.older and one.newer
        }

        async def write_and_read() -> list[Message | None]:
            with TemporaryDirectory() as directory:
                path = Path(directory) / "store.db"
                await write(path, older(**values))
                async with SQLiteStore.open(path, registry_of(newer), durability="normal") as store:
                    [event], [page] = await events_of(store, "s"), await entities_of(store, "s")
            return [event.payload, page.payload]

        for payload in asyncio.run(write_and_read()):
            assert payload is not None
            payload.DiscardUnknownFields()
            assert payload == newer(**expected)

    @settings(max_examples=30)
    @given(fields())
    def test_reads_under_the_name_that_its_message_has_now(self, fields: list[Field]) -> None:
        older = release(fields, "diary.Page", newer=False)
        newer = release(fields, "journal.v2.Sheet", newer=False)
        values = {name_of(one, newer=False): one.value for one in fields if one.older}
        registry = registry_of(newer)
        registry.register_former_type("Written", "diary.Page", newer)

        async def write_and_read() -> Message:
            with TemporaryDirectory() as directory:
                path = Path(directory) / "store.db"
                await write(path, older(**values))
                async with SQLiteStore.open(path, registry, durability="normal") as store:
                    [event] = await events_of(store, "s")
            return event.payload

        assert asyncio.run(write_and_read()) == newer(**values)
