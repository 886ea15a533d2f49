"""The commands of one client, without I/O: what it asks for, and what it is told about it.

    input                  acknowledgement             what it waits for next
    command, refused here  REJECTED                    nothing
      or unreadable
    command, else          none: Run                   a receipt
    refused (by a hook,    REJECTED                    nothing
      or not taken in)
    received               ACCEPTED, DUPLICATE         its end
    received               CONFLICT                    nothing
    ended                  COMPLETED, FAILED           nothing

A command is looked at in this order: the rate, the session id, the command id,
the name, the payload, how many of this connection wait already.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from google.protobuf.message import DecodeError, Message

from sessionstream.errors import SessionIdError, UnknownNameError
from sessionstream.hydration.base import CommandRecord, CommandStatus
from sessionstream.records import TransportEvent
from sessionstream.transport.actions import Action, Answer, Report, Run
from sessionstream.transport.client_frames import MAX_ID_LENGTH
from sessionstream.transport.codes import ErrorCode
from sessionstream.transport.dialects import Dialect
from sessionstream.transport.limits import TokenBucket
from sessionstream.transport.readings import Receipt, Verdict
from sessionstream.transport.settings import TransportSettings
from sessionstream.types import check_session_id
from sessionstream.v1 import transport_pb2 as pb

MessageTypeOf: TypeAlias = Callable[[str], type[Message]]
"""Gives a command's message type, or raises `UnknownNameError`."""

_VERDICTS = {
    Verdict.ACCEPTED: pb.CommandAckFrame.ACCEPTED,
    Verdict.DUPLICATE: pb.CommandAckFrame.DUPLICATE,
    Verdict.CONFLICT: pb.CommandAckFrame.CONFLICT,
}
_MOVED_ON = "the session has moved on: its last event is another than expected"


class _RefusedError(Exception):
    """A command is not run. It ends where it is made an acknowledgement."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message


class Commands:
    """Answers the commands of one connection."""

    def __init__(
        self, dialect: Dialect, settings: TransportSettings, message_type_of: MessageTypeOf
    ) -> None:
        self._dialect = dialect
        self._message_type_of = message_type_of
        self._most_pending = settings.max_pending_commands
        self._bucket = TokenBucket(settings.commands_per_second, settings.command_burst)
        self._pending = 0

    def take(
        self, request: pb.CommandRequest, now: float, *, is_authenticated: bool, fault: str = ""
    ) -> list[Action]:
        """Takes a command that a client asks for.

        Args:
            request: The command.
            now: The time, monotonic, in seconds.
            is_authenticated: Whether the client has shown who it is.
            fault: Why the command can't be read: there is no more of it than its ids.
        """
        if not is_authenticated:
            return self._rejected(request, ErrorCode.UNAUTHENTICATED, "authenticate first")
        try:
            self._limit(now)
            run = self._checked(request, fault)
        except _RefusedError as refused:
            return self._rejected(request, refused.code, refused.message)
        self._pending += 1
        return [run]

    def _limit(self, now: float) -> None:
        if not self._bucket.take(now):
            seconds = self._bucket.wait(now)
            message = f"too many commands; the next one may come in {seconds:.3g} s"
            raise _RefusedError(ErrorCode.RATE_LIMITED, message)

    def _checked(self, request: pb.CommandRequest, fault: str) -> Run:
        if fault:
            raise _RefusedError(ErrorCode.BAD_PAYLOAD, fault)
        try:
            session_id = check_session_id(request.session_id)
        except SessionIdError as error:
            raise _RefusedError(ErrorCode.PROTOCOL_ERROR, str(error)) from error
        if not 0 < len(request.command_id) <= MAX_ID_LENGTH:
            message = f"a command needs a commandId of 1 to {MAX_ID_LENGTH} characters"
            raise _RefusedError(ErrorCode.PROTOCOL_ERROR, message)
        payload = self._payload(request)
        if self._pending >= self._most_pending:
            message = f"{self._pending} commands of this connection have not ended yet"
            raise _RefusedError(ErrorCode.RATE_LIMITED, message)
        has_expected = request.HasField("expected_ordinal")
        return Run(
            request_id=request.request_id,
            command_id=request.command_id,
            session_id=session_id,
            name=request.name,
            payload=payload,
            expected_ordinal=request.expected_ordinal if has_expected else None,
        )

    def _payload(self, request: pb.CommandRequest) -> Message:
        try:
            message_type = self._message_type_of(request.name)
        except UnknownNameError as error:  # its text tells all the names that there are
            code, message = ErrorCode.UNKNOWN_COMMAND, f"there is no command {request.name[:80]!r}"
            raise _RefusedError(code, message) from error
        wanted = message_type.DESCRIPTOR.full_name
        if not request.HasField("payload"):
            raise _RefusedError(ErrorCode.BAD_PAYLOAD, f"the payload is missing: a {wanted}")
        given = request.payload.TypeName()
        if given != wanted:
            message = f"{request.name} takes {wanted}; got {given[:80]!r}"
            raise _RefusedError(ErrorCode.BAD_PAYLOAD, message)
        try:
            return message_type.FromString(request.payload.value)
        except DecodeError as error:
            raise _RefusedError(ErrorCode.BAD_PAYLOAD, f"the payload is no {wanted}") from error

    def refused(self, run: Run, code: ErrorCode, message: str) -> list[Action]:
        """Takes note that the command is not run."""
        self._pending -= 1
        return self._rejected(run, code, message)

    def received(self, run: Run, receipt: Receipt) -> list[Action]:
        """Takes note of the answer to the command."""
        ack = _ack(run, _VERDICTS[receipt.verdict])
        ack.head_ordinal = receipt.head
        if receipt.outcome is None:
            self._pending -= 1
        if receipt.verdict is Verdict.CONFLICT:
            ack.code, ack.message = ErrorCode.CONFLICT.value, _MOVED_ON
        return [self._answer(ack)]

    def ended(self, run: Run, record: CommandRecord) -> list[Action]:
        """Takes note of how the command ended."""
        self._pending -= 1
        is_completed = record.status is CommandStatus.COMPLETED
        status = pb.CommandAckFrame.COMPLETED if is_completed else pb.CommandAckFrame.FAILED
        ack = _ack(run, status)
        ack.code, ack.message, ack.head_ordinal = record.code, record.message, record.ordinal
        return [self._answer(ack)]

    def _rejected(
        self, asked: pb.CommandRequest | Run, code: ErrorCode, message: str
    ) -> list[Action]:
        ack = _ack(asked, pb.CommandAckFrame.REJECTED)
        ack.code, ack.message = code.value, message
        rejected = Report(TransportEvent.FRAME_REJECTED, ack.session_id, code.value)
        return [self._answer(ack), rejected]

    def _answer(self, ack: pb.CommandAckFrame) -> Answer:
        return Answer(self._dialect.encode(pb.ServerFrame(command_ack=ack)))


def _ack(
    asked: pb.CommandRequest | Run, status: pb.CommandAckFrame.Status.ValueType
) -> pb.CommandAckFrame:
    # What a client gets back is what it sent, within reason.
    return pb.CommandAckFrame(
        request_id=asked.request_id,
        command_id=asked.command_id[:MAX_ID_LENGTH],
        session_id=asked.session_id[:MAX_ID_LENGTH],
        status=status,
    )
