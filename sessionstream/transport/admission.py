"""With what a client comes in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sessionstream.transport.access import ANONYMOUS, ConnectionRequest, Principal
from sessionstream.transport.dialects import V1_JSON, Dialect

_NOTHING_SHOWN: Final = ConnectionRequest(path="/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """A client that may come in; one without a ``principal`` has to authenticate then.

    See `Rooms.admit`. ``mark`` is that of the gate's revocations when it was asked.
    """

    request: ConnectionRequest = _NOTHING_SHOWN
    dialect: Dialect = V1_JSON
    principal: Principal | None = ANONYMOUS
    mark: int | None = None
