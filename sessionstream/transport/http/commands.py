"""``POST /sessions/{id}/commands/{name}``: a command, and what became of it.

    outcome, in time           200    COMPLETED
    no outcome yet             202    ACCEPTED, or DUPLICATE where it had been sent before
    its handler refused it     422    the handler's code
    its handler failed         500    failed, interrupted
    another head than expected 409    conflict
    the key is another's       422    command_id_reused
    not taken in               4xx    see problems.py

The id of the command is the ``Idempotency-Key``: sent again with the same one,
a command is not run again, and the answer, which then has the header
``Idempotent-Replayed``, is that of the first time. Without a key the server
makes one. Each answer names it. A key that is known in the session as that of
another command, or of somebody else's, is refused; bodies are not compared. The
client may be gone before the command ends: that cancels nothing.
"""

from __future__ import annotations

import asyncio
import math
import secrets
import time
from collections.abc import Callable
from contextlib import nullcontext
from http import HTTPStatus

from sessionstream.errors import SessionStreamError
from sessionstream.hydration.base import CommandRecord, CommandStatus
from sessionstream.transport import json_frames
from sessionstream.transport.access import ConnectionRequest, Principal
from sessionstream.transport.actions import Run
from sessionstream.transport.codes import ErrorCode
from sessionstream.transport.http import asking, payloads
from sessionstream.transport.http.exchange import Exchange
from sessionstream.transport.http.messages import HeaderList, Response
from sessionstream.transport.http.problems import ProblemCode, ProblemError
from sessionstream.transport.http.settings import HTTPSettings
from sessionstream.transport.limits import TokenBuckets
from sessionstream.transport.refusals import refusal
from sessionstream.transport.rooms import Rooms
from sessionstream.transport.source import Receipt, Verdict
from sessionstream.types import check_session_id
from sessionstream.v1 import transport_pb2 as pb

Ack = pb.CommandAckFrame


class CommandDoor:
    """Takes commands in and waits for what becomes of them."""

    def __init__(
        self, rooms: Rooms, settings: HTTPSettings, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rooms = rooms
        self._settings = settings
        self._clock = clock
        limits = rooms.settings
        self._buckets = TokenBuckets(limits.commands_per_second, limits.command_burst)

    async def answer(self, exchange: Exchange, principal: Principal) -> Response:
        """Runs the command that the request holds and returns what became of it.

        Raises:
            ProtocolError: It was refused.
            ClientGoneError: The client left before its command had arrived.
        """
        request = exchange.request
        self._limit(principal, request)
        seconds = asking.wait_seconds(request, self._settings.outcome_timeout)
        ack = Ack(
            command_id=asking.command_id(request) or secrets.token_hex(16),
            session_id=exchange.route.session_id,
        )
        try:
            asked = await self._asked(exchange, ack.command_id)
        except SessionStreamError as error:
            told = refusal(error)
            raise error if told is None else told from error
        owner = self._rooms.gate.owner(principal, request.remote)
        receipt = await self._rooms.intake.take_in(asked, principal, owner, nullcontext())
        ack.head_ordinal = receipt.head
        return await _outcome(receipt, ack, seconds)

    async def _asked(self, exchange: Exchange, command_id: str) -> Run:
        """Returns the command, once it is checked, in the order in which that is cheap."""
        source, route = self._rooms.source, exchange.route
        form = payloads.check_form(exchange.request)
        expected = _expected_ordinal(exchange.request)
        session_id = check_session_id(route.session_id)
        message_type = source.registry.command_type(route.name).message_type
        body = await exchange.body(
            self._rooms.settings.max_frame_bytes, self._settings.body_timeout
        )
        return Run(
            request_id="",
            command_id=command_id,
            session_id=session_id,
            name=route.name,
            payload=payloads.decode(message_type, form, body),
            expected_ordinal=expected,
        )

    def _limit(self, principal: Principal, request: ConnectionRequest) -> None:
        owner = self._rooms.gate.owner(principal, request.remote)
        wait = self._buckets.take(owner, self._clock())
        if wait > 0:
            headers = (("retry-after", str(math.ceil(wait))),)
            raise ProblemError("rate_limited", "too many commands", headers=headers)


def _expected_ordinal(request: ConnectionRequest) -> int | None:
    if "if-match" in request.headers:
        # A condition that is not understood must not be taken for none.
        message = "a command takes no If-Match; give ?expectedOrdinal="
        raise ProblemError(ProblemCode.BAD_REQUEST, message)
    given = asking.parameters(request, "expectedOrdinal").get("expectedOrdinal")
    return None if given is None else asking.whole_number("expectedOrdinal", given)


async def _outcome(receipt: Receipt, ack: Ack, seconds: float) -> Response:
    """Waits for the outcome of what was accepted, and puts it into words of HTTP."""
    if receipt.verdict is Verdict.CONFLICT or receipt.outcome is None:
        message = f"the session's last event is {receipt.head}"
        fields, key = _fields(ack), _key(ack)
        return ProblemError("conflict", message, fields=fields, headers=(key,)).response()
    is_again = receipt.verdict is Verdict.DUPLICATE
    headers = (("idempotent-replayed", "true"),) if is_again else ()
    try:
        async with asyncio.timeout(seconds):
            record = await receipt.outcome
    except TimeoutError:
        ack.status = Ack.DUPLICATE if is_again else Ack.ACCEPTED
        return _answer(202, ack, headers)
    ack.head_ordinal = record.ordinal
    if record.status is CommandStatus.COMPLETED:
        ack.status = Ack.COMPLETED
        return _answer(200, ack, headers)
    return _failure(record, ack, headers).response()


def _answer(status: int, ack: Ack, headers: HeaderList) -> Response:
    always = (("content-type", payloads.JSON), _key(ack))
    return Response(
        status=status, body=json_frames.v2_text(ack).encode(), headers=(*always, *headers)
    )


def _key(ack: Ack) -> tuple[str, str]:
    return "idempotency-key", ack.command_id


def _failure(record: CommandRecord, ack: Ack, headers: HeaderList) -> ProblemError:
    # A handler's code is its own word, also where it is one of ours.
    broke = record.code in (ErrorCode.FAILED, ErrorCode.INTERRUPTED)
    return ProblemError(
        record.code,
        record.message,
        fields=_fields(ack),
        headers=(_key(ack), *headers),
        status=HTTPStatus.INTERNAL_SERVER_ERROR if broke else HTTPStatus.UNPROCESSABLE_ENTITY,
    )


def _fields(ack: Ack) -> dict[str, str]:
    return {"commandId": ack.command_id, "headOrdinal": str(ack.head_ordinal)}
