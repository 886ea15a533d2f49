"""Which web pages may open a connection.

A browser sends a page's origin with every WebSocket handshake and lets any
page connect to any server: the server has to check (RFC 6455 section 10.2).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final
from urllib.parse import SplitResult, urlsplit

REFUSAL: Final = (
    "This origin may not connect. The page must come from the same host and port, "
    "or the server must list its origin in `origins`.\n"
)

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def is_allowed(
    origin_headers: Sequence[str], host_headers: Sequence[str], allowed: Collection[str]
) -> bool:
    """Tells whether a handshake with these headers may go on.

    Without an ``Origin`` it may: no browser sent it. Otherwise the origin's
    host and port equal those of ``Host``, or ``allowed`` lists the origin, for
    instance ``https://app.example``. A header that occurs twice is refused.
    """
    if not origin_headers:
        return True
    if len(origin_headers) > 1 or len(host_headers) != 1:
        return False
    origin = origin_headers[0].lower()
    return origin in {each.lower().rstrip("/") for each in allowed} or _is_same(
        origin, host_headers[0]
    )


def _is_same(origin: str, host: str) -> bool:
    try:
        page = urlsplit(origin)
        # A Host without a port means the default one of the scheme, which is
        # the page's: behind a proxy that ends TLS this server can't know its own.
        server = urlsplit(f"{page.scheme}://{host}")
        return page.hostname is not None and _place(page) == _place(server)
    except ValueError:  # a port that is no number, a broken IPv6 address
        return False


def _place(url: SplitResult) -> tuple[str | None, int | None]:
    return url.hostname, url.port if url.port is not None else _DEFAULT_PORTS.get(url.scheme)
