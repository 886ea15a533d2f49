"""With what a client comes in."""

from __future__ import annotations

from dataclasses import dataclass, field

from sessionstream.transport.access import ANONYMOUS, ConnectionRequest, Principal
from sessionstream.transport.dialects import V1_JSON, Dialect


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """A client that may come in; one without a ``principal`` has to authenticate then.

    See `Rooms.admit`.
    """

    request: ConnectionRequest = field(default_factory=lambda: ConnectionRequest(path="/"))
    dialect: Dialect = V1_JSON
    principal: Principal | None = ANONYMOUS
