"""Page 4: the chat demo with its insides open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from typing import Final

from chatdemo.engine import EchoEngine
from chatdemo.handlers import Handlers
from chatdemo.projections import LiveMessages, StoredMessages
from chatdemo.v1 import chat_pb2 as chat_pb
from chatdemo.v1 import chat_sessionstream as chat
from google.protobuf.message import Message

from sessionstream import Hub, SchemaRegistry, StoredEvent, override
from sessionstream.hydration.memory import MemoryStore
from sessionstream.transport.rooms import Rooms
from sessionstream.transport.settings import TransportSettings
from systemlab.asking import Asked
from systemlab.board import Told, log_of
from systemlab.checking import JSON, Check, check
from systemlab.exercise import Action, Exercise, Page
from systemlab.showing import event_json, snapshot_json, ui_event_json

SESSION: Final = "chat"
# Slow enough to be stopped by hand.
_PACE: Final = 0.15


class ChatExercise(Exercise):
    """The demo's handlers and projections over a store in memory."""

    @override
    async def open(self) -> None:
        """Opens the Hub and the rooms that the page's WebSocket reaches."""
        registry = SchemaRegistry()
        chat.register_schemas(registry)
        self._store = await self.stack.enter_async_context(MemoryStore())
        hub = Hub(registry, store=self._store, observers=[self.recorder])
        self._hub = await self.stack.enter_async_context(hub)
        handlers = Handlers(EchoEngine(pace=_PACE), repeat(1.0))
        self.stack.callback(handlers.shut_down)
        chat.install(self._hub, handlers=handlers, ui=LiveMessages(), timeline=StoredMessages())
        self._told = Told()
        self._hub.add_fanout(self._told)
        settings = TransportSettings(drain_seconds=0)
        self.rooms = await self.stack.enter_async_context(Rooms(self._hub, settings))

    @property
    @override
    def actions(self) -> Mapping[str, Action]:
        """Shows the insides, and holds what the page shows against them."""
        return {"check": self._check}

    async def _check(self, asked: Asked) -> dict[str, JSON]:
        shown = asked.objects("messages", most=1000)
        await self._told.catch_up(self._hub, SESSION)
        log = await log_of(self._store, SESSION)
        snapshot = await self._hub.snapshot(SESSION)
        kept = [entity.payload for entity in snapshot.entities]
        messages = [each for each in kept if isinstance(each, chat_pb.ChatMessage)]
        return {
            "events": [event_json(event) for event in log],
            "uiEvents": [ui_event_json(*each) for each in self._told.of(SESSION)],
            "timeline": snapshot_json(snapshot),
            "checks": [each.as_json() for each in checks(log, messages, shown)],
        }


def checks(
    log: Sequence[StoredEvent],
    messages: Sequence[chat_pb.ChatMessage],
    shown: Sequence[Mapping[str, JSON]],
) -> list[Check]:
    """Holds the timeline against the log, and the page against the timeline.

    While an answer is being written the page may be a piece ahead or behind, so such
    answers are left out.
    """
    gaps = [
        f"place {place} has ordinal {event.ordinal}"
        for place, event in enumerate(log, 1)
        if event.ordinal != place
    ]
    texts = _texts(getattr(event, "payload", None) for event in log)
    unlike = [
        f"{message.message_id}: the log gives {texts.get(message.message_id)!r},"
        f" the timeline has {message.text!r}"
        for message in messages
        if message.status != chat_pb.CHAT_STATUS_STREAMING
        and texts.get(message.message_id) != message.text
    ]
    page = {str(each.get("id")): each for each in shown}
    ended = [each for each in messages if each.status != chat_pb.CHAT_STATUS_STREAMING]
    differing = [
        f"{each.message_id}: the timeline has {_told(each)}, the page {told}"
        for each in ended
        for told in [_told_by(page, each)]
        if told != _told(each)
    ]
    known = {each.message_id for each in messages}
    differing += [f"{one}: only the page has it" for one in sorted(page.keys() - known)]
    return [
        check("The events have the ordinals 1, 2, 3 …", gaps, len(log), "events"),
        check("The timeline is the fold of the log", unlike, len(ended), "messages"),
        check("The page shows what the timeline holds", differing, len(ended), "messages"),
        _stopped(log, messages),
    ]


def _stopped(log: Sequence[StoredEvent], messages: Sequence[chat_pb.ChatMessage]) -> Check:
    asked = {
        payload.message_id
        for event in log
        for payload in [getattr(event, "payload", None)]
        if isinstance(payload, chat_pb.InferenceStopped)
        and payload.reason == chat_pb.STOP_REASON_REQUESTED
    }
    status = {message.message_id: message.status for message in messages}
    wrong = [
        f"{one} has the status {chat_pb.ChatStatus.Name(status[one])}"
        for one in sorted(asked)
        if status[one] != chat_pb.CHAT_STATUS_STOPPED
    ]
    return check("An answer that was stopped ends as stopped", wrong, len(asked), "stopped answers")


def _texts(payloads: Iterable[Message | None]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for payload in payloads:
        match payload:
            case chat_pb.UserMessageAccepted():
                texts[payload.message_id] = payload.text
            case chat_pb.InferenceStarted():
                texts[payload.message_id] = ""
            case chat_pb.TokensDelta():
                texts[payload.message_id] = texts.get(payload.message_id, "") + payload.chunk
            case _:
                pass
    return texts


def _told(message: chat_pb.ChatMessage) -> str:
    status = chat_pb.ChatStatus.Name(message.status).removeprefix("CHAT_STATUS_").lower()
    return f"{message.text!r} ({status})"


def _told_by(page: Mapping[str, Mapping[str, JSON]], message: chat_pb.ChatMessage) -> str:
    shown = page.get(message.message_id)
    return "nothing" if shown is None else f"{shown.get('text')!r} ({shown.get('status')})"


CHAT: Final = Page(
    slug="chat",
    number=4,
    title="Chat",
    summary="The chat demo with its insides open: a streamed answer, and how to stop it.",
    exercise=ChatExercise,
    faults={"dropped-chunks": "The page forgets every fourth piece of an answer."},
)
