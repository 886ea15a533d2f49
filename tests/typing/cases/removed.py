"""What was removed from the .proto: messages, and fields of them."""

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
        # P: Method "pause_inference" is marked as override, but no base method of same name is
        #    present  [reportGeneralTypeIssues]
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
        # P: Method "inference_paused" is marked as override, but no base method of same name is
        #    present  [reportGeneralTypeIssues]
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
        # P: Method "typing" is marked as override, but no base method of same name is present
        #    [reportGeneralTypeIssues]
        self,
        event: Event[pb.Typing],
        session: Session,
        view: chat.ChatTimelineView,
    ) -> Iterable[chat.ChatEntity]:
        """It became ephemeral: the timeline does not see it any more."""
        return ()


async def use(client: chat.ChatClient, view: chat.ChatTimelineView) -> None:
    await client.pause_inference("session-1", pb.StopInference())
    # E: "ChatClient" has no attribute "pause_inference"; maybe "stop_inference"?  [attr-defined]
    # P: Cannot access attribute "pause_inference" for class "ChatClient"
    #    [reportAttributeAccessIssue]
    chat.ChatUI.chat_message_paused(pb.ChatMessageUpdate())
    # E: "type[ChatUI]" has no attribute "chat_message_paused"  [attr-defined]
    # P: Cannot access attribute "chat_message_paused" for class "type[ChatUI]"
    #    [reportAttributeAccessIssue]
    chat.ChatEntities.room(pb.ChatMessage())
    # E: "type[ChatEntities]" has no attribute "room"  [attr-defined]
    # P: Cannot access attribute "room" for class "type[ChatEntities]"  [reportAttributeAccessIssue]
    print(chat.PAUSE_INFERENCE, pb.PauseInference(), view.usage.list()[0].cost)
    # E: Module has no attribute "PAUSE_INFERENCE"; maybe "STOP_INFERENCE"?  [attr-defined]
    # E: Module has no attribute "PauseInference"  [attr-defined]
    # E: "Usage" has no attribute "cost"  [attr-defined]
    # P: "PAUSE_INFERENCE" is not a known attribute of module "everything.v1.chat_sessionstream"
    #    [reportAttributeAccessIssue]
    # P: "PauseInference" is not a known attribute of module "everything.v1.chat_pb2"
    #    [reportAttributeAccessIssue]
    # P: Cannot access attribute "cost" for class "Usage"  [reportAttributeAccessIssue]
