"""How many clients are served at once: all of them, and those of each principal."""

from __future__ import annotations

import logging
from collections.abc import Hashable

from sessionstream.transport.access import Principal
from sessionstream.transport.codes import CloseCode
from sessionstream.transport.limits import Counts
from sessionstream.transport.settings import TransportSettings

logger = logging.getLogger("sessionstream.transport")


class Seats:
    """Counts whoever is served, a connection or a request, as long as that lasts.

    Without ``knows_principals`` everybody is the same one, who has no limit.
    """

    def __init__(self, settings: TransportSettings, *, knows_principals: bool) -> None:
        self._most = settings.max_connections
        self._knows_principals = knows_principals
        # Guarded by the event loop.
        self._of_principals = Counts(settings.max_principal_connections)
        self._members: dict[Hashable, str | None] = {}  # with the principal that each counts for

    def __len__(self) -> int:
        return len(self._members)

    def enter(self, member: Hashable, principal: Principal | None) -> CloseCode | None:
        """Counts a member until it leaves; returns the code to close with where it can't be."""
        if self._most is not None and len(self._members) >= self._most:
            logger.warning("a connection was refused: %d clients are served already", self._most)
            return CloseCode.TRY_AGAIN_LATER
        self._members[member] = None
        if principal is not None and not self.identify(member, principal):
            del self._members[member]
            return CloseCode.TOO_MANY_OF_PRINCIPAL
        return None

    def identify(self, member: Hashable, principal: Principal) -> bool:
        """Takes note who a member is; False where that one has too many."""
        if not self._knows_principals:
            return True
        if not self._of_principals.enter(principal.id):
            return False
        self._members[member] = principal.id
        return True

    def leave(self, member: Hashable) -> None:
        """Ends `enter`; does nothing where there is nothing to end."""
        principal_id = self._members.pop(member, None)
        if principal_id is not None:
            self._of_principals.leave(principal_id)
