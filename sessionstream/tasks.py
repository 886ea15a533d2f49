"""Tasks with an owner: the runtime's own, and those that handlers start for a session."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Callable, Collection, Coroutine, Iterable
from contextvars import Context
from dataclasses import dataclass
from typing import Final, cast

from sessionstream.errors import HubClosedError

logger = logging.getLogger("sessionstream.tasks")

OnTaskError = Callable[[str, str, BaseException], None]
"""Called with session id, task name and error."""

# Raised through tasks; the event loop stops on the first two.
ENDS_THE_PROCESS: Final = (KeyboardInterrupt, SystemExit, GeneratorExit)


def is_cancelled(error: BaseException) -> bool:
    """Whether the current task raises this because it was cancelled.

    Otherwise it is a failure: what the task waited for was cancelled by others.
    """
    task = asyncio.current_task()
    return isinstance(error, asyncio.CancelledError) and (task is None or task.cancelling() > 0)


class BackgroundTasks:
    """The runtime's own short-lived tasks; none is lost, all are awaited on close.

    With ``context`` each runs in a copy of it, otherwise in one of its starter's.
    """

    def __init__(self, context: Context | None = None) -> None:
        self._context = context
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, coroutine: Coroutine[object, object, None], name: str) -> None:
        """Runs the coroutine; it must handle its own errors."""
        context = None if self._context is None else self._context.copy()
        task = asyncio.get_running_loop().create_task(coroutine, name=name, context=context)
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
    clock = asyncio.get_running_loop().time
    current = asyncio.current_task()
    deadline = clock() + seconds
    cancelled: set[asyncio.Task[None]] = set()
    while pending := {task for task in running() if task is not current}:
        left = deadline - clock()
        if left <= 0:
            left += grace
            if left <= 0:
                logger.warning("%d tasks ignore their cancellation", len(pending))
                return
            await asyncio.sleep(0)  # one that has not begun yet could not clean up
            for task in pending - cancelled:
                task.cancel()
            cancelled |= pending
        await asyncio.wait(pending, timeout=left)


def cancel_once(task: asyncio.Task[None]) -> bool:
    """Cancels a task, once: a second request would cut off what it does about the first.

    Returns whether it is running.
    """
    return not task.done() and (task.cancelling() > 0 or task.cancel())


class TaskSupervisor:
    """The tasks of all sessions. At most one of a name runs in a session at a time."""

    def __init__(self, on_error: OnTaskError) -> None:
        self._on_error = on_error
        # Guard: the event loop; nothing here suspends between a read and its write.
        # The last task of a name is the current one; those before it are ending.
        self._of_name: dict[tuple[str, str], list[asyncio.Task[None]]] = {}
        self._of_session: dict[str, set[asyncio.Task[None]]] = {}
        # Tasks in `wait_idle`: two of a session would wait for each other.
        self._waiting: set[asyncio.Task[None]] = set()
        self._closed = False

    def start(self, session_id: str, name: str, coroutine: Coroutine[object, object, None]) -> None:
        """Starts a task; a running one of that name is cancelled, and ends first."""
        if not inspect.iscoroutine(coroutine):
            raise TypeError(f"the task {name!r} needs a coroutine; got {coroutine!r}")
        if not isinstance(name, str) or not name:
            coroutine.close()
            raise TypeError(f"a task's name is a string; got {name!r}")
        if self._closed:
            coroutine.close()
            raise HubClosedError(f"starting the task {name!r}")
        same_name = self._of_name.setdefault((session_id, name), [])
        if same_name:
            cancel_once(same_name[-1])
        run = self._run(session_id, name, coroutine, tuple(same_name))
        task = asyncio.get_running_loop().create_task(run, name=f"{session_id}/{name}")
        same_name.append(task)
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
        same_name = self._of_name[session_id, name]
        same_name.remove(task)
        if not same_name:
            del self._of_name[session_id, name]

    async def _run(
        self,
        session_id: str,
        name: str,
        coroutine: Coroutine[object, object, None],
        # All of them: one that was replaced while it waited ended before its predecessor.
        previous: Collection[asyncio.Task[None]],
    ) -> None:
        if previous:
            await asyncio.wait(previous)
        try:
            await coroutine
        except GeneratorExit:
            raise
        except BaseException as error:  # a task that dies is seen, however it does
            if is_cancelled(error):
                raise
            self._on_error(session_id, name, error)
            if isinstance(error, ENDS_THE_PROCESS):
                raise

    def cancel(self, session_id: str, name: str) -> bool:
        """Cancels the running task of that name; False if there is none."""
        same_name = self._of_name.get((session_id, name))
        return same_name is not None and cancel_once(same_name[-1])

    def busy(self, session_id: str) -> bool:
        """Whether a task of the session is running."""
        return session_id in self._of_session

    async def wait_idle(self, session_id: str) -> None:
        """Returns when no task of the session is running but those that wait here themselves."""
        current = cast("asyncio.Task[None]", asyncio.current_task())
        self._waiting.add(current)
        try:
            while running := self._of_session.get(session_id, set()) - self._waiting:
                await asyncio.wait(running)
        finally:
            self._waiting.discard(current)

    async def end_session(self, session_id: str, seconds: float) -> None:
        """Cancels the session's tasks, but not the caller's own, and waits for them to end."""

        def running() -> set[asyncio.Task[None]]:
            return self._of_session.get(session_id, set())

        for task in running() - {asyncio.current_task()}:
            cancel_once(task)
        await drain(running, seconds)

    async def close(self, seconds: float) -> None:
        """Cancels every task and waits up to that time for them to end."""
        self._closed = True
        for task in self._running():
            cancel_once(task)
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
        """Returns when no task of this session is running but those that wait here themselves."""
        await self.supervisor.wait_idle(self.session_id)
