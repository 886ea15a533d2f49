"""What generated modules are made of.

A generated module holds names, types and docstrings; whatever it has to *do*
is one of these calls. Each ties a declared type to the user's code so that a
type checker sees a mismatch, and erases the type for the Hub in one place:
the casts below are sound because the Hub checks every payload's class against
the registry before it calls.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from google.protobuf.message import Message

from sessionstream.errors import PayloadTypeError, SchemaError
from sessionstream.payloads import check_payload
from sessionstream.projection import TimelineView
from sessionstream.publisher import EventPublisher
from sessionstream.schema import CommandType, EntityType, EventType
from sessionstream.types import Command, Event, Session, TimelineEntity, UIEvent

# `typing` has it from Python 3.12 on; a type checker knows it for every version.
if TYPE_CHECKING:
    from typing_extensions import override as override
elif sys.version_info >= (3, 12):
    from typing import override as override
else:

    def override(method):
        """Marks a method that overrides one: a type checker reports when that is gone."""
        method.__override__ = True
        return method


P = TypeVar("P", bound=Message)
Publisher = TypeVar("Publisher")
View = TypeVar("View")
R = TypeVar("R")
U = TypeVar("U", bound=Message)
E = TypeVar("E", bound=Message)

CommandHandler = Callable[[Command[Message], Session, EventPublisher], Awaitable[None]]
"""What `Hub.register_command` takes."""

Route = tuple[str, Callable[[Event[Message], Session, View], Iterable[R]]]
"""An event's name and the method that projects it."""


def command_handler(
    command_type: CommandType[P],
    handle: Callable[[Command[P], Session, Publisher], Awaitable[None]],
    publisher: Callable[[EventPublisher], Publisher],
) -> CommandHandler:
    """Adapts a typed handler method to the Hub."""

    async def adapted(command: Command[Message], session: Session, events: EventPublisher) -> None:
        await handle(cast(Command[P], command), session, publisher(events))

    adapted.__qualname__ = f"handler of {command_type.name}"
    return adapted


def as_is(value: R) -> R:
    """Stands for a module's publisher or view, where it has no events or no entities."""
    return value


def on(
    event_type: EventType[P], project: Callable[[Event[P], Session, View], Iterable[R]]
) -> Route[View, R]:
    """Pairs an event with the method that projects it."""
    return event_type.name, cast(Callable[[Event[Message], Session, View], Iterable[R]], project)


class UIRoutes(Generic[View, U]):
    """A `UIProjection` that calls one method per event name; other events give nothing."""

    def __init__(
        self, view: Callable[[TimelineView], View], *routes: Route[View, UIEvent[U]]
    ) -> None:
        self._view = view
        self._routes = dict(routes)

    def project(
        self, event: Event[Message], session: Session, view: TimelineView
    ) -> Iterable[UIEvent[Message]]:
        """Dispatches on the event's name."""
        return _dispatch(self._routes, self._view, event, session, view)


class TimelineRoutes(Generic[View, E]):
    """A `TimelineProjection` that calls one method per event name; others change nothing."""

    def __init__(
        self, view: Callable[[TimelineView], View], *routes: Route[View, TimelineEntity[E]]
    ) -> None:
        self._view = view
        self._routes = dict(routes)

    def project(
        self, event: Event[Message], session: Session, view: TimelineView
    ) -> Iterable[TimelineEntity[Message]]:
        """Dispatches on the event's name."""
        return _dispatch(self._routes, self._view, event, session, view)


def _dispatch(
    routes: Mapping[str, Callable[[Event[Message], Session, View], Iterable[R]]],
    make_view: Callable[[TimelineView], View],
    event: Event[Message],
    session: Session,
    view: TimelineView,
) -> Iterable[R]:
    project = routes.get(event.name)
    return () if project is None else project(event, session, make_view(view))


class EntityFactory(Generic[P]):
    """Builds the timeline entities of one kind; the id comes from the key field."""

    def __init__(self, entity_type: EntityType[P]) -> None:
        self._type = entity_type

    def __call__(self, payload: P) -> TimelineEntity[P]:
        """Returns the entity that this payload becomes.

        Raises:
            PayloadTypeError: The payload is of another type.
            SchemaError: Its key field is empty.
        """
        kind, key = self._type.kind, self._type.key
        check_payload("entity", kind, self._type.message_type, payload)
        entity_id = _as_id(getattr(payload, key))
        if not entity_id:
            raise SchemaError(f"entity {kind!r} has an empty key: set the field {key!r}")
        return TimelineEntity(kind=kind, id=entity_id, payload=payload)

    def tombstone(self, entity_id: str | int) -> TimelineEntity[P]:
        """Returns the removal of an entity."""
        return TimelineEntity(kind=self._type.kind, id=_as_id(entity_id), tombstone=True)


class EntityView(Generic[P]):
    """The entities of one kind in a timeline view. What it returns are copies."""

    def __init__(self, view: TimelineView, entity_type: EntityType[P]) -> None:
        self._view = view
        self._type = entity_type

    def get(self, entity_id: str | int) -> P | None:
        """Returns the entity's payload, or None where there is none."""
        entity = self.entity(entity_id)
        return None if entity is None else entity.payload

    def entity(self, entity_id: str | int) -> TimelineEntity[P] | None:
        """Returns the entity with its ordinals, or None where there is none."""
        found = self._view.get(self._type.kind, _as_id(entity_id))
        return cast("TimelineEntity[P] | None", found)

    def list(self) -> list[P]:
        """Returns the payloads in the order in which the entities were created."""
        found = cast(list[TimelineEntity[P]], self._view.list(self._type.kind))
        return [entity.payload for entity in found if entity.payload is not None]


def event_name(by_payload: Mapping[type[Message], str], payload: Message) -> str:
    """Returns the name under which a module publishes this payload.

    Raises:
        PayloadTypeError: It is none of the module's events.
    """
    name = by_payload.get(type(payload))
    if name is None:
        expected = " or ".join(sorted(known.DESCRIPTOR.full_name for known in by_payload))
        got = payload.DESCRIPTOR.full_name if isinstance(payload, Message) else repr(type(payload))
        raise PayloadTypeError("event", "publish", expected or "no event at all", got)
    return name


def _as_id(value: str | int) -> str:
    return value if isinstance(value, str) else str(value)
