"""Handlers that take, or give, what is not theirs."""

from __future__ import annotations

from typing import final

from everything.v1 import chat_pb2 as pb
from everything.v1.chat_sessionstream import ChatHandlers
from everything.v1.chat_sessionstream import ChatPublisher as Publisher
from passed_through.v1.progress_sessionstream import ProgressPublisher as Other

from sessionstream import Command, Session, override

# Short: a signature stands on one line, where both type checkers tell of it.
Start = Command[pb.StartInference]
Stop = Command[pb.StopInference]


@final
class Takes(ChatHandlers):
    """The command of another method; the publisher of another module."""

    @override
    async def start_inference(self, command: Stop, session: Session, publisher: Publisher) -> None:
        # E: Argument 1 of "start_inference" is incompatible with supertype
        #    "everything.v1.chat_sessionstream.ChatHandlers"; supertype defines the argument type as
        #    "Command[StartInference]"  [override]
        # P: Method "start_inference" overrides class "ChatHandlers" in an incompatible manner
        #    [reportIncompatibleMethodOverride, standard]
        """Does nothing."""

    @override
    async def stop_inference(self, command: Stop, session: Session, publisher: Other) -> None:
        # E: Argument 3 of "stop_inference" is incompatible with supertype
        #    "everything.v1.chat_sessionstream.ChatHandlers"; supertype defines the argument type as
        #    "ChatPublisher"  [override]
        # P: Method "stop_inference" overrides class "ChatHandlers" in an incompatible manner
        #    [reportIncompatibleMethodOverride, standard]
        """Does nothing."""


@final
class Lacks(ChatHandlers):
    """An `async`; a publisher."""

    @override
    def start_inference(self, command: Start, session: Session, publisher: Publisher) -> None:
        # E: Return type "None" of "start_inference" incompatible with return type "Coroutine[Any,
        #    Any, None]" in supertype "everything.v1.chat_sessionstream.ChatHandlers"  [override]
        # P: Method "start_inference" overrides class "ChatHandlers" in an incompatible manner
        #    [reportIncompatibleMethodOverride, standard]
        """Does nothing."""

    @override
    async def stop_inference(self, command: Stop, session: Session) -> None:
        # E: Signature of "stop_inference" incompatible with supertype
        #    "everything.v1.chat_sessionstream.ChatHandlers"  [override]
        # P: Method "stop_inference" overrides class "ChatHandlers" in an incompatible manner
        #    [reportIncompatibleMethodOverride, standard]
        """Does nothing."""


@final
class Uses(ChatHandlers):
    @override
    async def start_inference(self, command: Start, session: Session, publisher: Publisher) -> None:
        command.payload = pb.StartInference()
        # E: Property "payload" defined in "Command" is read-only  [misc]
        # P: Cannot assign to attribute "payload" for class "Start"  [reportAttributeAccessIssue]
        await publisher.tokens_delta(pb.TokensDelta(chunk=command.payload.text))
        # E: "StartInference" has no attribute "text"  [attr-defined]
        # P: Cannot access attribute "text" for class "StartInference"  [reportAttributeAccessIssue]
        session.tasks.start("inference", self._answer)
        # E: Argument 2 to "start" of "SessionTasks" has incompatible type "Callable[[],
        #    Coroutine[Any, Any, None]]"; expected "Coroutine[object, object, None]"  [arg-type]
        # P: Argument of type "() -> CoroutineType[Any, Any, None]" cannot be assigned to parameter
        #    "coroutine" of type "Coroutine[object, object, None]" in function "start"
        #    [reportArgumentType]

    @override
    async def stop_inference(self, command: Stop, session: Session, publisher: Publisher) -> None:
        await publisher.typing(command.payload)
        # E: Argument 1 to "typing" of "ChatPublisher" has incompatible type "StopInference";
        #    expected "Typing"  [arg-type]
        # P: Argument of type "StopInference" cannot be assigned to parameter "payload" of type
        #    "Typing" in function "typing"  [reportArgumentType]

    async def _answer(self) -> None:
        """A coroutine function is no coroutine."""
