"""An answer to an HTTP request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

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
