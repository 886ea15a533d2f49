"""Lets pages of listed origins read the answers: https://fetch.spec.whatwg.org/#http-cors-protocol.

A browser asks by an ``OPTIONS`` request before it sends a command, or a header
of its own, to another origin; and it shows a page no answer that does not name
the page's origin. An origin that is listed may do what a page of this server
may, and is sent the same cookies.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sessionstream.transport.access import ConnectionRequest
from sessionstream.transport.asgi import Send
from sessionstream.transport.http.messages import HeaderList

# What the doors read and write, beside what every page may use.
_ASKED: Final = (
    "accept, authorization, content-type, idempotency-key, if-none-match, last-event-id, prefer"
)
_ANSWERED: Final = "etag, idempotency-key, idempotent-replayed, retry-after"
# How long a browser need not ask again, in seconds.
_MAX_AGE: Final = "600"


def cors_headers(request: ConnectionRequest, origins: Collection[str]) -> HeaderList:
    """Returns the headers that every answer to this request has; none without ``origins``."""
    if not origins:
        return ()
    vary = ("vary", "origin")  # a cache must not give one page the answer to another
    given = request.header("origin")
    if given is None or given.lower() not in origins:
        return (vary,)
    return (
        vary,
        ("access-control-allow-origin", given),
        ("access-control-allow-credentials", "true"),
        ("access-control-expose-headers", _ANSWERED),
    )


def preflight_headers(request: ConnectionRequest, methods: Collection[str]) -> HeaderList:
    """Returns what the answer to a browser's ``OPTIONS`` has besides."""
    if request.header("access-control-request-method") is None:
        return ()
    return (
        ("access-control-allow-methods", ", ".join(methods)),
        ("access-control-allow-headers", _ASKED),
        ("access-control-max-age", _MAX_AGE),
    )


def with_headers(send: Send, headers: HeaderList) -> Send:
    """Returns a `Send` that adds headers to the answer."""
    added = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]

    async def sending(message: dict[str, object]) -> None:
        if message["type"] == "http.response.start":
            given = message["headers"]
            assert isinstance(given, list)
            message = {**message, "headers": [*given, *added]}
        await send(message)

    return sending
