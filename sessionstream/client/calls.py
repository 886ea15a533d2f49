"""Commands on their way, without I/O.

A call is sent on every connection until its outcome is known, always with the
same command id: the server runs it once.

    answer                          what becomes of the call
    ACCEPTED, DUPLICATE             waits for its outcome
    COMPLETED                       done
    FAILED                          CommandFailedError
    CONFLICT                        CommandConflictError
    REJECTED unavailable, while     waits for the next connection
      the server is leaving
    REJECTED unauthenticated        waits until the client is authenticated again
    REJECTED unavailable or         sent again after a while: it may have been run
      rate_limited, sent before
    REJECTED                        CommandRejectedError
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from google.protobuf.message import Message

from sessionstream.client.errors import (
    ClientError,
    CommandConflictError,
    CommandFailedError,
    CommandRejectedError,
)
from sessionstream.v1 import transport_pb2 as pb

_Ack = pb.CommandAckFrame
_TEMPORARY: Final = frozenset({"unavailable", "rate_limited"})
_ON_THE_WAY: Final = frozenset({_Ack.ACCEPTED, _Ack.DUPLICATE})


@dataclass(slots=True, eq=False)
class Call:
    """A command, and its outcome once that is known: ``error`` is None where it was completed.

    ``sends`` says how often it was sent. With ``waits_for_token`` the server
    has refused it until the client is authenticated again.
    """

    request: pb.CommandRequest
    sends: int = field(default=0, init=False)
    is_settled: bool = field(default=False, init=False)
    waits_for_token: bool = field(default=False, init=False)
    error: ClientError | None = field(default=None, init=False)

    @property
    def frame(self) -> pb.ClientFrame:
        """The frame that asks for it."""
        return pb.ClientFrame(command=self.request)

    def settle(self, error: ClientError | None) -> None:
        """Sets the outcome."""
        self.error = error
        self.is_settled = True

    def reject(self, code: str, message: str) -> None:
        """Sets the outcome: it was not run."""
        request = self.request
        self.settle(CommandRejectedError(request.session_id, request.name, code, message))


class Calls:
    """The calls without an outcome, in the order in which they were made."""

    def __init__(self) -> None:
        self._open: dict[str, Call] = {}
        self._made = 0

    def make(
        self,
        session_id: str,
        name: str,
        payload: Message,
        command_id: str | None,
        expected_ordinal: int | None,
    ) -> Call:
        """Returns a new call; without a command id it gets one of its own."""
        self._made += 1
        request = pb.CommandRequest(
            request_id=str(self._made),
            command_id=uuid.uuid4().hex if command_id is None else command_id,
            session_id=session_id,
            name=name,
            expected_ordinal=expected_ordinal,
        )
        request.payload.Pack(payload, deterministic=True)
        call = self._open[request.request_id] = Call(request)
        return call

    def __iter__(self) -> Iterator[Call]:
        return iter(list(self._open.values()))

    def forget(self, call: Call) -> None:
        """Drops a call that nobody waits for any more."""
        self._open.pop(call.request.request_id, None)

    def acknowledged(self, ack: pb.CommandAckFrame, *, is_leaving: bool) -> Call | None:
        """Takes an answer; returns the call where it is settled, or is to be sent again."""
        call = self._open.get(ack.request_id)
        if call is None or ack.status in _ON_THE_WAY:
            return None
        if ack.status == _Ack.REJECTED:
            if ack.code == "unauthenticated":
                call.waits_for_token = True
                return None
            if is_leaving and ack.code == "unavailable":
                return None
            if call.sends > 1 and ack.code in _TEMPORARY:
                return call
        call.settle(_error(call.request, ack))
        self.forget(call)
        return call


def _error(request: pb.CommandRequest, ack: pb.CommandAckFrame) -> ClientError | None:
    what = (request.session_id, request.name, ack.code, ack.message)
    if ack.status == _Ack.COMPLETED:
        return None
    if ack.status == _Ack.FAILED:
        return CommandFailedError(*what)
    if ack.status == _Ack.CONFLICT:
        return CommandConflictError(*what, head=ack.head_ordinal)
    # A status of a newer server is taken for a refusal too.
    return CommandRejectedError(*what)
