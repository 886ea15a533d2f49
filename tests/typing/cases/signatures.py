"""Projection methods of another shape than the generated ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import final

from everything.v1 import chat_pb2 as pb
from everything.v1 import chat_sessionstream as chat
from everything.v1.chat_sessionstream import ChatTimelineView as View
from imports.shared.v1.common_sessionstream import CommonTimelineView as OtherView

from sessionstream import Event, Session, override

# Short: a signature stands on one line, where both type checkers tell of it.
Started = Event[pb.InferenceStarted]
Delta = Event[pb.TokensDelta]
Removed = Event[pb.MessageRemoved]
UIEvents = Iterable[chat.ChatUIEvent]
Entities = Iterable[chat.ChatEntity]


@final
class Takes(chat.ChatUIProjectionPartial):
    """Another event; the view of another module; the event alone."""

    @override
    def tokens_delta(self, event: Started, session: Session, view: View) -> UIEvents:
        # E: Argument 1 of "tokens_delta" is incompatible with supertype
        #    "everything.v1.chat_sessionstream.ChatUIProjectionPartial"; supertype defines the
        #    argument type as "Event[TokensDelta]"  [override]
        # E: Argument 1 of "tokens_delta" is incompatible with supertype
        #    "everything.v1.chat_sessionstream.ChatUIProjection"; supertype defines the argument
        #    type as "Event[TokensDelta]"  [override]
        # P: Method "tokens_delta" overrides class "ChatUIProjectionPartial" in an incompatible
        #    manner  [reportIncompatibleMethodOverride, standard]
        return ()

    @override
    def inference_started(self, event: Started, session: Session, view: OtherView) -> UIEvents:
        # E: Argument 3 of "inference_started" is incompatible with supertype
        #    "everything.v1.chat_sessionstream.ChatUIProjectionPartial"; supertype defines the
        #    argument type as "ChatTimelineView"  [override]
        # E: Argument 3 of "inference_started" is incompatible with supertype
        #    "everything.v1.chat_sessionstream.ChatUIProjection"; supertype defines the argument
        #    type as "ChatTimelineView"  [override]
        # P: Method "inference_started" overrides class "ChatUIProjectionPartial" in an incompatible
        #    manner  [reportIncompatibleMethodOverride, standard]
        return ()

    @override
    def message_removed(self, event: Removed) -> UIEvents:
        # E: Signature of "message_removed" incompatible with supertype
        #    "everything.v1.chat_sessionstream.ChatUIProjection"  [override]
        # P: Method "message_removed" overrides class "ChatUIProjection" in an incompatible manner
        #    [reportIncompatibleMethodOverride, standard]
        return ()


@final
class Gives(chat.ChatUIProjectionPartial):
    """What the other projection gives; a coroutine; one UI event where many are wanted."""

    @override
    def tokens_delta(self, event: Delta, session: Session, view: View) -> Entities:
        # E: Return type "Iterable[TimelineEntity[ChatMessage] | TimelineEntity[Usage]]" of
        #    "tokens_delta" incompatible with return type "Iterable[Typing | ChatMessageRemoved |
        #    ChatMessageStarted | ChatMessageAppended]" in supertype
        #    "everything.v1.chat_sessionstream.ChatUIProjectionPartial"  [override]
        # E: Return type "Iterable[TimelineEntity[ChatMessage] | TimelineEntity[Usage]]" of
        #    "tokens_delta" incompatible with return type "Iterable[Typing | ChatMessageRemoved |
        #    ChatMessageStarted | ChatMessageAppended]" in supertype
        #    "everything.v1.chat_sessionstream.ChatUIProjection"  [override]
        # P: Method "tokens_delta" overrides class "ChatUIProjectionPartial" in an incompatible
        #    manner  [reportIncompatibleMethodOverride, standard]
        return ()

    @override
    async def message_removed(self, event: Removed, session: Session, view: View) -> UIEvents:
        # E: Return type "Coroutine[Any, Any, Iterable[Typing | ChatMessageRemoved |
        #    ChatMessageStarted | ChatMessageAppended]]" of "message_removed" incompatible with
        #    return type "Iterable[Typing | ChatMessageRemoved | ChatMessageStarted |
        #    ChatMessageAppended]" in supertype "everything.v1.chat_sessionstream.ChatUIProjection"
        #    [override]
        # P: Method "message_removed" overrides class "ChatUIProjection" in an incompatible manner
        #    [reportIncompatibleMethodOverride, standard]
        return ()

    @override
    def typing(self, event: Event[pb.Typing], session: Session, view: View) -> UIEvents:
        return chat.ChatUI.typing(event.payload)
        # E: Incompatible return value type (got "Typing", expected "Iterable[Typing |
        #    ChatMessageRemoved | ChatMessageStarted | ChatMessageAppended]")  [return-value]
        # P: Type "Typing" is not assignable to return type "UIEvents"  [reportReturnType]


@final
class Stored(chat.ChatTimelineProjectionPartial):
    """Gives a payload for an entity; an entity beside a yield; nothing, not even ()."""

    @override
    def inference_started(self, event: Started, session: Session, view: View) -> Entities:
        return [pb.ChatMessage(message_id=event.payload.message_id)]
        # E: List item 0 has incompatible type "ChatMessage"; expected "TimelineEntity[ChatMessage]
        #    | TimelineEntity[Usage]"  [list-item]
        # P: Type "list[ChatMessage]" is not assignable to return type "Entities"
        #    [reportReturnType]

    @override
    def tokens_delta(self, event: Delta, session: Session, view: View) -> Entities:
        if event.payload.chunk:
            yield chat.ChatEntities.chat_message(pb.ChatMessage(message_id="m-1"))
        return chat.ChatEntities.usage(pb.Usage(day=1))
        # E: No return value expected  [return-value]
        # P: nothing; to pyright any generator may return a value

    @override
    def message_removed(self, event: Removed, session: Session, view: View) -> Entities:
        # E: Missing return statement  [empty-body]
        # P: Function with declared return type "Entities" must return value on all code paths
        #    [reportReturnType]
        """Ends here."""
