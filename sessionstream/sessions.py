"""Opens sessions: makes their metadata, once while they are in memory."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextvars import ContextVar

from sessionstream.errors import SessionStreamError
from sessionstream.lanes import Lane
from sessionstream.tasks import SupervisedTasks, TaskSupervisor
from sessionstream.types import Session

SessionMetadata = Callable[[str], Awaitable[object]]
"""Makes a session's metadata from its id, once while the session is in memory.

It runs before any command, event or projection of the session and can't ask
the Hub for one there: the Hub refuses that. Two that ask for each other's
sessions wait for each other.
"""

# Openers and sessions whose factory is running, in the factory's own context.
_being_opened: ContextVar[frozenset[tuple[int, str]]] = ContextVar(
    "sessionstream_being_opened", default=frozenset()
)


class Sessions:
    """Gives every lane its session."""

    def __init__(self, metadata: SessionMetadata | None, supervisor: TaskSupervisor) -> None:
        self._metadata = metadata
        self._supervisor = supervisor

    async def open(self, lane: Lane) -> Session:
        """Returns the lane's session; its metadata is made on the first call.

        Raises:
            Exception: What the metadata factory raised; the next call tries again.
        """
        async with lane.opening:
            if lane.session is None:
                lane.session = await self._make(lane.session_id)
            return lane.session

    def refuse_its_own_factory(self, lane: Lane) -> None:
        """Refuses work that would wait for the metadata that its caller is making.

        Raises:
            SessionStreamError: The session's own metadata factory asks for it.
        """
        if lane.session is None and (id(self), lane.session_id) in _being_opened.get():
            raise SessionStreamError(
                f"the metadata factory of session {lane.session_id!r} asks the Hub for work in "
                "that session, which would wait for the metadata"
            )

    @property
    def is_opening(self) -> bool:
        """Whether the caller is a metadata factory, for which a session waits."""
        return any(opener == id(self) for opener, _ in _being_opened.get())

    async def _make(self, session_id: str) -> Session:
        token = _being_opened.set(_being_opened.get() | {(id(self), session_id)})
        try:
            metadata = None if self._metadata is None else await self._metadata(session_id)
        finally:
            _being_opened.reset(token)
        tasks = SupervisedTasks(session_id, self._supervisor)
        return Session(id=session_id, metadata=metadata, tasks=tasks)
