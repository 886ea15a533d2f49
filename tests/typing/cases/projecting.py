"""Returning from a projection what it does not project to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import final

from everything.v1 import chat_pb2 as pb
from everything.v1 import chat_sessionstream as chat
from imports.shared.v1 import common_pb2
from imports.shared.v1 import common_sessionstream as common
from passed_through.v1 import progress_pb2
from passed_through.v1 import progress_sessionstream as progress

from sessionstream import Event, Session, TimelineEntity, UIEvent, override


@final
class Live(chat.ChatUIProjectionPartial):
    @override
    def inference_started(
        self, event: Event[pb.InferenceStarted], session: Session, view: chat.ChatTimelineView
    ) -> Iterable[chat.ChatUIEvent]:
        yield progress.ProgressUI.progress(progress_pb2.Progress())
        # E: Incompatible types in "yield" (actual type "Progress", expected type "Typing |
        #    ChatMessageRemoved | ChatMessageStarted | ChatMessageAppended")  [misc]
        # P: Return type of generator function must be compatible with "Generator[Progress, Any,
        #    Any]"  [reportReturnType]
        yield chat.ChatUI.chat_message_started(pb.ChatMessage())
        # E: Argument 1 to "chat_message_started" of "ChatUI" has incompatible type "ChatMessage";
        #    expected "ChatMessageUpdate"  [arg-type]
        # P: Argument of type "ChatMessage" cannot be assigned to parameter "payload" of type
        #    "ChatMessageUpdate" in function "chat_message_started"  [reportArgumentType]
        yield UIEvent(name="ChatMessageStarted", payload=pb.ChatMessageUpdate())
        # E: Incompatible types in "yield" (actual type "UIEvent[ChatMessageUpdate]", expected type
        #    "Typing | ChatMessageRemoved | ChatMessageStarted | ChatMessageAppended")  [misc]
        # P: Return type of generator function must be compatible with
        #    "Generator[UIEvent[ChatMessageUpdate], Any, Any]"  [reportReturnType]
        yield chat.ChatEntities.usage(pb.Usage())
        # E: Incompatible types in "yield" (actual type "TimelineEntity[Usage]", expected type
        #    "Typing | ChatMessageRemoved | ChatMessageStarted | ChatMessageAppended")  [misc]
        # P: Return type of generator function must be compatible with
        #    "Generator[TimelineEntity[Usage], Any, Any]"  [reportReturnType]


@final
class Stored(chat.ChatTimelineProjectionPartial):
    @override
    def inference_started(
        self, event: Event[pb.InferenceStarted], session: Session, view: chat.ChatTimelineView
    ) -> Iterable[chat.ChatEntity]:
        yield common.CommonEntities.person(common_pb2.Person())
        # E: Incompatible types in "yield" (actual type "TimelineEntity[Person]", expected type
        #    "TimelineEntity[ChatMessage] | TimelineEntity[Usage]")  [misc]
        # P: Return type of generator function must be compatible with
        #    "Generator[TimelineEntity[Person], Any, Any]"  [reportReturnType]
        yield chat.ChatEntities.chat_message(pb.Usage())
        # E: Argument 1 to "__call__" of "EntityFactory" has incompatible type "Usage"; expected
        #    "ChatMessage"  [arg-type]
        # P: Argument of type "Usage" cannot be assigned to parameter "payload" of type
        #    "ChatMessage" in function "__call__"  [reportArgumentType]
        yield TimelineEntity(kind="Room", id="1", payload=pb.TokensDelta())
        # E: Incompatible types in "yield" (actual type "TimelineEntity[TokensDelta]", expected type
        #    "TimelineEntity[ChatMessage] | TimelineEntity[Usage]")  [misc]
        # P: Return type of generator function must be compatible with
        #    "Generator[TimelineEntity[TokensDelta], Any, Any]"  [reportReturnType]
        yield chat.ChatUI.typing(pb.Typing())
        # E: Incompatible types in "yield" (actual type "Typing", expected type
        #    "TimelineEntity[ChatMessage] | TimelineEntity[Usage]")  [misc]
        # P: Return type of generator function must be compatible with "Generator[Typing, Any, Any]"
        #    [reportReturnType]

    @override
    def tokens_delta(
        self, event: Event[pb.TokensDelta], session: Session, view: chat.ChatTimelineView
    ) -> Iterable[chat.ChatEntity]:
        message = view.chat_message.get(event.payload.message_id)
        message.text += event.payload.chunk
        # E: Item "None" of "ChatMessage | None" has no attribute "text"  [union-attr]
        # P: "text" is not a known attribute of "None"  [reportOptionalMemberAccess]
        view.chat_message.get("m-1", "m-2")
        # E: Too many arguments for "get" of "EntityView"  [call-arg]
        # P: Expected 1 positional argument  [reportCallIssue]
        view.chat_room.list()
        # E: "ChatTimelineView" has no attribute "chat_room"  [attr-defined]
        # P: Cannot access attribute "chat_room" for class "ChatTimelineView"
        #    [reportAttributeAccessIssue]
        return ()
