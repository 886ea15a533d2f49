"""Methods whose command, or event, was removed from the .proto."""

from __future__ import annotations

from collections.abc import Iterable
from typing import final

from everything.v1 import chat_pb2 as pb
from everything.v1 import chat_sessionstream as chat

from sessionstream import Command, Event, Session, override


class Handlers(chat.ChatHandlers):
    @override
    async def pause_inference(
        # E: Method "pause_inference" is marked as an override, but no base method was found with
        #    this name  [misc]
        self,
        command: Command[pb.StopInference],
        session: Session,
        publisher: chat.ChatPublisher,
    ) -> None:
        """Its command is gone."""


@final
class Live(chat.ChatUIProjectionPartial):
    @override
    def inference_paused(
        # E: Method "inference_paused" is marked as an override, but no base method was found with
        #    this name  [misc]
        self,
        event: Event[pb.TokensDelta],
        session: Session,
        view: chat.ChatTimelineView,
    ) -> Iterable[chat.ChatUIEvent]:
        return ()


@final
class Stored(chat.ChatTimelineProjectionPartial):
    @override
    def typing(
        # E: Method "typing" is marked as an override, but no base method was found with this name
        #    [misc]
        self,
        event: Event[pb.Typing],
        session: Session,
        view: chat.ChatTimelineView,
    ) -> Iterable[chat.ChatEntity]:
        """It became ephemeral: the timeline does not see it any more."""
        return ()
