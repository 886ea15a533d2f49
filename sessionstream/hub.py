"""The Hub: commands in, events through the lanes, UI events out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TypeVar, Unpack, cast

from google.protobuf.message import Message

from sessionstream.administration import Administration
from sessionstream.arguments import check_amount, check_callable, check_several, check_type
from sessionstream.closing import Phase
from sessionstream.commands import Commands
from sessionstream.dead_letters import DeadLetters
from sessionstream.delivery import Fanouts
from sessionstream.errors import HubClosedError
from sessionstream.fanout import UIFanout
from sessionstream.follower import Follower
from sessionstream.hub_setup import HubSetup
from sessionstream.hydration.base import ErrorFilters, HydrationStore, checked_store
from sessionstream.hydration.memory import MemoryStore
from sessionstream.lanes import Lane, Lanes
from sessionstream.observer import ErrorRecord, ErrorSource, Observer, Observers, error_record
from sessionstream.payloads import check_payload, copy_payload
from sessionstream.pipeline import Pipeline
from sessionstream.projection import (
    ProjectionPolicies,
    Projector,
)
from sessionstream.publishing import NamedPayload, Publishing, SessionPublisher
from sessionstream.reader import Reader
from sessionstream.rebuilding import Progress, Rebuilding
from sessionstream.runner import ProjectionRunner
from sessionstream.schema import SchemaRegistry
from sessionstream.sessions import SessionMetadata, Sessions
from sessionstream.tasks import BackgroundTasks, TaskSupervisor
from sessionstream.trailing import WriteBehind
from sessionstream.types import Command, Event, Session, Snapshot, check_session_id
from sessionstream.work import Note

logger = logging.getLogger("sessionstream.hub")

P = TypeVar("P", bound=Message)

# How many bytes of sessions stay in memory when nobody uses them.
CACHE_BYTES = 64 * 2**20
# How long `aclose` waits for commands, tasks, commits and observers, each, before it goes on.
DRAIN_SECONDS = 10.0


class Hub(HubSetup):
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
        write_behind: How far stored entities may trail the log.
        cache_bytes: How many bytes of sessions stay in memory when nobody uses them.
        drain_seconds: How long `aclose` lets commands run before it cancels
            them. It waits as long again, at most, for each of: cancelled
            tasks, commits with fan-outs, observers; and five seconds for what
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
        check_amount("cache_bytes", cache_bytes)
        check_amount("drain_seconds", drain_seconds)
        self.registry = registry
        self.observers = Observers(observers)
        self._store = MemoryStore() if store is None else checked_store(store)
        self._background = BackgroundTasks()
        self._fanouts = Fanouts(self._background, self._keep)
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
        self._publishing = Publishing(registry, self._lanes, self._pipeline, self._sessions)
        self._reader = Reader(self._pipeline, self._follower, self._sessions)
        self._rebuilding = Rebuilding(self._pipeline, self._follower, self._sessions)
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
            self._commands,
            self._working_lane,
        )
        self._drain_seconds = drain_seconds
        self._phase = Phase.OPEN
        self._closing: asyncio.Task[None] | None = None

    # -- work ------------------------------------------------------------------

    async def submit(self, session_id: str, name: str, payload: Message) -> None:
        """Runs a command and returns when its handler has returned.

        Cancelling the call cancels the handler. What it has published stays.

        Raises:
            SessionIdError: The session id is unusable.
            UnknownNameError: No such command.
            PayloadTypeError: The payload is not the command's message.
            HandlerError: The command has no handler.
            HubClosedError: The Hub is closed, or closed while the handler ran on.
            Exception: What the handler raised, unwrapped.
        """
        self._require_open("submit")
        check_session_id(session_id)
        command_type = self.registry.command_type(name)
        check_payload("command", command_type.name, command_type.message_type, payload)
        self._commands.handler(command_type.name)
        command = Command(
            session_id=session_id, name=command_type.name, payload=copy_payload(payload)
        )
        with self._working_lane(session_id) as lane:
            publisher = SessionPublisher(session_id, self._publish)
            await self._commands.run(command, lambda: self._sessions.open(lane), publisher)

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

    async def _publish(
        self, session_id: str, events: Iterable[NamedPayload]
    ) -> list[Event[Message]]:
        """For work that was accepted before the Hub began to close."""
        if self._phase is Phase.CLOSED:
            raise HubClosedError("publish")
        return await self._publishing.publish(session_id, events)

    async def snapshot(self, session_id: str, as_of: int | None = None) -> Snapshot:
        """Returns the session's timeline; a session without events has an empty one at 0.

        With ``as_of`` it is the timeline as it stood after that event,
        replayed from the log.

        Raises:
            SessionIdError: The session id is unusable.
            OrdinalError: ``as_of`` is negative or beyond the log's head.
            ProjectionError: The replay met an event on which a projection fails.
            StoreError: The store can't be read.
        """
        with self._lane(session_id) as lane:
            return await self._reader.snapshot(lane, as_of)

    async def session(self, session_id: str) -> Session:
        """Returns the session with its metadata and tasks."""
        with self._working_lane(session_id) as lane:
            return await self._sessions.open(lane)

    async def event_cursor(self, session_id: str) -> int:
        """Returns the ordinal of the session's last event; 0 before the first."""
        with self._lane(session_id) as lane:
            return (await self._pipeline.states.of(lane)).head

    async def cursor(self, session_id: str) -> int:
        """Returns the ordinal at which a snapshot would be now."""
        with self._lane(session_id) as lane:
            return (await self._reader.state(lane)).timeline.ordinal

    async def projection_cursor(self, projector: Projector | str, session_id: str) -> int:
        """Returns how far the ``"ui"`` or the ``"timeline"`` projection has come."""
        with self._lane(session_id) as lane:
            is_ui = Projector(projector) is Projector.UI
            state = await self._reader.state(lane)
            return state.ui_cursor if is_ui else state.timeline.ordinal

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
        await self._commands.drain(seconds)
        await self._supervisor.close(seconds)
        await self._background.drain(seconds)
        self._fanouts.close()
        self._pipeline.write_trailing()
        self._pipeline.close()
        await self._background.drain(seconds)
        self._phase = Phase.CLOSED
        await self.observers.flush(seconds)

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

    def _task_failed(self, session_id: str, name: str, error: BaseException) -> None:
        logger.error("task %r failed", name, exc_info=error, extra={"session_id": session_id})
        self._keep(error_record(session_id, ErrorSource.TASK, name, 0, error))

    def _keep(self, record: ErrorRecord) -> None:
        with self._lanes.use(record.session_id) as lane:
            self._pipeline.accept(lane, Note(record))
