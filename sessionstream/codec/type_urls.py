"""Message types by the URLs that an Any names them with."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from google.protobuf import descriptor_pool
from google.protobuf.descriptor import Descriptor

T = TypeVar("T")

# So many URLs are remembered. There is no end of them: only what follows the
# last slash names the type.
_MOST_URLS = 1024


class ByTypeUrl(dict[str, T]):
    """What is made for a URL and its message type, made when it is first asked for.

    Raises:
        LookupError: No generated module that is imported has such a type.
    """

    def __init__(self, make: Callable[[str, Descriptor], T]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, url: str) -> T:
        name = url.rpartition("/")[2]
        found = self._make(url, descriptor_pool.Default().FindMessageTypeByName(name))
        if len(self) < _MOST_URLS:
            self[url] = found
        return found
