"""Where the commands of every door come in: the hook, the Hub, how many run at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Hashable
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Final

from sessionstream.errors import ProtocolError, StoreError
from sessionstream.transport.access import Principal
from sessionstream.transport.actions import Run
from sessionstream.transport.codes import ErrorCode
from sessionstream.transport.gate import Gate
from sessionstream.transport.limits import DistinctCounts
from sessionstream.transport.readings import Receipt
from sessionstream.transport.refusals import refusal
from sessionstream.transport.source import SessionSource

logger = logging.getLogger("sessionstream.transport")

_DENIED: Final = "this command may not be given"


class Intake:
    """Hands commands in, and counts those that have not ended by who gave them.

    A command counts until its end, also when nobody waits for it any more. Sent
    again before that, it does not count twice.
    """

    def __init__(self, source: SessionSource, gate: Gate, limit: int) -> None:
        self._source = source
        self._gate = gate
        self._limit = limit
        # Guarded by the event loop.
        self._running = DistinctCounts(limit)
        self._tasks: set[asyncio.Task[Receipt]] = set()

    async def take_in(
        self,
        asked: Run,
        principal: Principal | None,
        owner: Hashable,
        turn: AbstractAsyncContextManager[object],
    ) -> Receipt:
        """Asks the hook, hands the command in, and returns once its record is stored.

        Cancelling it before the hook has answered keeps the command from being
        run; after that it cancels nothing.

        Args:
            asked: The command.
            principal: Whose it is; nobody may give any.
            owner: With whose commands it counts.
            turn: Entered before the hook is asked, left when it is stored.

        Raises:
            ProtocolError: It is not run: a code, and a text for the client.
        """
        key = asked.session_id, asked.command_id
        if not self._running.enter(owner, key):
            message = f"{self._limit} commands of yours have not ended yet"
            raise ProtocolError(ErrorCode.RATE_LIMITED, message)
        leave = partial(self._running.leave, owner, key)
        accepting: asyncio.Task[Receipt] | None = None
        try:
            async with turn:
                allowed = await self._allowed(principal, asked)
                accepting = self._start(asked, allowed, leave)
                return await asyncio.shield(accepting)
        except Exception as error:  # a border: the client gets no text of what is unexpected
            raise _told(error, asked.session_id) from error
        finally:
            if accepting is None:
                leave()

    async def _allowed(self, principal: Principal | None, asked: Run) -> Principal:
        mark = self._gate.revocations.mark
        if (
            principal is None
            or not await self._gate.may_command(
                principal, asked.session_id, asked.name, asked.payload
            )
            or self._gate.was_revoked(principal, mark)
        ):
            raise ProtocolError(ErrorCode.COMMAND_DENIED, _DENIED)
        return principal

    def _start(
        self, asked: Run, principal: Principal, leave: Callable[[], None]
    ) -> asyncio.Task[Receipt]:
        # A task: whoever leaves, what is handed in counts until its end.
        accepting = self._accept(asked, principal, leave)
        task = asyncio.get_running_loop().create_task(accepting)
        self._tasks.add(task)
        task.add_done_callback(self._forget)
        return task

    async def _accept(self, asked: Run, principal: Principal, leave: Callable[[], None]) -> Receipt:
        try:
            receipt = await self._source.accept(
                asked.session_id,
                asked.name,
                asked.payload,
                command_id=asked.command_id,
                expected_ordinal=asked.expected_ordinal,
                principal=principal.id,
            )
        except BaseException:
            leave()
            raise
        if receipt.outcome is None:
            leave()
        else:
            receipt.outcome.then(leave)
        return receipt

    def _forget(self, task: asyncio.Task[Receipt]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # told by take_in, unless nobody is there any more


def _told(error: Exception, session_id: str) -> ProtocolError:
    told = refusal(error)
    if told is None or isinstance(error, StoreError):
        logger.error("a command was not taken in", exc_info=error, extra={"session_id": session_id})
    return told or ProtocolError(ErrorCode.UNAVAILABLE, "the command could not be taken in")
