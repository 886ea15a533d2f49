"""An event stream as a `Wire`: what a connection says goes out, its client says little."""

from __future__ import annotations

import asyncio
import json
from typing import Final, cast

from sessionstream.transport.asgi import Send
from sessionstream.transport.codes import CloseCode
from sessionstream.transport.encoded import Encoded
from sessionstream.transport.http.messages import HeaderList, Response
from sessionstream.transport.http.problems import ProblemError
from sessionstream.transport.http.stream import EventStream, Frame, closing, retry

EVENT_HEADERS: Final[HeaderList] = (
    ("content-type", "text/event-stream"),
    # No proxy may hold events back, nor keep them.
    ("cache-control", "no-store"),
    ("x-accel-buffering", "no"),
)

_ON_CLOSE: Final = {
    CloseCode.UNAUTHENTICATED: "unauthenticated",
    CloseCode.REVOKED: "subscribe_denied",
    CloseCode.TOO_MANY_OF_PRINCIPAL: "rate_limited",
    CloseCode.TOO_BIG: "protocol_error",
}


class EventWire:
    """The two ends of a stream.

    The answer begins with the first frame that is more than a greeting. A
    connection that ends without one is a `ProblemError`, in `check_begun`.
    """

    def __init__(self, send: Send, stream: EventStream, subscribe: str, *, retry: float) -> None:
        """Takes the client's one request.

        Args:
            send: ASGI's.
            stream: Writes the events.
            subscribe: The frame that the client would send.
            retry: How long it is to wait before the next request, in seconds.
        """
        self._send = send
        self._stream = stream
        self._retry = retry
        self._from_client: asyncio.Queue[str | None] = asyncio.Queue()
        self._from_client.put_nowait(subscribe)
        self._owed: list[str] = []
        self._has_begun = False
        self._is_open = True
        self._refusal: ProblemError | None = None

    def hang_up(self) -> None:
        """Takes note that the client has gone, or is to go."""
        self._from_client.put_nowait(None)

    def check_begun(self) -> None:
        """Raises why the answer did not begin, if it did not.

        Raises:
            ProblemError: That.
        """
        if not self._has_begun:
            raise self._refusal or _unavailable()

    async def receive(self) -> str | bytes | None:
        """Returns what a client would say that had a way to."""
        return await self._from_client.get()

    async def send(self, frames: Encoded) -> None:
        """Sends frames as events."""
        events = [self._event(frame) for frame in self._stream.frames.of(frames)]
        await self._write(b"".join(events))
        for pong in self._owed:  # that it was taken is all the answer that there can be
            self._from_client.put_nowait(pong)
        self._owed.clear()

    def _event(self, frame: Frame) -> bytes:
        if frame.kind == "ping":
            self._owed.append(json.dumps({"pong": frame.fields}))
            return self._stream.write(frame) if self._has_begun else b""
        if frame.kind == "error":  # the subscription has ended, and there is no other
            self.hang_up()
            if not self._has_begun:
                code, message = (cast(str, frame.fields[name]) for name in ("code", "message"))
                self._refusal = ProblemError(code, message)
                return b""
        return self._stream.write(frame)

    def send_now(self, frames: Encoded) -> bool:
        """Returns False: ASGI does not tell what is taken at once."""
        return False

    def unsent(self) -> int:
        """Returns 0: ASGI does not tell."""
        return 0

    async def close(self, code: int, reason: str) -> None:
        """Ends the answer; tells why, unless there is nothing to tell."""
        if not self._is_open:
            return
        self._is_open = False
        if self._has_begun:
            last = b"" if code == CloseCode.NORMAL else closing(code, reason)
            await self._pass({"type": "http.response.body", "body": last})
        elif self._refusal is None:
            self._refusal = _refusal(code, reason)

    def abort(self) -> None:
        """Does nothing: ASGI has no way to cut a connection."""

    async def _write(self, event: bytes) -> None:
        if not event:
            return
        if not self._has_begun:
            self._has_begun = True
            headers = Response(status=200, body=None, headers=EVENT_HEADERS).encoded_headers()
            await self._pass({"type": "http.response.start", "status": 200, "headers": headers})
            event = retry(round(self._retry * 1000)) + b"\n" + event
        await self._pass({"type": "http.response.body", "body": event, "more_body": True})

    async def _pass(self, message: dict[str, object]) -> None:
        try:
            await self._send(message)
        except RuntimeError as error:
            # What servers make of a message after they have closed by themselves.
            raise ConnectionResetError("the connection is closed") from error


def _refusal(code: int, reason: str) -> ProblemError:
    if code in _ON_CLOSE:
        return ProblemError(_ON_CLOSE[CloseCode(code)], reason)
    return _unavailable(reason or "the server ended the connection")


def _unavailable(reason: str = "there are no events at the moment") -> ProblemError:
    return ProblemError("unavailable", reason)
