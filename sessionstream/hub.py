"""The Hub: commands in, events through the lanes, UI events out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from contextvars import copy_context
from typing import TypeVar, cast

from google.protobuf.message import Message

from sessionstream.accepting import Accepting
from sessionstream.administration import Administration
from sessionstream.arguments import (
    check_amount,
    check_callable,
    check_several,
    check_type,
)
from sessionstream.causes import RecordContext
from sessionstream.closing import Phase
from sessionstream.commands import Commands
from sessionstream.dead_letters import DeadLetters
from sessionstream.delivery import Fanouts
from sessionstream.fanout import UIFanout
from sessionstream.follower import Follower
from sessionstream.hub_commands import HubCommands
from sessionstream.hub_operations import HubOperations
from sessionstream.hub_reading import HubReading
from sessionstream.hub_setup import HubSetup
from sessionstream.hydration.base import HydrationStore, checked_store
from sessionstream.hydration.memory import MemoryStore
from sessionstream.lanes import Lanes
from sessionstream.observer import ErrorRecord, ErrorSource, Observer, Observers, error_record
from sessionstream.pipeline import Pipeline
from sessionstream.positions import Positions
from sessionstream.projection import (
    ProjectionPolicies,
)
from sessionstream.publishing import Publishing
from sessionstream.reader import Reader
from sessionstream.rebuilding import Rebuilding
from sessionstream.runner import ProjectionRunner
from sessionstream.schema import SchemaRegistry
from sessionstream.sessions import SessionMetadata, Sessions
from sessionstream.tasks import BackgroundTasks, TaskSupervisor
from sessionstream.trailing import WriteBehind
from sessionstream.types import Event, check_session_id
from sessionstream.watchers import Watchers
from sessionstream.work import Note

logger = logging.getLogger("sessionstream.hub")

P = TypeVar("P", bound=Message)

# How many bytes of sessions stay in memory when nobody uses them.
CACHE_BYTES = 64 * 2**20
# How long `aclose` waits for commands, tasks, commits and observers, each, before it goes on.
DRAIN_SECONDS = 10.0


class Hub(HubSetup, HubCommands, HubReading, HubOperations):
    """Coordinates commands, events, projections, the store and the fan-outs.

    Use it as an async context manager, inside that of its store. A store that
    was passed in is not closed by the Hub. Not thread-safe: one event loop.

    Args:
        registry: The application's names; more may be added later.
        store: Where sessions live; in memory if not given.
        fanout: Receives UI events; more can be added with `add_fanout`.
        policies: What happens when a projection fails.
        session_metadata: Called once per session in memory, before its first use.
        observers: Receive every record of what the runtime does, each on a
            thread of its own; see `Observer`.
        record_context: Called by whoever submits a command or publishes an event,
            where there are observers; what it returns is the ``context`` of the
            records. An exporter of traces brings one.
        write_behind: How far stored entities may trail the log.
        cache_bytes: How many bytes of sessions stay in memory when nobody uses them.
        drain_seconds: How long `aclose` lets commands run before it cancels
            them. It waits as long again, at most, for each of: the records of
            commands that it accepted, before and after that; cancelled tasks;
            commits with fan-outs; observers. And five seconds for what
            ignores that it is cancelled.
    """

    def __init__(
        self,
        registry: SchemaRegistry,
        *,
        store: HydrationStore | None = None,
        fanout: UIFanout | None = None,
        policies: ProjectionPolicies = ProjectionPolicies(),  # noqa: B008 frozen
        session_metadata: SessionMetadata | None = None,
        observers: Iterable[Observer] = (),
        record_context: RecordContext | None = None,
        write_behind: WriteBehind = WriteBehind(),  # noqa: B008 frozen
        cache_bytes: int = CACHE_BYTES,
        drain_seconds: float = DRAIN_SECONDS,
    ) -> None:
        check_type("registry", registry, SchemaRegistry)
        check_type("policies", policies, ProjectionPolicies)
        check_type("write_behind", write_behind, WriteBehind)
        observers = tuple(observers)
        for observer in observers:
            check_callable("an observer", observer)
        if session_metadata is not None:
            check_callable("session_metadata", session_metadata)
        if record_context is not None:
            check_callable("record_context", record_context)
        check_amount("cache_bytes", cache_bytes)
        check_amount("drain_seconds", drain_seconds)
        self.registry = registry
        self.observers = Observers(observers, record_context)
        self._store = MemoryStore() if store is None else checked_store(store)
        # Commits and fan-outs are for all: they belong to none of the commands that set them off.
        self._background = BackgroundTasks(copy_context())
        self._fanouts = Fanouts(self._background, self._keep, self.observers)
        if fanout is not None:
            self.add_fanout(fanout)
        self._supervisor = TaskSupervisor(self._task_failed)
        self._sessions = Sessions(session_metadata, self._supervisor)
        self._commands = Commands(registry, self.observers)
        self._runner = ProjectionRunner(registry)
        self._follower = Follower(self._store, self._runner, policies)
        self._lanes = Lanes(self._supervisor.busy, cache_bytes)
        self._pipeline = Pipeline(
            self._store,
            self._follower,
            self._sessions,
            self._background,
            self.observers,
            deliver=self._fanouts.deliver,
            lanes=self._lanes,
            write_behind=write_behind,
        )
        self._publishing = Publishing(
            registry, self._lanes, self._pipeline, self._sessions, self.observers
        )
        self._reader = Reader(self._pipeline, self._follower, self._sessions)
        self._accepting = Accepting(
            self._store,
            self._pipeline,
            self._sessions,
            self._commands,
            self._lane,
            self._publish,
        )
        self._positions = Positions(self._store, self._pipeline.states, self._reader)
        self._watchers = Watchers(self)
        self._rebuilding = Rebuilding(
            self._pipeline, self._follower, self._sessions, self._fanouts.reset
        )
        self._dead_letters = DeadLetters(
            self._store,
            self._pipeline,
            self._reader,
            self._rebuilding,
            policies,
            self._working_lane,
        )
        self._administration = Administration(
            self._store,
            self._pipeline,
            self._reader,
            self._follower,
            self._sessions,
            self._supervisor,
            self._busy,
            self._working_lane,
            self._fanouts.reset,
        )
        self._drain_seconds = drain_seconds
        self._phase = Phase.OPEN
        self._closing: asyncio.Task[None] | None = None

    # -- work ------------------------------------------------------------------

    async def publish(self, session_id: str, name: str, payload: P) -> Event[P]:
        """Publishes an event from outside a handler; see `EventPublisher.publish`.

        Raises:
            SessionIdError: The session id is unusable.
            SessionStreamError: As listed there.
        """
        self._require_open("publish")
        [event] = await self._publishing.publish(session_id, ((name, payload),))
        return cast(Event[P], event)

    async def publish_all(self, session_id: str, events: Iterable[tuple[str, P]]) -> list[Event[P]]:
        """Publishes several events in one commit; see `EventPublisher.publish_all`."""
        self._require_open("publish")
        return cast(list[Event[P]], await self._publishing.publish(session_id, events))

    async def publish_to(self, session_ids: Iterable[str], name: str, payload: P) -> list[Event[P]]:
        """Publishes one event into each of several sessions, all in one transaction.

        Returns the events in the order of the sessions, of which each counts once.

        Raises:
            SessionStreamError: As listed at `EventPublisher.publish`. After a
                `ProjectionError` the event is stored in all of the sessions.
        """
        self._require_open("publish")
        check_several("session ids", session_ids)
        checked = [check_session_id(session_id) for session_id in session_ids]
        events = await self._publishing.publish_to(checked, name, payload)
        return cast(list[Event[P]], events)

    # -- lifecycle -------------------------------------------------------------

    async def aclose(self) -> None:
        """Refuses new work, finishes what was accepted, then stops; may be called twice.

        Running commands get ``drain_seconds``, then are cancelled; then tasks
        are cancelled, and may still publish; then commits and fan-outs end;
        then observers. Cancelling the call does not stop the closing.
        """
        if self._closing is None:
            self._closing = asyncio.get_running_loop().create_task(self._close())
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        self._phase = Phase.DRAINING
        seconds = self._drain_seconds
        await self._accepting.admitted(seconds)
        await self._commands.drain(seconds)
        await self._accepting.drain(seconds)
        await self._supervisor.close(seconds)
        await self._background.drain(seconds)
        self._fanouts.close()
        self._pipeline.write_trailing()
        self._pipeline.close()
        await self._background.drain(seconds)
        self._phase = Phase.CLOSED
        self._watchers.close()
        await self.observers.flush(seconds)

    def _task_failed(self, session_id: str, name: str, error: BaseException) -> None:
        logger.error("task %r failed", name, exc_info=error, extra={"session_id": session_id})
        self._keep(error_record(session_id, ErrorSource.TASK, name, 0, error))

    def _keep(self, record: ErrorRecord) -> None:
        with self._lanes.use(record.session_id) as lane:
            self._pipeline.accept(lane, Note(record))
