"""Whether projections give the same again for the same event."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TypeVar, Union

from google.protobuf.message import Message

from sessionstream.payloads import copy_payload
from sessionstream.projection import Projector, TimelineView
from sessionstream.testing.comparing.comparison import Comparison, Item, entity_item, ui_event_item
from sessionstream.timeline import Timeline, TimelineDraft
from sessionstream.types import Event, Session, TimelineEntity, UIEvent

__tracebackhide__ = True  # pytest shows the line of the test instead

Result = Union[UIEvent[Message], TimelineEntity[Message]]
R = TypeVar("R", UIEvent[Message], TimelineEntity[Message])
Project = Callable[[Event[Message], Session, TimelineView], Iterable[R]]

_REMEDY = (
    "A projection is pure, because it runs again when a timeline is rebuilt: take ids, times "
    "and random values from the event, and what was before from the view."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """What a projection gave for an event; ``again`` asks it once more."""

    name: str
    session: Session
    seen: int
    results: tuple[Result, ...]
    again: Callable[[Event[Message], Session, TimelineView], Iterable[Result]]


@dataclass(frozen=True, slots=True)
class _Projected:
    """A stored event, and what came of it by projector and place among the projections."""

    event: Event[Message]
    calls: dict[tuple[Projector, int], _Call] = field(default_factory=dict)


class Projections:
    """Remembers what the projections of a Hub gave for each stored event.

    `check` asks each of them again, with the view that it had: the fold of
    what the timeline projections gave before. It passes over what it can't
    know: ephemeral events, sessions that are older than the scenario,
    projections that raised, and UI projections while the timeline was held back.
    """

    def __init__(self) -> None:
        self._count = dict.fromkeys(Projector, 0)
        self._logs: dict[str, dict[int, _Projected]] = {}

    def remembered(
        self, projector: Projector, projection: object, project: Project[R]
    ) -> Project[R]:
        """Returns a projection that does the same and is remembered."""
        place = projector, self._count[projector]
        self._count[projector] += 1
        named = projection if hasattr(projection, "__qualname__") else type(projection)
        name = f"the {projector} projection {getattr(named, '__qualname__', named)}"

        def remembering(event: Event[Message], session: Session, view: TimelineView) -> Iterable[R]:
            original = replace(event, payload=copy_payload(event.payload))
            results = project(event, session, view)
            if not event.ordinal or not isinstance(results, Iterable):
                return results
            found = tuple(results)
            projected = self._projected(original)
            projected.calls.pop(place, None)
            if all(map(_is_whole, found)):
                projected.calls[place] = _Call(
                    name=name,
                    session=session,
                    seen=view.ordinal,
                    results=tuple(map(_copied, found)),
                    again=project,
                )
            return found

        return remembering

    def check(self, skipped: Collection[tuple[str, int]]) -> None:
        """Asks every projection again.

        Args:
            skipped: Session and ordinal of events that the timeline passed
                over, because a projection failed on them under ``advance``.

        Raises:
            AssertionError: A projection gave something else. It names the
                projection and the event, and shows the difference.
        """
        for session_id, log in self._logs.items():
            timeline = Timeline()
            for ordinal in count(1):
                projected = log.get(ordinal)
                if projected is None:
                    break
                for call in projected.calls.values():
                    if call.seen == timeline.ordinal == ordinal - 1:
                        _ask_again(call, projected.event, timeline)
                passed_over = (session_id, ordinal) in skipped
                _fold(timeline, ordinal, [] if passed_over else self._entities(projected))

    def _projected(self, event: Event[Message]) -> _Projected:
        log = self._logs.setdefault(event.session_id, {})
        projected = log.get(event.ordinal)
        if projected is None or projected.event != event:
            # An event that was not committed had this ordinal before; so had those after it.
            for later in [ordinal for ordinal in log if ordinal >= event.ordinal]:
                del log[later]
            projected = log[event.ordinal] = _Projected(event)
        return projected

    def _entities(self, projected: _Projected) -> list[TimelineEntity[Message]]:
        """What went into the timeline: all that its projections gave, or nothing."""
        places = [(Projector.TIMELINE, place) for place in range(self._count[Projector.TIMELINE])]
        if not all(place in projected.calls for place in places):
            return []
        results = (result for place in places for result in projected.calls[place].results)
        return [result for result in results if isinstance(result, TimelineEntity)]


def _ask_again(call: _Call, event: Event[Message], timeline: Timeline) -> None:
    copied = replace(event, payload=copy_payload(event.payload))
    place = f"event {event.ordinal} ({event.name}) of session {event.session_id!r}"
    try:
        results = tuple(call.again(copied, call.session, TimelineDraft(timeline)))
    except Exception as error:  # user code
        raise AssertionError(
            f"{call.name} raised when it was given {place} again, and did not the first time: "
            f"{type(error).__name__}: {error}\n{_REMEDY}"
        ) from error
    if results == call.results:
        return
    difference = Comparison().difference(
        [_item(result) for result in call.results], [_item(result) for result in results]
    )
    if difference:
        raise AssertionError(
            f"{call.name} gave something else when it was given {place} again "
            f"(- the first time, + again)\n{difference}\n{_REMEDY}"
        )


def _fold(timeline: Timeline, ordinal: int, entities: Iterable[TimelineEntity[Message]]) -> None:
    draft = TimelineDraft(timeline)
    draft.apply(ordinal, entities)
    draft.merge()


def _is_whole(result: object) -> bool:
    """Whether it is of a type that can be compared; the Hub refuses what is not."""
    if isinstance(result, TimelineEntity) and result.payload is None:
        return result.tombstone
    return isinstance(result, (UIEvent, TimelineEntity)) and isinstance(result.payload, Message)


def _copied(result: R) -> R:
    payload = result.payload
    return result if payload is None else replace(result, payload=copy_payload(payload))


def _item(result: Result) -> Item:
    return entity_item(result) if isinstance(result, TimelineEntity) else ui_event_item(result)
