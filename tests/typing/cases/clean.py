"""An application that handles everything: nothing is reported."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never, assert_type, final

from everything.v1 import chat_pb2 as pb
from everything.v1 import chat_sessionstream as chat

from sessionstream import (
    Command,
    Event,
    Hub,
    SchemaRegistry,
    Session,
    SnapshotUpdate,
    UIUpdate,
    override,
)
from sessionstream.client import Client


@final
class Handlers(chat.ChatHandlers):
    @override
    async def start_inference(
        self, command: Command[pb.StartInference], session: Session, publisher: chat.ChatPublisher
    ) -> None:
        started = await publisher.inference_started(pb.InferenceStarted(message_id="m-1"))
        assert started.payload.message_id == "m-1"
        event = await publisher.publish(pb.TokensDelta(chunk=command.payload.prompt))
        if isinstance(event.payload, pb.TokensDelta):
            assert event.payload.chunk == ""

    @override
    async def stop_inference(
        self, command: Command[pb.StopInference], session: Session, publisher: chat.ChatPublisher
    ) -> None:
        session.tasks.cancel("inference")


@final
class Live(chat.ChatUIProjectionPartial):
    @override
    def tokens_delta(
        self, event: Event[pb.TokensDelta], session: Session, view: chat.ChatTimelineView
    ) -> Iterable[chat.ChatUIEvent]:
        message = view.chat_message.get(event.payload.message_id)
        text = message.text if message is not None else ""
        yield chat.ChatUI.chat_message_appended(pb.ChatMessageUpdate(text=text))
        yield chat.ChatMessageStarted(pb.ChatMessageUpdate())


@final
class Stored(chat.ChatTimelineProjectionPartial):
    @override
    def tokens_delta(
        self, event: Event[pb.TokensDelta], session: Session, view: chat.ChatTimelineView
    ) -> list[chat.ChatEntity]:
        message = view.chat_message.get(event.payload.message_id) or pb.ChatMessage()
        message.text += event.payload.chunk
        return [chat.ChatEntities.chat_message(message), chat.ChatEntities.usage.tombstone(7)]


def shown(event: chat.ChatUIEvent) -> str:
    """Every UI event is answered, or mypy says so here."""
    match event:
        case chat.ChatMessageStarted(payload) | chat.ChatMessageAppended(payload):
            return payload.text
        case chat.ChatMessageRemoved(payload):
            return payload.message_id
        case chat.Typing():
            return "…"
        case _:
            assert_never(event)


def shown_by_name(event: chat.ChatUIEvent) -> str:
    """The name tells the payload's type as well."""
    if event.name == "ChatMessageRemoved":
        return event.payload.message_id
    return "" if event.name == "Typing" else event.payload.text


async def run() -> None:
    """Uses all that is installed."""
    async with Hub(SchemaRegistry()) as hub:
        chat.install(hub, handlers=Handlers(), ui=Live(), timeline=Stored())
        await chat.ChatClient(hub).start_inference("session-1", pb.StartInference(prompt="hi"))


async def follow(hub: Hub, client: Client) -> None:
    """What is watched has the module's types, over a Hub and over a connection."""
    for chatting in (chat.ChatClient(hub), chat.ChatClient(client)):
        async with chatting.watch("session-1") as updates:
            async for update in updates:
                match update:
                    case SnapshotUpdate(entities=entities):
                        assert_type(entities, tuple[chat.ChatEntity, ...])
                    case UIUpdate(events=events):
                        print([shown(event) for event in events])
                    case _:
                        assert_never(update)
