"""Routes: which method of the user's answers which command, and projects which event.

A route names the method of the generated base class; it is looked up on the
user's object when the routes are put together, so that one which is missing is
an error before anything is registered. A type checker has seen by then that
the payload of the declared type is the one that the method takes. For the Hub
the type is erased: the casts are sound because it checks every payload's class
against the registry before it calls.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

from google.protobuf.message import Message

from sessionstream.errors import HandlerError, SchemaError
from sessionstream.projection import (
    STORED_NAME,
    TimelineProjectionFunction,
    TimelineView,
    UIProjectionFunction,
)
from sessionstream.publisher import EventPublisher
from sessionstream.schema import CommandType, EventType
from sessionstream.types import Command, Event, Session, TimelineEntity, UIEvent

P = TypeVar("P", bound=Message)
R = TypeVar("R")
Owner = TypeVar("Owner")
Publisher = TypeVar("Publisher")
View = TypeVar("View")

CommandHandler = Callable[[Command[Message], Session, EventPublisher], Awaitable[None]]
"""What `Hub.register_command` takes."""

_Handle = Callable[[Command[Message], Session, Publisher], Awaitable[None]]
_Project = Callable[[Event[Message], Session, View], Iterable[R]]


@dataclass(frozen=True)
class CommandRoute(Generic[Owner, Publisher]):
    """A command's name and the method of ``Owner`` that handles it."""

    name: str
    method: Callable[[Owner, Command[Message], Session, Publisher], Awaitable[None]]


@dataclass(frozen=True)
class EventRoute(Generic[Owner, View, R]):
    """An event's name and the method of ``Owner`` that projects it."""

    name: str
    method: Callable[[Owner, Event[Message], Session, View], Iterable[R]]


def on_command(
    command_type: CommandType[P],
    method: Callable[[Owner, Command[P], Session, Publisher], Awaitable[None]],
) -> CommandRoute[Owner, Publisher]:
    """Pairs a command with the method that handles it."""
    erased = cast(Callable[[Owner, Command[Message], Session, Publisher], Awaitable[None]], method)
    return CommandRoute(command_type.name, erased)


def on_event(
    event_type: EventType[P],
    method: Callable[[Owner, Event[P], Session, View], Iterable[R]],
) -> EventRoute[Owner, View, R]:
    """Pairs an event with the method that projects it."""
    erased = cast(Callable[[Owner, Event[Message], Session, View], Iterable[R]], method)
    return EventRoute(event_type.name, erased)


def as_is(value: R) -> R:
    """Stands for a module's publisher or view, where it has no events or no entities."""
    return value


def command_handlers(
    handlers: Owner,
    publisher: Callable[[EventPublisher], Publisher],
    *routes: CommandRoute[Owner, Publisher],
) -> dict[str, CommandHandler]:
    """Returns the handlers for the Hub by the commands' names.

    Raises:
        HandlerError: The object lacks a method, or is a class.
    """
    found: dict[str, CommandHandler] = {}
    for route in routes:
        handle = getattr(handlers, route.method.__name__, None)
        if isinstance(handlers, type) or not callable(handle):
            raise HandlerError(route.name, _lack(handlers, route.method))
        found[route.name] = _command_handler(handle, publisher)
    return found


def ui_projection(
    projection: Owner | None,
    view: Callable[[TimelineView], View],
    *routes: EventRoute[Owner, View, UIEvent[Message]],
) -> UIProjectionFunction | None:
    """Returns the projection for the Hub; None without one. Other events give nothing.

    Raises:
        SchemaError: The object lacks a method, or is a class.
    """
    return None if projection is None else _dispatch(projection, routes, view)


def timeline_projection(
    projection: Owner | None,
    view: Callable[[TimelineView], View],
    *routes: EventRoute[Owner, View, TimelineEntity[Message]],
) -> TimelineProjectionFunction | None:
    """Returns the projection for the Hub; None without one. Other events change nothing.

    Raises:
        SchemaError: The object lacks a method, or is a class.
    """
    if projection is None:
        return None
    dispatch = _dispatch(projection, routes, view)
    if routes:
        # What a store calls it does not change when users rename their class.
        method = routes[0].method
        base = method.__qualname__.rpartition(".")[0]
        dispatch.__dict__[STORED_NAME] = f"{method.__module__}.{base}"
    return dispatch


def _command_handler(
    handle: _Handle[Publisher], publisher: Callable[[EventPublisher], Publisher]
) -> CommandHandler:
    def adapted(
        command: Command[Message], session: Session, events: EventPublisher
    ) -> Awaitable[None]:
        # What is no coroutine is told by the Hub, which gets it as it is.
        return handle(command, session, publisher(events))

    # Errors show the user's method, not what stands in front of it.
    adapted.__qualname__ = getattr(handle, "__qualname__", repr(handle))
    adapted.__module__ = handle.__module__
    return adapted


def _methods(
    owner: Owner, routes: Iterable[EventRoute[Owner, View, R]]
) -> Mapping[str, _Project[View, R]]:
    found: dict[str, _Project[View, R]] = {}
    for route in routes:
        project = getattr(owner, route.method.__name__, None)
        if isinstance(owner, type) or not callable(project):
            raise SchemaError(f"event {route.name!r}: {_lack(owner, route.method)}")
        found[route.name] = project
    return found


def _dispatch(
    owner: Owner,
    routes: Iterable[EventRoute[Owner, View, R]],
    make_view: Callable[[TimelineView], View],
) -> _Project[TimelineView, R]:
    methods = _methods(owner, routes)

    def project(event: Event[Message], session: Session, view: TimelineView) -> Iterable[R]:
        method = methods.get(event.name)
        return () if method is None else method(event, session, make_view(view))

    project.__qualname__ = type(owner).__qualname__  # what a message about it names
    return project


def _lack(owner: object, declared: Callable[..., object]) -> str:
    if isinstance(owner, type):
        return f"{owner.__name__} is a class; give an instance: {owner.__name__}(…)"
    base, _, name = declared.__qualname__.rpartition(".")
    return (
        f"{type(owner).__qualname__} has no method {name!r}; "
        f"derive it from {base}, and a type checker names all that it lacks"
    )
