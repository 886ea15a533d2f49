"""What is installed, and the events that reach nobody."""

from collections.abc import Iterable

from chatdemo.v1 import chat_pb2 as pb
from chatdemo.v1 import chat_sessionstream as chat
from chatdemo.v1.chat_sessionstream import (
    ChatEntity,
    ChatHandlers,
    ChatTimelineProjection,
    ChatTimelineProjectionPartial,
    ChatTimelineView,
    ChatUIEvent,
    ChatUIProjection,
    ChatUIProjectionPartial,
)
from chatdemo.v1.chat_sessionstream import install as set_up
from sessionstream import Event, Hub, Session, override


class Live(ChatUIProjectionPartial):
    @override
    def inference_started(
        self, event: Event[pb.InferenceStarted], session: Session, view: ChatTimelineView
    ) -> Iterable[ChatUIEvent]:
        return ()


class Stored(ChatTimelineProjectionPartial):
    @override
    def tokens_delta(
        self, event: Event[pb.TokensDelta], session: Session, view: ChatTimelineView
    ) -> Iterable[ChatEntity]:
        return ()


class More(Stored):
    pass


def some(hub: Hub, handlers: ChatHandlers) -> None:
    chat.install(hub, handlers=handlers, ui=Live(), timeline=More())  # E: SV202 with inference_finished, inference_stopped, user_message_accepted: nobody, SV203 clients are shown inference_started, inference_trace, but


def one(hub: Hub, handlers: ChatHandlers, timeline: ChatTimelineProjection) -> None:
    set_up(hub, handlers=handlers, timeline=timeline)
    set_up(hub, handlers=handlers, timeline=Stored())  # E: SV202


def none(hub: Hub, handlers: ChatHandlers) -> None:
    chat.install(hub, handlers=handlers)  # E: SV202
    chat.install(hub, handlers=handlers, ui=None)  # E: SV202


def any_of_them(
    hub: Hub, handlers: ChatHandlers, ui: ChatUIProjection, timeline: ChatTimelineProjection | None
) -> None:
    chat.install(hub, handlers=handlers, ui=ui, timeline=timeline)
