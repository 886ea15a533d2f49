"""The generated publisher: several events in one commit, typed."""

from __future__ import annotations

import pytest
from chatdemo.v1 import chat_pb2 as pb
from chatdemo.v1.chat_sessionstream import ChatPublisher, register_schemas
from google.protobuf.wrappers_pb2 import StringValue

from sessionstream import Event, Hub, PayloadTypeError, SchemaRegistry
from sessionstream.hydration.memory import MemoryStore
from sessionstream.publishing import SessionPublisher
from sessionstream.testing.fakes import GatedStore


@pytest.fixture
def store() -> GatedStore:
    return GatedStore(MemoryStore())


@pytest.fixture
def hub(store: GatedStore) -> Hub:
    registry = SchemaRegistry()
    register_schemas(registry)
    return Hub(registry, store=store)


def publisher(hub: Hub) -> ChatPublisher:
    return ChatPublisher(SessionPublisher("s", hub.publish_all))


async def test_several_events_are_one_commit_under_their_names(hub: Hub, store: GatedStore) -> None:
    async with hub:
        begun, more = await publisher(hub).publish_all(
            [pb.InferenceStarted(message_id="a"), pb.TokensDelta(message_id="a", chunk="x")]
        )
    assert (begun.name, begun.ordinal) == ("ChatInferenceStarted", 1)
    assert isinstance(more, Event)
    assert more.payload == pb.TokensDelta(message_id="a", chunk="x")
    assert [len(commit.events) for (commit,) in store.batches] == [2]


async def test_a_payload_of_another_module_keeps_all_of_them_out(hub: Hub) -> None:
    wrong: list[pb.TokensDelta] = [pb.TokensDelta(message_id="a"), StringValue()]  # type: ignore[list-item]
    async with hub:
        with pytest.raises(PayloadTypeError):
            await publisher(hub).publish_all(wrong)
        assert await hub.event_cursor("s") == 0
