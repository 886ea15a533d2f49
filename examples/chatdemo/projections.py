"""What the chat's events mean: live, for pages that watch; durable, for snapshots."""

from __future__ import annotations

from collections.abc import Iterable
from typing import final

from chatdemo.v1 import chat_pb2 as pb
from chatdemo.v1.chat_sessionstream import (
    ChatEntities,
    ChatEntity,
    ChatTimelineProjection,
    ChatTimelineView,
    ChatUI,
    ChatUIEvent,
    ChatUIProjection,
)
from sessionstream import Event, Session, override

_STATUS_BY_REASON = {
    pb.STOP_REASON_REQUESTED: pb.CHAT_STATUS_STOPPED,
    pb.STOP_REASON_FAILED: pb.CHAT_STATUS_FAILED,
    pb.STOP_REASON_INTERRUPTED: pb.CHAT_STATUS_INTERRUPTED,
}


@final
class LiveMessages(ChatUIProjection):
    """What connected pages are told. A trace passes through as it is."""

    @override
    def user_message_accepted(
        self, event: Event[pb.UserMessageAccepted], session: Session, view: ChatTimelineView
    ) -> Iterable[ChatUIEvent]:
        """Shows the person's message."""
        yield ChatUI.chat_message_accepted(_whole(_accepted(event.payload)))

    @override
    def inference_started(
        self, event: Event[pb.InferenceStarted], session: Session, view: ChatTimelineView
    ) -> Iterable[ChatUIEvent]:
        """Shows an answer without text."""
        yield ChatUI.chat_message_started(_whole(_started(event.payload)))

    @override
    def tokens_delta(
        self, event: Event[pb.TokensDelta], session: Session, view: ChatTimelineView
    ) -> Iterable[ChatUIEvent]:
        """Adds the chunk, and nothing but the chunk."""
        delta = event.payload
        yield ChatUI.chat_message_appended(
            pb.ChatMessageUpdate(message_id=delta.message_id, chunk=delta.chunk)
        )

    @override
    def inference_finished(
        self, event: Event[pb.InferenceFinished], session: Session, view: ChatTimelineView
    ) -> Iterable[ChatUIEvent]:
        """Shows the answer as complete."""
        if answer := _finished(event.payload, view):
            yield ChatUI.chat_message_finished(_whole(answer))

    @override
    def inference_stopped(
        self, event: Event[pb.InferenceStopped], session: Session, view: ChatTimelineView
    ) -> Iterable[ChatUIEvent]:
        """Shows how the answer ended."""
        if answer := _stopped(event.payload, view):
            yield ChatUI.chat_message_stopped(_whole(answer))


@final
class StoredMessages(ChatTimelineProjection):
    """One entity per message, kept current."""

    @override
    def user_message_accepted(
        self, event: Event[pb.UserMessageAccepted], session: Session, view: ChatTimelineView
    ) -> Iterable[ChatEntity]:
        """Adds the person's message."""
        yield ChatEntities.chat_message(_accepted(event.payload))

    @override
    def inference_started(
        self, event: Event[pb.InferenceStarted], session: Session, view: ChatTimelineView
    ) -> Iterable[ChatEntity]:
        """Adds an answer without text."""
        yield ChatEntities.chat_message(_started(event.payload))

    @override
    def tokens_delta(
        self, event: Event[pb.TokensDelta], session: Session, view: ChatTimelineView
    ) -> Iterable[ChatEntity]:
        """Lengthens the answer."""
        if answer := view.chat_message.get(event.payload.message_id):
            answer.text += event.payload.chunk
            yield ChatEntities.chat_message(answer)

    @override
    def inference_trace(
        self, event: Event[pb.InferenceTrace], session: Session, view: ChatTimelineView
    ) -> Iterable[ChatEntity]:
        """Leaves nothing: a trace matters while it is new."""
        return ()

    @override
    def inference_finished(
        self, event: Event[pb.InferenceFinished], session: Session, view: ChatTimelineView
    ) -> Iterable[ChatEntity]:
        """Marks the answer as complete."""
        if answer := _finished(event.payload, view):
            yield ChatEntities.chat_message(answer)

    @override
    def inference_stopped(
        self, event: Event[pb.InferenceStopped], session: Session, view: ChatTimelineView
    ) -> Iterable[ChatEntity]:
        """Marks how the answer ended."""
        if answer := _stopped(event.payload, view):
            yield ChatEntities.chat_message(answer)


def _accepted(event: pb.UserMessageAccepted) -> pb.ChatMessage:
    return pb.ChatMessage(
        message_id=event.message_id,
        role=pb.CHAT_ROLE_USER,
        text=event.text,
        status=pb.CHAT_STATUS_COMPLETE,
    )


def _started(event: pb.InferenceStarted) -> pb.ChatMessage:
    return pb.ChatMessage(
        message_id=event.message_id,
        role=pb.CHAT_ROLE_ASSISTANT,
        status=pb.CHAT_STATUS_STREAMING,
    )


def _finished(event: pb.InferenceFinished, view: ChatTimelineView) -> pb.ChatMessage | None:
    if answer := view.chat_message.get(event.message_id):
        answer.status = pb.CHAT_STATUS_COMPLETE
    return answer


def _stopped(event: pb.InferenceStopped, view: ChatTimelineView) -> pb.ChatMessage | None:
    answer = view.chat_message.get(event.message_id)
    if answer is None and event.reason == pb.STOP_REASON_FAILED:
        # Its beginning could not be stored: people must see that no answer comes.
        answer = _started(pb.InferenceStarted(message_id=event.message_id))
    # Stopped before it began, or after its end: the race is lost, nothing changes.
    if answer is None or answer.status != pb.CHAT_STATUS_STREAMING:
        return None
    answer.status = _STATUS_BY_REASON.get(event.reason, pb.CHAT_STATUS_STOPPED)
    answer.detail = event.detail
    return answer


def _whole(message: pb.ChatMessage) -> pb.ChatMessageUpdate:
    return pb.ChatMessageUpdate(message_id=message.message_id, message=message)
