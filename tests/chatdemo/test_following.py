"""What the README says of watching a session, over a Hub and over a connection to one."""

from __future__ import annotations

from dataclasses import dataclass, field

from chatdemo.v1 import chat_pb2 as pb
from chatdemo.v1.chat_sessionstream import ChatClient, ChatMessageAppended, ChatUIEvent

from sessionstream import Hub, SessionClient, SnapshotUpdate, UIUpdate
from sessionstream.client import connect
from sessionstream.transport.ws import serve
from tests.chatdemo.helpers import ChatScenario


@dataclass
class Page:
    """What somebody sees."""

    messages: dict[str, str] = field(default_factory=dict)

    def show_all(self, messages: dict[str, str]) -> None:
        self.messages = messages

    def show(self, ui_event: ChatUIEvent) -> None:
        if isinstance(ui_event, ChatMessageAppended):
            self.messages[ui_event.payload.message_id] += ui_event.payload.chunk


async def follow(client: SessionClient, page: Page, end: str) -> None:
    chat = ChatClient(client)
    async with chat.watch("session-1") as updates:
        async for update in updates:
            match update:
                case SnapshotUpdate(entities=entities):
                    page.show_all({each.id: each.payload.text for each in entities if each.payload})
                case UIUpdate(events=events):
                    for ui_event in events:
                        page.show(ui_event)
            if end in page.messages.values():
                return


async def begin(hub: Hub) -> None:
    await hub.publish("session-1", "ChatInferenceStarted", pb.InferenceStarted(message_id="a"))
    await grow(hub, "Good ")


async def grow(hub: Hub, chunk: str) -> None:
    delta = pb.TokensDelta(message_id="a", chunk=chunk)
    await hub.publish("session-1", "ChatTokensDelta", delta)


class TestFollowing:
    async def test_shows_what_is_there_and_what_comes(self, chat: ChatScenario) -> None:
        await begin(chat.hub)
        async with serve(chat.hub) as server, connect(server.url, chat.hub.registry) as client:
            for each in (chat.hub, client):
                page = Page()
                await follow(each, page, "Good ")
                assert page.messages == {"a": "Good "}
            await grow(chat.hub, "morning")
            page = Page()
            await follow(client, page, "Good morning")
            assert page.messages == {"a": "Good morning"}
