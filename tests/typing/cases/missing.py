"""Classes that were complete before a command, or an event, was added to the .proto."""

from __future__ import annotations

from collections.abc import Iterable
from typing import final

from everything.v1 import chat_pb2 as pb
from everything.v1 import chat_sessionstream as chat

from sessionstream import Command, Event, Hub, Session, override


@final
class Handlers(chat.ChatHandlers):
    # E: Final class missing.Handlers has abstract attributes "stop_inference"  [misc]
    # P: Class "Handlers" is marked final and must implement all abstract symbols
    #    [reportGeneralTypeIssues]
    @override
    async def start_inference(
        self, command: Command[pb.StartInference], session: Session, publisher: chat.ChatPublisher
    ) -> None:
        await publisher.tokens_delta(pb.TokensDelta())


@final
class Live(chat.ChatUIProjection):
    # E: Final class missing.Live has abstract attributes "inference_started"  [misc]
    # P: Class "Live" is marked final and must implement all abstract symbols
    #    [reportGeneralTypeIssues]
    @override
    def tokens_delta(
        self, event: Event[pb.TokensDelta], session: Session, view: chat.ChatTimelineView
    ) -> Iterable[chat.ChatUIEvent]:
        return ()


@final
class Stored(chat.ChatTimelineProjection):
    # E: Final class missing.Stored has abstract attributes "message_removed", "tokens_delta"
    #    [misc]
    # P: Class "Stored" is marked final and must implement all abstract symbols
    #    [reportGeneralTypeIssues]
    @override
    def inference_started(
        self, event: Event[pb.InferenceStarted], session: Session, view: chat.ChatTimelineView
    ) -> Iterable[chat.ChatEntity]:
        return ()


class NotFinal(chat.ChatHandlers):
    """Without @final it is told where the class is used."""


def install(hub: Hub) -> None:
    chat.install(hub, handlers=NotFinal())
    # E: Cannot instantiate abstract class "NotFinal" with abstract attributes "start_inference" and
    #    "stop_inference"  [abstract]
    # P: Cannot instantiate abstract class "NotFinal"  [reportAbstractUsage]
    chat.install(hub, ui=Live())
    # E: Missing named argument "handlers" for "install"  [call-arg]
    # E: Cannot instantiate abstract class "Live" with abstract attribute "inference_started"
    #    [abstract]
    # P: Argument missing for parameter "handlers"  [reportCallIssue]
    # P: Cannot instantiate abstract class "Live"  [reportAbstractUsage]
