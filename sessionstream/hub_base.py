"""What all parts of a Hub share: how far its life has come, and its way to a session's lane."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from sessionstream.closing import AsyncClosing, Phase
from sessionstream.errors import HubClosedError
from sessionstream.lanes import Lane, Lanes
from sessionstream.sessions import Sessions
from sessionstream.types import check_session_id


class HubBase(AsyncClosing):
    """The part of `Hub` on which the others stand."""

    _phase: Phase
    _lanes: Lanes
    _sessions: Sessions

    def _require_open(self, operation: str) -> None:
        if self._phase is not Phase.OPEN:
            raise HubClosedError(operation)

    def _lane(self, session_id: str) -> AbstractContextManager[Lane]:
        if self._phase is Phase.CLOSED:
            raise HubClosedError("reading a session")
        return self._lanes.use(check_session_id(session_id))

    @contextmanager
    def _working_lane(self, session_id: str) -> Iterator[Lane]:
        """The lane, for work that needs the session's metadata."""
        with self._lane(session_id) as lane:
            self._sessions.refuse_its_own_factory(lane)
            yield lane
