"""Which web pages may open a connection.

A browser sends a page's origin with every WebSocket handshake and lets any
page connect to any server: the server has to check (RFC 6455 section 10.2).
It does the same with a POST, so commands that come over HTTP need the same
rule.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final
from urllib.parse import SplitResult, urlsplit

from sessionstream.arguments import check_several, check_type

REFUSAL: Final = (
    "This origin may not connect. The page must come from the same host and port, "
    "or the server must list its origin in `origins`.\n"
)

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_ORIGIN: Final = re.compile(r"[a-z][a-z0-9+.-]*://[a-z0-9._:\[\]-]+")


def origins_of(allowed: Collection[str]) -> frozenset[str]:
    """Returns origins that `is_allowed` may let in, as browsers write them.

    Args:
        allowed: Such as ``https://app.example``, or of another scheme that
            pages have; upper and lower case, a slash at the end and the default
            port of the scheme make no difference.

    Raises:
        TypeError: It is one string, or holds something else than strings.
        ValueError: One is no origin: scheme, host and port, and nothing else.
    """
    check_several("origins", allowed)
    return frozenset(_checked(each) for each in allowed)


def _checked(text: object) -> str:
    check_type("an origin", text, str)
    origin = str(text).lower().rstrip("/")
    if not _ORIGIN.fullmatch(origin):
        raise ValueError(f"an origin is like 'https://app.example:8443'; got {text!r}")
    scheme, _, _ = origin.partition("://")
    return origin.removesuffix(f":{_DEFAULT_PORTS.get(scheme)}")


def is_allowed(
    origin_headers: Sequence[str], host_headers: Sequence[str], allowed: Collection[str]
) -> bool:
    """Tells whether a request with these headers may go on: a handshake, or a POST.

    Without an ``Origin`` it may: no page sent it. Otherwise the origin is
    ``http://`` or ``https://`` with the host and port of ``Host``, or ``allowed``
    lists it. A header that occurs twice is refused, and so is the origin
    ``null``, also where it is listed: sandboxed pages of every site have it.

    Schemes of the page and of this server are not compared, since a proxy may
    end TLS between them. The rule takes ``Host`` for true, as browsers send it;
    it protects a person's browser and authenticates nobody.

    Args:
        origin_headers: Every value of the header ``Origin``.
        host_headers: Every value of the header ``Host``.
        allowed: Origins of other hosts, from `origins_of`.
    """
    if not origin_headers:
        return True
    if len(origin_headers) > 1 or len(host_headers) != 1:
        return False
    origin = origin_headers[0].lower()
    if origin in ("", "null"):
        return False
    return origin in allowed or _is_same(origin, host_headers[0])


def _is_same(origin: str, host: str) -> bool:
    try:
        page = urlsplit(origin)
        # A Host without a port means the default one of the scheme, which is
        # the page's: behind a proxy that ends TLS this server can't know its own.
        server = urlsplit(f"{page.scheme}://{host}")
        return _is_origin(page, origin) and _place(page) == _place(server)
    except ValueError:  # a port that is no number, a broken IPv6 address
        return False


def _is_origin(page: SplitResult, text: str) -> bool:
    # Scheme, host and port and nothing else (RFC 6454 section 6.2).
    return (
        page.scheme in _DEFAULT_PORTS
        and page.hostname is not None
        and page.username is None
        and text == f"{page.scheme}://{page.netloc}"
    )


def _place(url: SplitResult) -> tuple[str | None, int | None]:
    return url.hostname, url.port if url.port is not None else _DEFAULT_PORTS.get(url.scheme)
