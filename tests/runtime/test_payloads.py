from __future__ import annotations

import pytest
from google.protobuf import struct_pb2
from google.protobuf.any_pb2 import Any
from google.protobuf.api_pb2 import Api
from google.protobuf.descriptor_pb2 import DescriptorProto, UninterpretedOption
from google.protobuf.timestamp_pb2 import Timestamp
from google.protobuf.type_pb2 import Option
from google.protobuf.wrappers_pb2 import StringValue

from sessionstream import (
    EventType,
    Hub,
    PayloadTypeError,
    PayloadValueError,
    ProjectionError,
    SchemaRegistry,
    TimelineEntity,
    UIEvent,
)
from sessionstream.payloads import check_json, check_payload


def nested(levels: int) -> DescriptorProto:
    message = DescriptorProto(name="innermost")
    for _ in range(levels):
        message = DescriptorProto(nested_type=[message])
    return message


class TestCheckPayload:
    def test_the_declared_class_passes(self) -> None:
        check_payload("event", "Said", StringValue, StringValue(value="hi"))

    def test_another_class_is_refused_with_both_types(self) -> None:
        with pytest.raises(PayloadTypeError, match=r"takes google.protobuf.StringValue; got int"):
            check_payload("event", "Said", StringValue, 1)

    def test_a_message_as_deep_as_protobuf_reads_passes(self) -> None:
        check_payload("event", "Described", DescriptorProto, nested(99))

    def test_a_deeper_one_is_refused_since_nobody_could_read_it_back(self) -> None:
        with pytest.raises(PayloadValueError, match="more than 100 levels deep"):
            check_payload("event", "Described", DescriptorProto, nested(101))

    def test_a_message_without_its_required_fields_is_refused(self) -> None:
        option = UninterpretedOption(name=[UninterpretedOption.NamePart()])
        with pytest.raises(PayloadValueError, match="required fields"):
            check_payload("event", "Opted", UninterpretedOption, option)


class TestCheckJSON:
    @pytest.mark.parametrize(
        "payload",
        [
            StringValue(value="plain"),
            Timestamp(seconds=1),
            Api(name="no Any in it"),
            Option(value=Any()),
        ],
        ids=["plain", "timestamp", "options", "empty any"],
    )
    def test_what_has_a_json_form_passes(self, payload: StringValue) -> None:
        check_json("UI event", "Shown", payload)

    @pytest.mark.parametrize(
        "payload",
        [
            Timestamp(seconds=10**15),
            Option(value=Any(type_url="type.googleapis.com/no.Such", value=b"x")),
            struct_pb2.Value(number_value=float("nan")),
        ],
        ids=["time out of range", "unknown type", "not a number"],
    )
    def test_what_has_none_is_refused(self, payload: Timestamp) -> None:
        with pytest.raises(PayloadValueError, match="no JSON form"):
            check_json("UI event", "Shown", payload)


@pytest.fixture
def registry() -> SchemaRegistry:
    registry = SchemaRegistry()
    registry.add(EventType("Described", DescriptorProto))
    registry.register_ui_event("Shown", Timestamp)
    registry.register_timeline_entity("Time", Timestamp)
    return registry


FAR = Timestamp(seconds=10**15)


class TestHub:
    async def test_an_event_that_is_too_deep_is_refused_and_leaves_nothing(
        self, registry: SchemaRegistry
    ) -> None:
        async with Hub(registry) as hub:
            with pytest.raises(PayloadValueError):
                await hub.publish("s", "Described", nested(101))
            assert await hub.event_cursor("s") == 0

    async def test_a_ui_event_that_clients_could_not_be_sent_fails_its_projection(
        self, registry: SchemaRegistry
    ) -> None:
        async with Hub(registry) as hub:
            hub.register_ui_projection(lambda *_: [UIEvent(name="Shown", payload=FAR)])
            with pytest.raises(ProjectionError, match="no JSON form"):
                await hub.publish("s", "Described", nested(0))

    async def test_an_entity_that_no_snapshot_could_show_fails_its_projection(
        self, registry: SchemaRegistry
    ) -> None:
        async with Hub(registry) as hub:
            entity = TimelineEntity(kind="Time", id="far", payload=FAR)
            hub.register_timeline_projection(lambda *_: [entity])
            with pytest.raises(ProjectionError, match="no JSON form"):
                await hub.publish("s", "Described", nested(0))
            assert (await hub.snapshot("s")).entities == ()
