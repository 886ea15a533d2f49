"""Any log of a release that another release reads: the timeline is what can be read of it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from enum import Enum
from pathlib import Path
from tempfile import TemporaryDirectory

from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import BytesValue, Int64Value, StringValue
from hypothesis import given, settings
from hypothesis import strategies as st

from sessionstream import (
    ErrorSource,
    Event,
    Hub,
    SchemaRegistry,
    Session,
    Snapshot,
    TimelineEntity,
    TimelineView,
)
from sessionstream.hydration.sqlite import SQLiteStore
from tests.runtime.app import line, lines, text_of


class Kind(Enum):
    """What has become of an event: its name in the older release."""

    KEPT = "Kept"
    UPCAST = "Upcast"
    MOVED = "Moved"
    FAILING = "Failing"
    REPLACED = "Replaced"
    GONE = "Gone"
    DAMAGED = "Damaged"


READABLE = {Kind.KEPT, Kind.UPCAST, Kind.MOVED}
LOGS = st.lists(st.sampled_from(Kind), min_size=1, max_size=10)


def payload_of(kind: Kind, number: int) -> Message:
    """What the older release stores."""
    match kind:
        case Kind.UPCAST | Kind.FAILING | Kind.REPLACED:
            return Int64Value(value=number)
        case Kind.MOVED:
            return BytesValue(value=str(number).encode())
        case _:
            return StringValue(value=str(number))


def older_registry() -> SchemaRegistry:
    registry = SchemaRegistry()
    for kind in Kind:
        registry.register_event(kind.value, type(payload_of(kind, 0)))
    registry.register_timeline_entity("Line", StringValue)
    return registry


def newer_registry() -> SchemaRegistry:
    def fail(old: Int64Value) -> StringValue:
        raise LookupError("no text")

    registry = SchemaRegistry()
    for kind in Kind:
        if kind is not Kind.GONE:
            registry.register_event(kind.value, StringValue)
    registry.register_upcaster(
        "Upcast", Int64Value, StringValue, lambda old: StringValue(value=str(old.value))
    )
    # A string and bytes that are UTF-8 are the same on the wire.
    registry.register_former_type("Moved", "google.protobuf.BytesValue", StringValue)
    registry.register_upcaster("Failing", Int64Value, StringValue, fail)
    registry.register_timeline_entity("Line", StringValue)
    return registry


def join(
    event: Event[Message], session: Session, view: TimelineView
) -> Iterator[TimelineEntity[Message]]:
    """Appends the text to one line: wrong as soon as an event is left out or folded twice."""
    before = view.get("Line", "all")
    yield line("all", (text_of(before.payload) if before else "") + f"{text_of(event.payload)},")


async def write_log(path: Path, kinds: list[Kind]) -> None:
    registry = older_registry()
    async with (
        SQLiteStore.open(path, registry, durability="normal") as store,
        Hub(registry, store=store) as hub,
    ):
        for number, kind in enumerate(kinds, 1):
            await hub.publish("s", kind.value, payload_of(kind, number))
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE events SET payload = x'ff' WHERE name = 'Damaged'")


def expected(kinds: list[Kind], upto: int) -> list[str]:
    read = [str(number) for number, kind in enumerate(kinds[:upto], 1) if kind in READABLE]
    return [f"all={','.join(read)},"] if read else []


async def read_log(path: Path, kinds: list[Kind]) -> None:
    """The fold of the log, however it comes about, is that of what can be read."""
    head, whole = len(kinds), expected(kinds, len(kinds))
    registry = newer_registry()
    async with (
        SQLiteStore.open(path, registry, durability="normal") as store,
        Hub(registry, store=store) as hub,
    ):
        hub.register_timeline_projection(join)
        found: Snapshot = await hub.snapshot("s")
        assert (found.snapshot_ordinal, lines(found)) == (head, whole)
        assert await hub.rebuild_timeline("s") == head
        assert lines(await hub.snapshot("s")) == whole
        for upto in range(head + 1):
            assert lines(await hub.snapshot("s", as_of=upto)) == expected(kinds, upto)
        last = await hub.publish("s", "Kept", StringValue(value="last"))
        assert last.ordinal == head + 1
        records = await store.errors("s")
    unreadable = {number for number, kind in enumerate(kinds, 1) if kind not in READABLE}
    assert {record.source for record in records} <= {ErrorSource.STORE}
    assert sorted(record.ordinal for record in records) == sorted(unreadable)


class TestAnyLog:
    @settings(max_examples=50)
    @given(LOGS)
    def test_what_can_be_read_is_folded_and_the_rest_is_one_dead_letter_each(
        self, kinds: list[Kind]
    ) -> None:
        async def write_and_read(path: Path) -> None:
            await write_log(path, kinds)
            await read_log(path, kinds)

        with TemporaryDirectory() as directory:
            asyncio.run(write_and_read(Path(directory) / "store.db"))
