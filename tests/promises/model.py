"""What sessions hold, said as simply as it can be: lists of texts, and how far each was folded."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import BytesValue, StringValue

from sessionstream import Event, SchemaRegistry, Session, TimelineEntity, TimelineView
from sessionstream.projection import AnyTimelineProjection
from tests.runtime.app import line, make_registry, text, text_of


class Model:
    """One session: its log, and the timeline that was folded from it."""

    def __init__(self) -> None:
        self.bad: set[str] = set()
        self.begin()

    def begin(self) -> None:
        """The session is new, or was deleted."""
        self.log: list[str] = []
        self.cursor = 0
        # The log was compacted up to here.
        self.start = 0
        # The counting projection has seen the events after this one; None before it was added.
        self.counted_from: int | None = None
        # Whether a timeline that is behind was tried since it came into memory.
        self.tried = False
        self.closed: float | None = None

    def publish(self, values: list[str]) -> None:
        self.log += values
        if values:
            self.closed = None
        self.follow()

    def follow(self) -> None:
        """Moves the timeline on, up to what the projection refuses."""
        while self.cursor < len(self.log) and self.log[self.cursor] not in self.bad:
            self.cursor += 1

    def read(self) -> None:
        """Readers try a timeline that is behind, once."""
        if self.cursor < len(self.log) and not self.tried:
            self.tried = True
            self.follow()

    @property
    def held_back(self) -> bool:
        return self.cursor < len(self.log)

    def refuses(self, upto: int) -> bool:
        """Whether the log can't be folded anew so far."""
        return bool(self.bad & set(self.log[self.start : upto]))

    def compact(self, keep: int) -> None:
        self.start = max(self.start, min(len(self.log) - keep, self.cursor))

    def lines(self, upto: int) -> list[str]:
        """The fold of the first events, in alphabetical order."""
        found: dict[str, str] = {}
        for value in self.log[:upto]:
            line_id, content = split(value)
            if content is None:
                found.pop(line_id, None)
            else:
                found[line_id] = content
        if self.counted_from is not None and upto > self.counted_from:
            found["total"] = str(upto - self.counted_from)
        return sorted(f"{line_id}={content}" for line_id, content in found.items())


def close(model: Model, others: Mapping[str, Model], now: float) -> None:
    """Sessions stay in the order in which they were closed, whatever the clock says."""
    if model.log and model.closed is None:
        newest = max((each.closed for each in others.values() if each.closed), default=-math.inf)
        model.closed = max(now, math.nextafter(newest, math.inf))


def purged(models: Mapping[str, Model], before: float | None, keep: int | None) -> list[str]:
    """The closed sessions that are to go, those that were closed first coming first."""
    times = {name: model.closed for name, model in models.items() if model.closed is not None}
    order = sorted(times, key=times.__getitem__)
    kept = order if keep is None else order[max(len(order) - keep, 0) :]
    return [
        name
        for name in order
        if (before is not None and times[name] < before) or (keep is not None and name not in kept)
    ]


class Release:
    """What the application is at present: its event's type, and its timeline projections."""

    def __init__(self, models: Mapping[str, Model]) -> None:
        self._models = models
        self.is_bytes = False
        self.former = False
        self.counts = False

    def registry(self) -> SchemaRegistry:
        if not self.is_bytes:
            return make_registry()
        registry = SchemaRegistry()
        registry.register_event("Said", BytesValue)
        registry.register_timeline_entity("Line", StringValue)
        if self.former:
            registry.register_former_type("Said", StringValue.DESCRIPTOR.full_name, BytesValue)
        else:
            registry.register_upcaster(
                "Said", StringValue, BytesValue, lambda old: BytesValue(value=text_of(old).encode())
            )
        return registry

    def payload(self, value: str) -> Message:
        return BytesValue(value=value.encode()) if self.is_bytes else text(value)

    def projections(self) -> list[AnyTimelineProjection]:
        keep = Keeping(self._models)
        return [keep, count] if self.counts else [keep]


class Keeping:
    """Writes and removes lines; refuses the texts that the model calls bad."""

    def __init__(self, models: Mapping[str, Model]) -> None:
        self._models = models

    def project(
        self, event: Event[Message], session: Session, view: TimelineView
    ) -> Iterator[TimelineEntity[Message]]:
        value = said(event.payload)
        if value in self._models[event.session_id].bad:
            raise ValueError(f"no {value}")
        line_id, content = split(value)
        yield (
            TimelineEntity(kind="Line", id=line_id, tombstone=True)
            if content is None
            else line(line_id, content)
        )


def count(
    _event: Event[Message], _session: Session, view: TimelineView
) -> Iterator[TimelineEntity[Message]]:
    """Counts the events that it has seen: wrong as soon as one is folded twice."""
    before = view.get("Line", "total")
    yield line("total", str(1 if before is None else int(text_of(before.payload)) + 1))


def said(payload: Message | None) -> str:
    return payload.value.decode() if isinstance(payload, BytesValue) else text_of(payload)


def split(value: str) -> tuple[str, str | None]:
    """The line that a text is about, and what it says; None where it is removed."""
    if value.startswith("-"):
        return value[1:].partition("#")[0], None
    line_id, _, content = value.partition("=")
    return line_id, content
