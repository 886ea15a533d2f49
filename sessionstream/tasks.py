"""Tasks with an owner: the runtime's own, and those that handlers start for a session."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass

from sessionstream.errors import HubClosedError

OnTaskError = Callable[[str, str, Exception], None]
"""Called with session id, task name and error."""


class BackgroundTasks:
    """The runtime's own short-lived tasks; none is lost, all are awaited on close."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, coroutine: Coroutine[object, object, None], name: str) -> None:
        """Runs the coroutine; it must handle its own errors."""
        task = asyncio.get_running_loop().create_task(coroutine, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def drain(self, seconds: float) -> None:
        """Waits for all tasks; cancels what still runs after that time."""
        await drain(lambda: self._tasks, seconds)


async def drain(
    running: Callable[[], Iterable[asyncio.Task[None]]], seconds: float, *, grace: float = 5.0
) -> None:
    """Waits until nothing is running, cancelling what outlives ``seconds``.

    A task that ignores its cancellation is left behind after ``grace`` seconds.
    """
    current = asyncio.current_task()
    deadline = asyncio.get_running_loop().time() + seconds
    while pending := {task for task in running() if task is not current}:
        left = deadline - asyncio.get_running_loop().time()
        if left <= 0:
            for task in pending:
                task.cancel()
            await asyncio.wait(pending, timeout=grace)
            return
        await asyncio.wait(pending, timeout=left)


class TaskSupervisor:
    """The tasks of all sessions. At most one of a name runs in a session at a time."""

    def __init__(self, on_error: OnTaskError) -> None:
        self._on_error = on_error
        # Guard: the event loop; nothing here suspends between a read and its write.
        self._current: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._of_session: dict[str, set[asyncio.Task[None]]] = {}
        self._closed = False

    def start(self, session_id: str, name: str, coroutine: Coroutine[object, object, None]) -> None:
        """Starts a task; a running one of that name is cancelled, and ends first."""
        if self._closed:
            coroutine.close()
            raise HubClosedError(f"starting the task {name!r}")
        previous = self._current.get((session_id, name))
        if previous is not None:
            previous.cancel()
        run = self._run(session_id, name, coroutine, previous)
        task = asyncio.get_running_loop().create_task(run, name=f"{session_id}/{name}")
        self._current[session_id, name] = task
        self._of_session.setdefault(session_id, set()).add(task)

        def ended(task: asyncio.Task[None]) -> None:
            coroutine.close()  # cancelled before its first step: nobody else would
            self._forget(session_id, name, task)

        task.add_done_callback(ended)

    def _forget(self, session_id: str, name: str, task: asyncio.Task[None]) -> None:
        tasks = self._of_session[session_id]
        tasks.discard(task)
        if not tasks:
            del self._of_session[session_id]
        if self._current.get((session_id, name)) is task:
            del self._current[session_id, name]

    async def _run(
        self,
        session_id: str,
        name: str,
        coroutine: Coroutine[object, object, None],
        previous: asyncio.Task[None] | None,
    ) -> None:
        if previous is not None:
            await asyncio.wait([previous])
        try:
            await coroutine
        except Exception as error:
            self._on_error(session_id, name, error)

    def cancel(self, session_id: str, name: str) -> bool:
        """Cancels the running task of that name; False if there is none."""
        task = self._current.get((session_id, name))
        return task is not None and task.cancel()

    def busy(self, session_id: str) -> bool:
        """Whether a task of the session is running."""
        return session_id in self._of_session

    async def wait_idle(self, session_id: str) -> None:
        """Returns when no task of the session is running, the calling one aside."""
        current = asyncio.current_task()
        while running := self._of_session.get(session_id, set()) - {current}:
            await asyncio.wait(running)

    async def close(self, seconds: float) -> None:
        """Cancels every task and waits up to that time for them to end."""
        self._closed = True
        for task in self._running():
            task.cancel()
        await drain(self._running, seconds)

    def _running(self) -> list[asyncio.Task[None]]:
        return [task for tasks in self._of_session.values() for task in tasks]


@dataclass(frozen=True, slots=True)
class SupervisedTasks:
    """The `SessionTasks` of one session: a handle that holds no state of its own."""

    session_id: str
    supervisor: TaskSupervisor

    def start(self, name: str, coroutine: Coroutine[object, object, None]) -> None:
        """Starts a task. A running one of the same name is cancelled, and ends first."""
        self.supervisor.start(self.session_id, name, coroutine)

    def cancel(self, name: str) -> bool:
        """Cancels the running task of that name; False if there is none."""
        return self.supervisor.cancel(self.session_id, name)

    async def wait_idle(self) -> None:
        """Returns when no task of this session is running."""
        await self.supervisor.wait_idle(self.session_id)
