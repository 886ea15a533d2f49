"""One HTTP request that is being answered."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Final, cast

from sessionstream.transport.access import ConnectionRequest
from sessionstream.transport.asgi import Receive, Send
from sessionstream.transport.http.asking import single_header
from sessionstream.transport.http.messages import HeaderList, Response
from sessionstream.transport.http.problems import ProblemCode, ProblemError
from sessionstream.transport.http.routes import Route

logger = logging.getLogger("sessionstream.transport")

_PIECE: Final = 2**16


class ClientGoneError(Exception):
    """The client has closed its connection before its request was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request, and the way back to the client.

    ``version`` is that of HTTP. What is entered in ``until_sent`` is left when
    the answer has been sent.
    """

    request: ConnectionRequest
    method: str
    version: str = "1.1"
    route: Route
    receive: Receive
    send: Send
    until_sent: ExitStack = field(default_factory=ExitStack)

    async def body(self, limit: int, seconds: float) -> bytes:
        """Returns the whole body.

        Raises:
            ProblemError: It is above ``limit`` bytes, or takes longer than ``seconds``.
            ClientGoneError: It broke off.
        """
        # The rest of the body is not waited for. HTTP/2 ends one stream without a word.
        headers = (("connection", "close"),) if self.version.startswith("1") else ()
        announced = single_header(self.request, "content-length") or ""
        if announced.isdigit() and int(announced) > limit:
            raise _too_large(limit, headers)
        try:
            async with asyncio.timeout(seconds):
                body = await self._read(limit)
        except TimeoutError as error:
            message = f"the body did not arrive within {seconds:g} s"
            raise ProblemError(ProblemCode.TOO_SLOW, message, headers=headers) from error
        if body is None:
            raise _too_large(limit, headers)
        return body

    async def _read(self, limit: int) -> bytes | None:
        body = bytearray()
        while True:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise ClientGoneError
            body += cast(bytes, message.get("body", b""))
            if len(body) > limit:
                return None
            if not message.get("more_body", False):
                return bytes(body)


def _too_large(limit: int, headers: HeaderList) -> ProblemError:
    message = f"a body has at most {limit} bytes"
    return ProblemError(ProblemCode.TOO_LARGE, message, headers=headers)


async def respond(send: Send, method: str, response: Response, seconds: float) -> None:
    """Sends an answer, to HEAD without its body.

    A client that takes nothing of it for so long gets no more: ASGI has no way
    to cut a connection, but a server does not wait for an answer that is given up.
    """
    try:
        for message in _messages(response, b"" if method == "HEAD" else response.body or b""):
            async with asyncio.timeout(seconds):
                await send(message)
    except TimeoutError:
        logger.info("a client takes nothing of an answer; it is given up")


def _messages(response: Response, body: bytes) -> Iterator[dict[str, object]]:
    headers = response.encoded_headers()
    yield {"type": "http.response.start", "status": response.status, "headers": headers}
    left = len(body)
    # In pieces: a server waits for the client before it takes the next one.
    for start in range(0, max(left, 1), _PIECE):
        left -= _PIECE
        piece = body[start : start + _PIECE]
        yield {"type": "http.response.body", "body": piece, "more_body": left > 0}
