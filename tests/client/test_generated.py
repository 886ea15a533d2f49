"""A generated client does the same over a Hub and over a connection to one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import final

import pytest
from chatdemo.projections import LiveMessages, StoredMessages
from chatdemo.v1 import chat_pb2 as pb
from chatdemo.v1.chat_sessionstream import (
    ChatClient,
    ChatHandlers,
    ChatMessageAccepted,
    ChatMessageAppended,
    ChatPublisher,
    install,
    register_schemas,
)
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import StringValue

from sessionstream import (
    Command,
    CommandRefusedError,
    Event,
    Hub,
    SchemaRegistry,
    Session,
    SessionClient,
    SnapshotUpdate,
    TimelineView,
    UIEvent,
    UIUpdate,
    override,
)
from sessionstream.client import connect
from sessionstream.transport.ws import serve

Doors = Callable[[Hub], AbstractAsyncContextManager[SessionClient]]


@final
class Echo(ChatHandlers):
    """Accepts what is asked, and refuses to stop."""

    @override
    async def start_inference(
        self, command: Command[pb.StartInference], session: Session, publisher: ChatPublisher
    ) -> None:
        prompt = command.payload.prompt
        await publisher.user_message_accepted(pb.UserMessageAccepted(message_id="m", text=prompt))
        await publisher.tokens_delta(pb.TokensDelta(message_id="a", chunk=prompt))

    @override
    async def stop_inference(
        self, command: Command[pb.StopInference], session: Session, publisher: ChatPublisher
    ) -> None:
        raise CommandRefusedError("busy", "Nothing stops here.")


def of_another_module(
    event: Event[Message], session: Session, view: TimelineView
) -> list[UIEvent[Message]]:
    return [UIEvent(name="Other", payload=StringValue())]


@asynccontextmanager
async def over_a_hub(hub: Hub) -> AsyncIterator[SessionClient]:
    yield hub


@asynccontextmanager
async def over_the_wire(hub: Hub) -> AsyncIterator[SessionClient]:
    async with serve(hub) as server, connect(server.url, hub.registry) as client:
        yield client


@pytest.fixture(params=[over_a_hub, over_the_wire])
async def chat(request: pytest.FixtureRequest) -> AsyncIterator[ChatClient]:
    registry = SchemaRegistry()
    register_schemas(registry)
    registry.register_ui_event("Other", StringValue)
    doors: Doors = request.param
    async with Hub(registry) as hub:
        install(hub, handlers=Echo(), ui=LiveMessages(), timeline=StoredMessages())
        hub.register_ui_projection(of_another_module)
        async with doors(hub) as client:
            yield ChatClient(client)


class TestBothWays:
    async def test_ui_events_are_of_the_generated_classes(self, chat: ChatClient) -> None:
        async with chat.watch("s") as updates:
            assert isinstance(await anext(updates), SnapshotUpdate)
            await chat.start_inference("s", pb.StartInference(prompt="hi"))
            accepted, appended = await anext(updates), await anext(updates)
            assert isinstance(accepted, UIUpdate)
            assert isinstance(appended, UIUpdate)
            match accepted.events, appended.events:
                case (ChatMessageAccepted(update),), (ChatMessageAppended(delta),):
                    assert (update.message.text, delta.chunk) == ("hi", "hi")
                case other:
                    pytest.fail(f"no such updates: {other}")
            assert appended.position.ordinal == 2

    async def test_entities_are_typed(self, chat: ChatClient) -> None:
        await chat.start_inference("s", pb.StartInference(prompt="hi"))
        async with chat.watch("s") as updates:
            update = await anext(updates)
            assert isinstance(update, SnapshotUpdate)
            texts = [entity.payload and entity.payload.text for entity in update.entities]
            assert texts[0] == "hi"

    async def test_a_watch_goes_on_from_a_position(self, chat: ChatClient) -> None:
        async with chat.watch("s") as updates:
            await anext(updates)
            await chat.start_inference("s", pb.StartInference(prompt="one"))
            position = (await anext(updates)).position
        async with chat.watch("s", since=position) as updates:
            update = await anext(updates)
            assert isinstance(update, UIUpdate)
            assert update.ordinal == position.ordinal + 1

    async def test_a_handler_that_refuses_raises_the_same(self, chat: ChatClient) -> None:
        with pytest.raises(CommandRefusedError) as caught:
            await chat.stop_inference("s", pb.StopInference())
        assert (caught.value.code, caught.value.message) == ("busy", "Nothing stops here.")
