"""Runs the application's projections and checks what they return."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Generic, TypeVar

from google.protobuf.message import Message

from sessionstream.errors import DuplicateNameError, PayloadTypeError, SchemaError
from sessionstream.namespaces import free_name
from sessionstream.payloads import check_json, check_payload, with_own_payload
from sessionstream.projection import (
    STORED_NAME,
    AnyTimelineProjection,
    AnyUIProjection,
    TimelineProjectionFunction,
    TimelineView,
    UIProjectionFunction,
)
from sessionstream.records import text_of
from sessionstream.schema import SchemaRegistry
from sessionstream.timeline import copy_entity
from sessionstream.types import Event, Session, TimelineEntity, UIEvent, is_unicode

R = TypeVar("R")


class SomeFailedError(Exception, Generic[R]):
    """Some projections failed on an event; ``others`` is what the others returned.

    The error of the one, or a group with those of several, is its ``cause``.
    """

    def __init__(self, errors: Sequence[Exception], others: Iterable[R]) -> None:
        super().__init__(errors, others)
        self.cause = errors[0] if len(errors) == 1 else ExceptionGroup(_texts(errors), errors)
        self.others = tuple(others)


class ProjectionRunner:
    """The registered projections of both kinds, in order.

    Every projection gets a copy of the event, and what it returns is read to
    its end at once, so that a generator too sees the timeline as it stood
    before the event.
    """

    def __init__(self, registry: SchemaRegistry) -> None:
        self._registry = registry
        self._ui: list[UIProjectionFunction] = []
        self._timeline: dict[str, TimelineProjectionFunction] = {}

    def add_ui(self, projection: AnyUIProjection) -> None:
        """Adds a UI projection: an object with ``project``, or a plain function."""
        self._ui.append(_plain_function(projection))

    def add_timeline(self, projection: AnyTimelineProjection, name: str | None = None) -> None:
        """Adds a timeline projection: an object with ``project``, or a plain function.

        Without a name it gets that of its class or function, with a number
        where that is taken.
        """
        function = _plain_function(projection)
        if name is not None and not _is_usable_id(name):
            raise SchemaError(f"a projection's name is a non-empty string; got {name!r}")
        if name is None:
            name = free_name(_qualified_name(projection), self._timeline)
        elif name in self._timeline:
            raise DuplicateNameError("timeline projection", name, "another", repr(projection))
        self._timeline[name] = function

    def restore_point(self) -> Callable[[], None]:
        """Returns a function that puts the projections back as they are now."""
        ui, timeline = list(self._ui), dict(self._timeline)

        def restore() -> None:
            self._ui, self._timeline = ui, timeline

        return restore

    @property
    def has_timeline(self) -> bool:
        """Whether there is a timeline projection at all."""
        return bool(self._timeline)

    @property
    def timeline_names(self) -> tuple[str, ...]:
        """The names of the timeline projections, sorted."""
        return tuple(sorted(self._timeline))

    def ui(
        self, event: Event[Message], session: Session, view: TimelineView
    ) -> tuple[UIEvent[Message], ...]:
        """Returns the UI events of all UI projections.

        Raises:
            SomeFailedError: Some of them failed; it has the UI events of the others.
        """
        return _all_of(self._ui, self._checked_ui_event, event, session, view)

    def timeline(
        self, event: Event[Message], session: Session, view: TimelineView
    ) -> tuple[TimelineEntity[Message], ...]:
        """Returns the entities of all timeline projections.

        Raises:
            SomeFailedError: Some of them failed; it has the entities of the others.
        """
        return _all_of(self._timeline.values(), self._checked_entity, event, session, view)

    def _checked_ui_event(self, ui_event: object) -> UIEvent[Message]:
        if not isinstance(ui_event, UIEvent):
            raise PayloadTypeError("a UI projection", "project", "UIEvent values", _shown(ui_event))
        declared = self._registry.ui_event_type(ui_event.name)
        check_payload("UI event", ui_event.name, declared.message_type, ui_event.payload)
        check_json("UI event", ui_event.name, ui_event.payload)
        # Of its own class: a fan-out may match on the generated ones.
        return with_own_payload(ui_event)

    def _checked_entity(self, entity: object) -> TimelineEntity[Message]:
        if not isinstance(entity, TimelineEntity):
            wanted = "TimelineEntity values"
            raise PayloadTypeError("a timeline projection", "project", wanted, _shown(entity))
        declared = self._registry.entity_type(entity.kind)
        if not _is_usable_id(entity.id):
            raise SchemaError(
                f"entity {entity.kind!r} needs an id that is a non-empty string of valid Unicode; "
                f"got {entity.id!r}"
            )
        if entity.tombstone:
            return replace(entity, payload=None)
        payload = entity.payload
        check_payload("entity", entity.kind, declared.message_type, payload)
        if payload is not None:
            check_json("entity", entity.kind, payload)
        return copy_entity(entity)


def _plain_function(projection: object) -> Callable[..., tuple[()]]:
    function: Callable[..., tuple[()]] | object = getattr(projection, "project", projection)
    if not callable(function) or isinstance(projection, type):
        raise SchemaError(
            f"a projection is an object with a method project, or a function; got {projection!r}"
        )
    # An instance with `async def __call__` is no coroutine function itself.
    if _is_async(function) or _is_async(type(function).__call__):
        raise SchemaError(
            f"{getattr(function, '__qualname__', function)} is async; a projection is a plain "
            "function: it must be pure, because a rebuild runs it again"
        )
    return function


def _qualified_name(projection: object) -> str:
    stored: object = getattr(projection, STORED_NAME, None)
    if isinstance(stored, str):
        return stored
    named = projection if hasattr(projection, "__qualname__") else type(projection)
    return f"{named.__module__}.{getattr(named, '__qualname__', '')}"


def _is_async(function: object) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)


def _is_usable_id(entity_id: object) -> bool:
    return isinstance(entity_id, str) and entity_id != "" and is_unicode(entity_id)


def _all_of(
    projections: Iterable[Callable[[Event[Message], Session, TimelineView], Iterable[object]]],
    checked: Callable[[object], R],
    event: Event[Message],
    session: Session,
    view: TimelineView,
) -> tuple[R, ...]:
    found: list[R] = []
    errors: list[Exception] = []
    for project in projections:
        try:
            found += [checked(result) for result in _results(project, event, session, view)]
        except Exception as error:  # user code
            errors.append(error)
    if errors:
        raise SomeFailedError(errors, found)
    return tuple(found)


def _results(
    project: Callable[[Event[Message], Session, TimelineView], Iterable[R]],
    event: Event[Message],
    session: Session,
    view: TimelineView,
) -> tuple[R, ...]:
    results = project(with_own_payload(event), session, view)
    try:
        iterator = iter(results)
    except TypeError:  # user code: it may return anything
        wanted = "an iterable; return () for nothing, or yield"
        raise PayloadTypeError("a projection", event.name, wanted, _shown(results)) from None
    return tuple(iterator)


def _texts(errors: Iterable[Exception]) -> str:
    return "; ".join(f"{type(error).__name__}: {text_of(error)}" for error in errors)


def _shown(value: object) -> str:
    return type(value).__name__
