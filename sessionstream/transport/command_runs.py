"""Runs the commands of one connection: hands them in, and tells what becomes of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from weakref import WeakValueDictionary

from sessionstream.errors import ProtocolError
from sessionstream.transport.access import Principal
from sessionstream.transport.actions import Action, Run
from sessionstream.transport.codes import ErrorCode
from sessionstream.transport.intake import Intake
from sessionstream.transport.protocol import ServerProtocol


class CommandRuns:
    """Hands commands in, those of one session in the order in which they were sent.

    Cancelling a run ends the waiting for its outcome, and never the command.
    """

    def __init__(
        self,
        intake: Intake,
        protocol: ServerProtocol,
        perform: Callable[[list[Action]], None],
    ) -> None:
        self._intake = intake
        self._commands = protocol.commands
        self._perform = perform
        # One for each session of which a command is being handed in.
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def run(self, run: Run, principal: Principal | None, owner: Hashable) -> None:
        """Hands in, and tells the outcome; it counts with the commands of ``owner``."""
        turn = self._turns.setdefault(run.session_id, asyncio.Lock())
        try:
            receipt = await self._intake.take_in(run, principal, owner, turn)
        except ProtocolError as error:
            self._perform(self._commands.refused(run, ErrorCode(error.code), error.message))
            return
        self._perform(self._commands.received(run, receipt))
        if receipt.outcome is not None:
            self._perform(self._commands.ended(run, await receipt.outcome))
