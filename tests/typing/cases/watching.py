"""Watching a session with what is not the module's."""

from __future__ import annotations

from everything.v1 import chat_pb2 as pb
from everything.v1 import chat_sessionstream as chat
from passed_through.v1 import progress_sessionstream as progress

from sessionstream import SnapshotUpdate, UIUpdate


async def another_module(client: chat.ChatClient) -> None:
    async with client.watch("session-1") as updates:
        async for update in updates:
            if isinstance(update, UIUpdate):
                events: tuple[progress.ProgressUIEvent, ...] = update.events
                # E: Incompatible types in assignment (expression has type "tuple[Typing |
                #    ChatMessageRemoved | ChatMessageStarted | ChatMessageAppended, ...]", variable
                #    has type "tuple[Progress, ...]")  [assignment]
                # P: Type "tuple[ChatUIEvent, ...]" is not assignable to declared type
                #    "tuple[ProgressUIEvent, ...]"  [reportAssignmentType]
                assert events


async def another_payload(client: chat.ChatClient) -> None:
    async with client.watch("session-1") as updates:
        async for update in updates:
            if isinstance(update, SnapshotUpdate):
                payloads: list[pb.ChatMessageUpdate] = [each.payload for each in update.entities]
                # E: List comprehension has incompatible type List[ChatMessage | Usage | None];
                #    expected List[ChatMessageUpdate]  [misc]
                # P: Type "list[ChatMessage | Usage | None]" is not assignable to declared type
                #    "list[ChatMessageUpdate]"  [reportAssignmentType]
                assert payloads


def an_ordinal_alone(client: chat.ChatClient) -> None:
    client.watch("session-1", since=3)
    # E: Argument "since" to "watch" of "ChatClient" has incompatible type "int"; expected
    #    "ResumePoint | None"  [arg-type]
    # P: Argument of type "Literal[3]" cannot be assigned to parameter "since" of type "ResumePoint
    #    | None" in function "watch"  [reportArgumentType]
