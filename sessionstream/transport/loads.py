"""What is read for the sessions of one connection, one thing for each at a time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from functools import partial
from typing import assert_never

from sessionstream.errors import HubClosedError
from sessionstream.transport.access import Principal
from sessionstream.transport.actions import Action, Authorize, Load
from sessionstream.transport.gate import Gate
from sessionstream.transport.outbox import Outbox
from sessionstream.transport.reads import Reads
from sessionstream.transport.requests import Ask
from sessionstream.transport.subscriptions import Subscriptions

logger = logging.getLogger("sessionstream.transport")

Start = Callable[[Callable[[], Coroutine[object, object, None]]], asyncio.Task[None]]


class Loads:
    """Reads what subscriptions ask for, at the pace of the client, and hands it in."""

    def __init__(
        self,
        subscriptions: Subscriptions,
        reads: Reads,
        outbox: Outbox,
        at_once: int,
        perform: Callable[[list[Action]], None],
    ) -> None:
        self._subscriptions = subscriptions
        self._reads = reads
        self._outbox = outbox
        self._slots = asyncio.Semaphore(at_once)
        self._perform = perform
        # Guarded by the event loop: no method suspends between two changes.
        self._running: dict[str, asyncio.Task[None]] = {}

    def start(self, load: Load, start: Start) -> None:
        """Reads, in place of what is being read for the session."""
        self._replace(load.session_id, start, partial(self._load, load))

    def ask(self, asked: Authorize, principal: Principal | None, gate: Gate, start: Start) -> None:
        """Asks whether the client may see a session, in place of what is being read for it."""
        self._replace(asked.session_id, start, partial(self._authorize, asked, principal, gate))

    def cancel(self, session_id: str) -> None:
        """Ends what is being read for a session."""
        running = self._running.pop(session_id, None)
        # A load that failed leaves its own room: it must not cancel itself.
        if running is not None and running is not asyncio.current_task():
            running.cancel()

    def _replace(
        self, session_id: str, start: Start, work: Callable[[], Coroutine[object, object, None]]
    ) -> None:
        self.cancel(session_id)
        task = self._running[session_id] = start(work)
        task.add_done_callback(lambda done: self._forget(session_id, done))

    def _forget(self, session_id: str, done: asyncio.Task[None]) -> None:
        if self._running.get(session_id) is done:
            del self._running[session_id]

    async def _authorize(self, asked: Authorize, principal: Principal | None, gate: Gate) -> None:
        is_allowed = principal is not None and await gate.may_subscribe(principal, asked.session_id)
        self._perform(self._subscriptions.authorized(asked, is_allowed))

    async def _load(self, load: Load) -> None:
        async with self._slots:
            await self._outbox.wait_for_room()
            try:
                actions = await self._loaded(load)
            except HubClosedError as error:  # the server is ending, and says so in a moment
                actions = self._subscriptions.failed(load, type(error).__name__)
            except Exception as error:  # a border: the client gets no text of it
                logger.exception(
                    "a snapshot could not be loaded", extra={"session_id": load.session_id}
                )
                actions = self._subscriptions.failed(load, type(error).__name__)
        self._perform(actions)

    async def _loaded(self, load: Load) -> list[Action]:
        match load.ask:
            case Ask.SNAPSHOT:
                return self._subscriptions.opened(load, await self._reads.opened(load.session_id))
            case Ask.HISTORY:
                page = await self._reads.history(load.session_id, load.after)
                return self._subscriptions.read(load, page)
            case Ask.POSITION:
                position = await self._reads.position(load.session_id)
                return self._subscriptions.positioned(load, position)
            case _:
                assert_never(load.ask)
