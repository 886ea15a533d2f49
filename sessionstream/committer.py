"""Group commit: one transaction at a time, each with all that is ready."""

from __future__ import annotations

import asyncio
from typing import Protocol

from sessionstream.errors import StoreClosedError, StoreLockedError
from sessionstream.hydration.base import HydrationStore, SessionCommit
from sessionstream.lanes import Lane
from sessionstream.tasks import BackgroundTasks
from sessionstream.work import Publication, Together

# Errors that no commit of the group has caused: each alone would meet them too.
_THE_STORES_OWN = (StoreClosedError, StoreLockedError)

Sealed = tuple[Lane, "SessionCommit | None"]


class Drafts(Protocol):
    """Where the committer gets what lanes have drafted, and tells what became of it."""

    def seal(self, lane: Lane) -> SessionCommit | None:
        """Closes the lane's draft and returns what is to be stored of it, if anything."""

    def settle(self, lane: Lane, error: BaseException | None) -> None:
        """Takes the sealed draft into the lane's state, or drops it; does not raise."""


class Committer:
    """Gathers the drafts of all lanes while the previous transaction is written.

    Under load a transaction carries many sessions and its fixed cost, the
    flush to disk, is shared; when idle a commit starts at once.
    """

    def __init__(self, store: HydrationStore, tasks: BackgroundTasks, drafts: Drafts) -> None:
        self._store = store
        self._tasks = tasks
        self._drafts = drafts
        # Guard: the event loop. Lanes with an open draft, in the order of their first event.
        self._waiting: dict[Lane, None] = {}
        self._writing = False

    def add(self, lane: Lane) -> None:
        """Commits the lane's open draft with the next transaction."""
        self._waiting[lane] = None
        if not self._writing:
            self._writing = True
            self._tasks.start(self._write(), "sessionstream committer")

    async def _write(self) -> None:
        group: list[Sealed] = []
        try:
            while self._waiting:
                group = self._take()
                await self._write_group(group)
                # Whoever was answered and goes on at once needs no task of its own.
                await asyncio.sleep(0)
        except BaseException as error:  # cancelled at shutdown: nobody waits for ever
            self._settle(group, error)
            while self._waiting:
                self._settle(self._take(), error)
            raise
        finally:
            self._writing = False

    def _take(self) -> list[Sealed]:
        waiting, self._waiting = self._waiting, {}
        return [(lane, self._drafts.seal(lane)) for lane in waiting if lane.open is not None]

    async def _write_group(self, group: list[Sealed]) -> None:
        commits = [commit for _, commit in group if commit is not None]
        try:
            if commits:
                await self._store.commit(commits)
        except Exception as error:  # the store's, of any kind: whoever waits is told
            if isinstance(error, _THE_STORES_OWN) or len(parts := _parts(group)) == 1:
                self._settle(group, error)
            else:  # what one session does wrong is not its neighbours' fault
                for part in parts:
                    await self._write_group(part)
        else:
            self._settle(group, None)

    def _settle(self, group: list[Sealed], error: BaseException | None) -> None:
        for lane, _ in group:
            if lane.sealed is not None:
                self._drafts.settle(lane, error)


def _parts(group: list[Sealed]) -> list[list[Sealed]]:
    """Splits a group into the least that must be in one transaction: most often one session."""
    parts: list[tuple[set[Together], list[Sealed]]] = []
    for sealed in group:
        links = _links(sealed[0])
        whole = [sealed]
        apart = []
        for part in parts:
            if links & part[0]:
                links |= part[0]
                whole = part[1] + whole
            else:
                apart.append(part)
        parts = [*apart, (links, whole)]
    return [whole for _, whole in parts]


def _links(lane: Lane) -> set[Together]:
    answers = () if lane.sealed is None else lane.sealed.answers
    return {
        work.together
        for work, _ in answers
        if isinstance(work, Publication) and work.together is not None
    }
