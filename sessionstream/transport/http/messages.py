"""An HTTP request as ASGI hands it in, and an answer to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias, cast

from sessionstream.transport.access import ConnectionRequest

Scope: TypeAlias = Mapping[str, object]
HeaderList: TypeAlias = Sequence[tuple[str, str]]

# What every answer says: it is one person's, and is what it says it is.
_ALWAYS: Final = (("x-content-type-options", "nosniff"),)
_UNLESS_SAID: Final = ("cache-control", "no-store")


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer; the names of headers are lower case. ``body`` is None where it streams."""

    status: int
    body: bytes | None = b""
    headers: HeaderList = ()

    def encoded_headers(self) -> list[tuple[bytes, bytes]]:
        """Returns the headers as ASGI takes them."""
        headers = [*self.headers, *_ALWAYS]
        if not any(name == _UNLESS_SAID[0] for name, _ in headers):
            headers.append(_UNLESS_SAID)
        if self.status not in (204, 304) and self.body is not None:
            headers.append(("content-length", str(len(self.body))))
        return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]


def connection_request(scope: Scope) -> ConnectionRequest:
    """Returns what an ASGI scope, of HTTP or of a WebSocket, says about the client.

    Headers of proxies are handed on as any other and believed by nobody here.
    Where a server is told to trust a proxy, it has put the real client into
    the scope.
    """
    headers: dict[str, list[str]] = {}
    for name, value in cast(Sequence[tuple[bytes, bytes]], scope["headers"]):
        # The names are lower case: the specification says so.
        headers.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1"))
    client = cast(Sequence[object] | None, scope.get("client"))
    return ConnectionRequest(
        path=cast(str, scope.get("path", "")),
        query=cast(bytes, scope.get("query_string", b"")).decode("latin-1"),
        headers=headers,
        remote=str(client[0]) if client else "",
    )
