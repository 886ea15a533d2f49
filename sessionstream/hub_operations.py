"""What operators do with a Hub: repair, error records, the end of sessions."""

from __future__ import annotations

from typing import Unpack

from sessionstream.administration import Administration
from sessionstream.dead_letters import DeadLetters
from sessionstream.hub_base import HubBase
from sessionstream.hydration.base import ErrorFilters
from sessionstream.observer import ErrorRecord
from sessionstream.reader import Reader
from sessionstream.rebuilding import Progress, Rebuilding


class HubOperations(HubBase):
    """The part of `Hub` that repairs and administers."""

    _reader: Reader
    _rebuilding: Rebuilding
    _dead_letters: DeadLetters
    _administration: Administration

    # -- repair ----------------------------------------------------------------

    async def retry_timeline(self, session_id: str) -> int:
        """Runs a held-back timeline projection on; returns its cursor.

        Raises:
            ProjectionError: It still fails; what came before that event is stored.
        """
        self._require_open("retry_timeline")
        with self._working_lane(session_id) as lane:
            return await self._reader.repair(lane)

    async def rebuild_timeline(self, session_id: str, *, progress: Progress | None = None) -> int:
        """Folds the whole log anew and replaces the timeline; returns its cursor.

        The session goes on meanwhile; its publishers wait for the last few
        hundred events only. ``progress`` is called now and then with the
        ordinals of the last event that was folded and of the log's head.

        Raises:
            ProjectionError: A projection fails under the policy ``fail``. The
                old timeline stays, as it does when ``progress`` raises, but for
                its last call: by then the new one is stored.
        """
        self._require_open("rebuild_timeline")
        with self._working_lane(session_id) as lane:
            return await self._rebuilding.rebuild(lane, progress)

    # -- administration --------------------------------------------------------

    async def errors(
        self, session_id: str | None = None, limit: int = 100, **filters: Unpack[ErrorFilters]
    ) -> list[ErrorRecord]:
        """Returns error records, the newest first; see `HydrationStore.errors`."""
        return await self._dead_letters.errors(session_id, limit, **filters)

    async def resolve(self, record: ErrorRecord) -> bool:
        """Marks an error record as resolved; see `DeadLetters.resolve`."""
        return await self._dead_letters.resolve(record)

    async def retry(self, record: ErrorRecord) -> bool:
        """Runs what failed again and resolves the record; see `DeadLetters.retry`."""
        self._require_open("retry")
        return await self._dead_letters.retry(record)

    async def close_session(self, session_id: str) -> None:
        """Marks a session as closed, for `purge`; see `Administration.close_session`."""
        self._require_open("close_session")
        await self._administration.close_session(session_id)

    async def delete_session(self, session_id: str) -> None:
        """Removes a session for good; see `Administration.delete_session`."""
        self._require_open("delete_session")
        await self._administration.delete_session(session_id)

    async def purge(self, closed_before: float | None = None, keep: int | None = None) -> list[str]:
        """Deletes closed sessions by age or by number; see `Administration.purge`."""
        self._require_open("purge")
        return await self._administration.purge(closed_before, keep)

    async def compact(self, session_id: str, keep: int) -> int:
        """Removes all but a session's last events; see `Administration.compact`."""
        self._require_open("compact")
        return await self._administration.compact(session_id, keep)
