"""Takes events in: checks and copies them, waits for room, hands them to their lanes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TypeVar, cast

from google.protobuf.message import Message

from sessionstream.backlog import Backlog
from sessionstream.causes import Cause
from sessionstream.errors import ProjectionError
from sessionstream.lanes import Lane, Lanes
from sessionstream.observer import Observers
from sessionstream.payloads import check_payload, copy_payload, describe
from sessionstream.pipeline import Pipeline
from sessionstream.schema import EventType, SchemaRegistry
from sessionstream.sessions import Sessions
from sessionstream.types import Event
from sessionstream.work import Publication, Together, WithdrawnError

# How many events may wait for their commit; then publishers wait.
MAX_UNCOMMITTED = 4096

P = TypeVar("P", bound=Message)
NamedPayload = tuple[str, Message]
Part = tuple[Lane, tuple[EventType[Message], Message]]
"""What one session gets of a publication to several."""


Publish = Callable[[str, Iterable[NamedPayload]], Awaitable[list[Event[Message]]]]


@dataclass(frozen=True, slots=True)
class SessionPublisher:
    """The `EventPublisher` that a handler is given: publishes into the handler's session."""

    session_id: str
    publish_events: Publish

    async def publish(self, name: str, payload: P) -> Event[P]:
        """Publishes an event."""
        [event] = await self.publish_events(self.session_id, ((name, payload),))
        return cast(Event[P], event)

    async def publish_all(self, events: Iterable[tuple[str, P]]) -> list[Event[P]]:
        """Publishes several events in one commit."""
        return cast(list[Event[P]], await self.publish_events(self.session_id, events))


class Publishing:
    """The one way of events into lanes."""

    def __init__(
        self,
        registry: SchemaRegistry,
        lanes: Lanes,
        pipeline: Pipeline,
        sessions: Sessions,
        observers: Observers,
    ) -> None:
        self._registry = registry
        self._lanes = lanes
        self._pipeline = pipeline
        self._sessions = sessions
        self._observers = observers
        self._backlog = Backlog(MAX_UNCOMMITTED)

    async def publish(
        self, session_id: str, events: Iterable[NamedPayload]
    ) -> list[Event[Message]]:
        """Returns the events, committed as one; their ordinals follow each other."""
        accepted = self._checked(events)
        cause = self._cause()
        lane = self._lanes.enter(session_id)
        try:
            self._sessions.refuse_its_own_factory(lane)
            if not self._backlog.enter(len(accepted)):
                await self._room_for(len(accepted))
            try:
                return await self._accept(lane, accepted, cause)
            except asyncio.CancelledError:
                self._pipeline.abandon(lane)
                raise
            finally:
                self._backlog.leave(len(accepted))
        finally:
            self._lanes.leave(lane)

    async def publish_to(
        self, session_ids: Iterable[str], name: str, payload: Message
    ) -> list[Event[Message]]:
        """Returns one event for each session, all committed in one transaction."""
        [(event_type, _)] = self._checked([(name, payload)])
        cause = self._cause()
        copies = {session_id: copy_payload(payload) for session_id in session_ids}
        with ExitStack() as used:
            lanes = [used.enter_context(self._lanes.use(each)) for each in copies]
            for lane in lanes:
                self._sessions.refuse_its_own_factory(lane)
            if not self._backlog.enter(len(lanes)):
                await self._room_for(len(lanes))
            used.callback(self._backlog.leave, len(lanes))
            parts = [(lane, (event_type, copies[lane.session_id])) for lane in lanes]
            while True:
                held = await self._ready(lanes)
                events = await self._publish_together(parts, cause)
                if events is not None:
                    break
        for error in held.values():
            raise error
        return events

    async def _room_for(self, count: int) -> None:
        if self._sessions.is_opening:  # what waits for that session may have all the room
            self._backlog.enter_beyond(count)
        else:
            await self._backlog.wait(count)

    def _cause(self) -> Cause | None:
        return self._observers.cause() if self._observers else None

    async def _publish_together(
        self, parts: Sequence[Part], cause: Cause | None
    ) -> list[Event[Message]] | None:
        """Returns the events; None where a commit failed below them, and none is stored."""

        def withdraw() -> None:
            for lane, _ in parts:
                self._pipeline.put_back(lane)

        together = Together(withdraw)
        waiting = [self._accept(lane, [part], cause, together) for lane, part in parts]
        results = await asyncio.gather(*waiting, return_exceptions=True)
        if together.withdrawn and all(isinstance(each, WithdrawnError) for each in results):
            return None
        # All are stored, or none is: what kept them from that is told before what came after.
        for result in sorted(results, key=lambda each: isinstance(each, ProjectionError)):
            if isinstance(result, BaseException) and not isinstance(result, WithdrawnError):
                raise result
        return [event for result in results if isinstance(result, list) for event in result]

    async def _ready(self, lanes: Sequence[Lane]) -> dict[Lane, ProjectionError]:
        """Returns when every one of the lanes drafts at once what it is given.

        A projection that is held back is tried once. What still holds it back
        is returned: it stops no session, and is told of after the commit.
        """
        held: dict[Lane, ProjectionError] = {}
        while unready := [
            lane for lane in lanes if not self._pipeline.is_ready(lane, held_back=lane in held)
        ]:
            for lane in unready:
                try:
                    await self._accept(lane, ())
                except ProjectionError as error:
                    held[lane] = error
        return held

    def _accept(
        self,
        lane: Lane,
        events: Sequence[tuple[EventType[Message], Message]],
        cause: Cause | None = None,
        together: Together | None = None,
    ) -> asyncio.Future[list[Event[Message]]]:
        done: asyncio.Future[list[Event[Message]]] = lane.loop.create_future()
        if together is not None and together.withdrawn:
            done.set_exception(WithdrawnError())
        else:
            self._pipeline.accept(lane, Publication(events, done, together, cause))
        return done

    def _checked(self, events: Iterable[NamedPayload]) -> list[tuple[EventType[Message], Message]]:
        checked: list[tuple[EventType[Message], Message]] = []
        for event in events:
            try:
                name, payload = event
            except (TypeError, ValueError):
                wanted = "an event is given as a pair of its name and its payload"
                raise TypeError(f"{wanted}; got {describe(event)}") from None
            event_type = self._registry.event_type(name)
            check_payload("event", event_type.name, event_type.message_type, payload)
            checked.append((event_type, copy_payload(payload)))
        return checked
