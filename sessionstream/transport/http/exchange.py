"""One HTTP request that is being answered."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import cast

from sessionstream.transport.access import ConnectionRequest
from sessionstream.transport.asgi import Receive, Send
from sessionstream.transport.http.asking import single_header
from sessionstream.transport.http.messages import HeaderList, Response
from sessionstream.transport.http.problems import ProblemCode, ProblemError
from sessionstream.transport.http.routes import Route


class ClientGoneError(Exception):
    """The client has closed its connection before its request was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request, and the way back to the client. ``version`` is that of HTTP."""

    request: ConnectionRequest
    method: str
    version: str = "1.1"
    route: Route
    receive: Receive
    send: Send

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


async def respond(send: Send, method: str, response: Response) -> None:
    """Sends an answer, to HEAD without its body."""
    headers = response.encoded_headers()
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    body = b"" if method == "HEAD" else response.body or b""
    await send({"type": "http.response.body", "body": body})
