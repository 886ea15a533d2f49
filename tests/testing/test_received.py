"""Frames as the types of the application, also those that a Hub of today never sends."""

from __future__ import annotations

import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.api_pb2 import Mixin
from google.protobuf.wrappers_pb2 import StringValue

from sessionstream import EntityType, SchemaRegistry, TimelineEntity, UIEvent, UIEventType
from sessionstream.testing.clients.received import Reader
from sessionstream.v1 import transport_pb2 as pb
from tests.testing.conftest import failure
from tests.testing.lines import gone, shown


@pytest.fixture
def reader() -> Reader[UIEvent[Mixin], TimelineEntity[Mixin]]:
    registry = SchemaRegistry()
    registry.add(UIEventType("Shown", Mixin), EntityType("Line", Mixin))
    return Reader(registry)


def packed(payload: Mixin | StringValue) -> AnyMessage:
    found = AnyMessage()
    found.Pack(payload)
    return found


class TestReader:
    def test_reads_a_ui_event_that_it_has_not_seen_before(
        self, reader: Reader[UIEvent[Mixin], TimelineEntity[Mixin]]
    ) -> None:
        frame = pb.UiEventFrame(session_id="s", name="Shown", payload=packed(Mixin(name="a")))
        received = reader.ui_event(frame)
        assert (received.session_id, received.ordinal) == ("s", 0)
        assert received.ui_event == shown("a")

    def test_refuses_a_payload_of_another_type(
        self, reader: Reader[UIEvent[Mixin], TimelineEntity[Mixin]]
    ) -> None:
        frame = pb.UiEventFrame(name="Shown", payload=packed(StringValue(value="a")))
        with failure() as failed:
            reader.ui_event(frame)
        assert failed.text == (
            "a payload of type google.protobuf.Mixin was expected; got google.protobuf.StringValue"
        )

    def test_reads_a_tombstone(self, reader: Reader[UIEvent[Mixin], TimelineEntity[Mixin]]) -> None:
        entity = pb.SnapshotEntity(kind="Line", id="a", tombstone=True)
        [found] = reader.snapshot(pb.SnapshotFrame(entities=[entity])).entities
        assert found == gone("a")
