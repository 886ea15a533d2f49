"""Group commit: one transaction at a time, each with all that is ready."""

from __future__ import annotations

import asyncio

from sessionstream.errors import StoreClosedError, StoreLockedError
from sessionstream.hydration.base import HydrationStore, SessionCommit
from sessionstream.tasks import BackgroundTasks

# Errors that no commit of the group has caused: each alone would meet them too.
_THE_STORES_OWN = (StoreClosedError, StoreLockedError)

Waiting = tuple[SessionCommit, "asyncio.Future[None]"]


class Committer:
    """Gathers the commits of all sessions while the previous transaction is written.

    Under load a transaction carries many sessions and its fixed cost, the
    flush to disk, is shared; when idle a commit starts at once.
    """

    def __init__(self, store: HydrationStore, tasks: BackgroundTasks) -> None:
        self._store = store
        self._tasks = tasks
        # Guard: the event loop. `_waiting` is replaced, never shared with the writer.
        self._waiting: list[Waiting] = []
        self._writing = False

    async def commit(self, commit: SessionCommit) -> None:
        """Returns when the commit is durable.

        A session calls again only after its previous call has returned.

        Raises:
            StoreError: Nothing of this commit is stored.
        """
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((commit, done))
        if not self._writing:
            self._writing = True
            self._tasks.start(self._write(), "sessionstream committer")
        await done

    async def _write(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting, []
                await self._write_group(group)
        except BaseException as error:  # cancelled at shutdown: nobody waits for ever
            _settle(self._waiting, error)
            self._waiting = []
            raise
        finally:
            self._writing = False

    async def _write_group(self, group: list[Waiting]) -> None:
        try:
            await self._store.commit([commit for commit, _ in group])
        except Exception as error:
            if len(group) == 1 or isinstance(error, _THE_STORES_OWN):
                _settle(group, error)
            else:  # what one session does wrong is not its neighbours' fault
                for waiting in group:
                    await self._write_group([waiting])
        except BaseException as error:  # cancelled in the middle: the same
            _settle(group, error)
            raise
        else:
            _settle(group, None)


def _settle(group: list[Waiting], error: BaseException | None) -> None:
    for _, done in group:
        if done.done():
            continue
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)
