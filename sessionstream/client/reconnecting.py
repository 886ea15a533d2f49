"""Connects, and connects again: which end of a connection is final, and how long to wait."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable, Iterable
from typing import Final

from sessionstream.client.actions import Action, Ready, Settled, Wake
from sessionstream.client.backoff import Backoff
from sessionstream.client.connection import UNAUTHENTICATED, Connection
from sessionstream.client.errors import AccessError, ConnectError
from sessionstream.client.protocol import ClientProtocol
from sessionstream.client.settings import ClientSettings
from sessionstream.client.tokens import Token, UnusableTokenError, fresh_token
from sessionstream.client.wire import Closed, Dial, Refused

logger = logging.getLogger("sessionstream.client")

_REVOKED: Final = 4403
# Refused tokens in a row: one may have expired on its way, two are no accident.
_MAX_REFUSALS: Final = 2
# What an HTTP server says when another attempt may help (RFC 9110, RFC 6585, RFC 8470).
_TEMPORARY: Final = frozenset({408, 425, 429})


class Reconnecting:
    """One connection after the other, until it is cancelled or there is no use in trying."""

    def __init__(
        self,
        url: str,
        token: Token,
        settings: ClientSettings,
        protocol: ClientProtocol,
        dial: Dial,
        perform: Callable[[Wake | Settled | Ready], None],
        lost: Callable[[], None],
    ) -> None:
        self._url = url
        self._token = token
        self._settings = settings
        self._protocol = protocol
        self._dial = dial
        self._perform = perform
        self._lost = lost
        self._backoff = Backoff(settings.backoff_base, settings.backoff_limit)
        self._connection: Connection | None = None
        self._refusals = 0
        self._was_ready = False
        self.last_end = "it was not tried yet"

    async def run(self) -> None:
        """Keeps a connection.

        Raises:
            AccessError: The server does not let the client in.
            ConnectError: What is at the URL is no such server, or nothing can be
                there; or the token function gives what is no token.
        """
        while True:
            try:
                closed = await self._connect_once()
            except Refused as refused:
                self._judge_refusal(refused.status)
                self.last_end = f"the server answers with HTTP {refused.status}"
            except OSError as error:
                if isinstance(error, ssl.SSLCertVerificationError) and not self._was_ready:
                    # Later it may be a network that asks for a login; that passes.
                    raise ConnectError(self._url, str(error)) from error
                self.last_end = str(error) or type(error).__name__
            else:
                self._judge_end(closed)
                self.last_end = f"closed with {closed.code} {closed.reason}".rstrip()
            seconds = self._backoff.next()
            logger.info("no connection: %s; next attempt in %.2f s", self.last_end, seconds)
            await asyncio.sleep(seconds)

    def take(self, actions: Iterable[Action]) -> None:
        """Carries the actions out, on the present connection if there is one."""
        if self._connection is not None:
            self._connection.take(actions)
            return
        for action in actions:
            if isinstance(action, Wake | Settled | Ready):
                self._performed(action)

    def abort(self) -> None:
        """Cuts the present connection, so that closing it takes no time."""
        if self._connection is not None:
            self._connection.abort()

    async def _connect_once(self) -> Closed:
        settings = self._settings
        async with asyncio.timeout(settings.open_timeout):
            token = await self._fresh_token()
            wire = await self._dial(self._url, token, settings)
        connection = Connection(
            wire, self._protocol, settings, self._backoff, self._performed, self._token
        )
        self._protocol.opened(token)
        self._connection = connection
        try:
            return await connection.run()
        finally:
            self._connection = None
            self._protocol.closed()
            self._lost()

    async def _fresh_token(self) -> str | None:
        try:
            return await fresh_token(self._token)
        except UnusableTokenError as error:
            raise ConnectError(self._url, str(error)) from None
        except Exception as error:
            logger.exception("there is no token")
            raise OSError(f"there is no token: {type(error).__name__}") from error

    def _performed(self, action: Wake | Settled | Ready) -> None:
        if isinstance(action, Ready):
            self._refusals = 0
            self._was_ready = True
        self._perform(action)

    def _judge_end(self, closed: Closed) -> None:
        if closed.code == _REVOKED:
            raise AccessError(closed.reason or "access was revoked")
        if closed.code == UNAUTHENTICATED:
            self._count_refusal(closed.reason or "the token is not valid")

    def _judge_refusal(self, status: int) -> None:
        if status == 401:
            self._count_refusal("the token is not valid, or there is none")
        elif status == 403:
            raise AccessError("it answers with HTTP 403")
        elif 400 <= status < 500 and status not in _TEMPORARY and not self._was_ready:
            raise ConnectError(self._url, f"the server answers with HTTP {status}")

    def _count_refusal(self, reason: str) -> None:
        self._refusals += 1
        if not callable(self._token) or self._refusals >= _MAX_REFUSALS:
            raise AccessError(reason)
