"""P6: what is handed over is of the registered type, or refused."""

from __future__ import annotations

import pytest
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import Int64Value, StringValue

from sessionstream import (
    CommandType,
    Hub,
    PayloadTypeError,
    ProjectionError,
    SchemaRegistry,
    TimelineEntity,
    UIEvent,
    UnknownNameError,
)
from tests.promises.counter import ONE, SESSION


class TestP6TypesAtEveryBorder:
    """Frames are refused in tests/transport."""

    async def test_p6_submit_refuses_another_commands_payload(
        self, registry: SchemaRegistry
    ) -> None:
        registry.add(CommandType("Add", Int64Value))
        async with Hub(registry) as hub:
            with pytest.raises(PayloadTypeError) as refused:
                await hub.submit(SESSION, "Add", StringValue(value="1"))

        assert str(refused.value) == (
            "command 'Add' takes google.protobuf.Int64Value; got google.protobuf.StringValue"
        )

    async def test_p6_publish_refuses_a_wrong_payload_and_an_unknown_name(
        self, registry: SchemaRegistry
    ) -> None:
        async with Hub(registry) as hub:
            with pytest.raises(PayloadTypeError) as refused:
                await hub.publish(SESSION, "Added", StringValue())
            with pytest.raises(UnknownNameError, match="unknown event 'Removed'; registered: Add"):
                await hub.publish(SESSION, "Removed", ONE)

            assert await hub.event_cursor(SESSION) == 0
        assert "Int64Value; got google.protobuf.StringValue" in str(refused.value)

    @pytest.mark.parametrize(
        ("returned", "text"),
        [
            (
                UIEvent(name="Shown", payload=StringValue()),
                "UI event 'Shown' takes google.protobuf.Int64Value; "
                "got google.protobuf.StringValue",
            ),
            (UIEvent(name="Hidden", payload=ONE), "unknown UI event 'Hidden'"),
        ],
    )
    async def test_p6_a_ui_projection_may_return_only_what_is_registered(
        self, registry: SchemaRegistry, returned: UIEvent[Message], text: str
    ) -> None:
        async with Hub(registry) as hub:
            hub.register_ui_projection(lambda _event, _session, _view: [returned])
            with pytest.raises(ProjectionError) as failed:
                await hub.publish(SESSION, "Added", ONE)

        assert text in str(failed.value.__cause__)

    @pytest.mark.parametrize(
        ("returned", "text"),
        [
            (
                TimelineEntity(kind="Counter", id="total", payload=StringValue()),
                "entity 'Counter' takes google.protobuf.Int64Value; "
                "got google.protobuf.StringValue",
            ),
            (TimelineEntity(kind="Clock", id="1", payload=ONE), "unknown entity 'Clock'"),
        ],
    )
    async def test_p6_a_timeline_projection_may_return_only_what_is_registered(
        self, registry: SchemaRegistry, returned: TimelineEntity[Message], text: str
    ) -> None:
        async with Hub(registry) as hub:
            hub.register_timeline_projection(lambda _event, _session, _view: [returned])
            with pytest.raises(ProjectionError) as failed:
                await hub.publish(SESSION, "Added", ONE)
            snapshot = await hub.snapshot(SESSION)

        assert text in str(failed.value.__cause__)
        assert snapshot.entities == ()
