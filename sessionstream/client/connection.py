"""Runs one connection: moves what the core decides between a wire and the watchers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Final, assert_never

from sessionstream.client.actions import (
    Action,
    Denied,
    Leave,
    Ready,
    Renew,
    ResendLater,
    RetryLater,
    Send,
    Settled,
    Wake,
)
from sessionstream.client.backoff import Backoff
from sessionstream.client.calls import Call
from sessionstream.client.errors import ServerFrameError
from sessionstream.client.outbox import Outbox
from sessionstream.client.protocol import ClientProtocol
from sessionstream.client.settings import ClientSettings
from sessionstream.client.tokens import Token, fresh_token
from sessionstream.client.wire import Closed, Wire

logger = logging.getLogger("sessionstream.client")

UNAUTHENTICATED: Final = 4401

# A socket may hand over thousands of frames at once: so often the watchers get a turn.
_FRAMES_PER_TURN: Final = 64
# Of the time that a token still holds: then it is renewed.
_RENEWED_AFTER: Final = 0.8
# Frames that wait, beside the commands: subscribes, pongs.
_MAX_UNSENT: Final = 16 * 2**20


class Connection:
    """One connection, from its opening to its end."""

    def __init__(
        self,
        wire: Wire,
        protocol: ClientProtocol,
        settings: ClientSettings,
        backoff: Backoff,
        perform: Callable[[Wake | Settled | Ready], None],
        token: Token,
    ) -> None:
        self._wire = wire
        self._protocol = protocol
        self._settings = settings
        self._backoff = backoff
        self._perform = perform
        self._token = token
        self._outbox = Outbox(wire, settings.dialect, _MAX_UNSENT)
        self._frames = 0
        self._is_denied = False
        self._timers: set[asyncio.TimerHandle] = set()
        self._group = asyncio.TaskGroup()
        self._helpers: set[asyncio.Task[None]] = set()

    async def run(self) -> Closed:
        """Returns when the connection has ended, and how."""
        try:
            async with self._group:
                self._help(self._outbox.run)
                self._help(self._watch_silence)
                try:
                    closed = await self._read()
                finally:
                    for timer in self._timers:
                        timer.cancel()
                    for helper in self._helpers:
                        helper.cancel()
        finally:
            await self._wire.close()
        return Closed(UNAUTHENTICATED, "the token is not valid") if self._is_denied else closed

    def take(self, actions: Iterable[Action]) -> None:
        """Carries the actions out, or begins to."""
        for action in actions:
            match action:
                case Send(frame):
                    if not self._outbox.put(frame):
                        self._wire.abort()
                case Wake() | Settled() | Ready():
                    self._perform(action)
                case RetryLater(session_id, attempt):
                    self._later(self._backoff.at(attempt), partial(self._retry, session_id))
                case ResendLater(call):
                    self._later(self._backoff.at(call.sends), partial(self._resend, call))
                case Leave(within):
                    self._later(self._backoff.within(within), self._leave)
                case Renew(within):
                    self._later(within * _RENEWED_AFTER, partial(self._help, self._renew))
                case Denied():
                    self._is_denied = True
                    self._leave()
                case _:
                    assert_never(action)

    def abort(self) -> None:
        """Cuts it now."""
        self._wire.abort()

    async def _read(self) -> Closed:
        while True:
            message = await self._wire.receive()
            if isinstance(message, Closed):
                return message
            self._frames += 1
            try:
                self.take(self._protocol.receive(message))
            except ServerFrameError as error:
                logger.warning("%s; the client connects anew", error)
                return Closed(1002, str(error))
            # The greeting alone does not show that the server serves.
            if self._frames == 2:
                self._backoff.reset()
            if self._frames % _FRAMES_PER_TURN == 0:
                await asyncio.sleep(0)

    async def _watch_silence(self) -> None:
        interval = self._settings.heartbeat_interval
        while True:
            before = self._frames
            await asyncio.sleep(interval)
            if self._frames != before:
                continue
            self.take(self._protocol.ping())
            await asyncio.sleep(self._settings.heartbeat_timeout)
            if self._frames == before:
                logger.info("the server is silent; the client connects anew")
                self._wire.abort()

    async def _renew(self) -> None:
        if not callable(self._token):
            return
        try:
            token = await fresh_token(self._token)
            if token is not None:
                self.take(self._protocol.renew(token))
        except Exception:
            # The server will end the connection, and the next one asks again.
            logger.exception("there is no newer token")

    def _retry(self, session_id: str) -> None:
        self.take(self._protocol.retry(session_id))

    def _resend(self, call: Call) -> None:
        self.take(self._protocol.resend(call))

    def _leave(self) -> None:
        self._help(self._wire.close)

    def _later(self, seconds: float, step: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()
        timer: asyncio.TimerHandle = loop.call_later(seconds, lambda: self._fire(timer, step))
        self._timers.add(timer)

    def _fire(self, timer: asyncio.TimerHandle, step: Callable[[], None]) -> None:
        self._timers.discard(timer)
        step()

    def _help(self, work: Callable[[], Awaitable[None]]) -> None:
        task = self._group.create_task(_awaited(work))
        self._helpers.add(task)
        task.add_done_callback(self._helpers.discard)


async def _awaited(work: Callable[[], Awaitable[None]]) -> None:
    # Begun here: a task that is cancelled before its first step would leave it behind.
    await work()
