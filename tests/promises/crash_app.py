"""The application of the crash loops: the counter, and an answer that grows with every event."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import StringValue

from sessionstream import (
    Event,
    Hub,
    SchemaRegistry,
    Session,
    Snapshot,
    TimelineEntity,
    TimelineView,
)
from tests.promises import counter


def registry() -> SchemaRegistry:
    names = counter.registry()
    names.register_timeline_entity("Answer", StringValue)
    return names


def install(hub: Hub) -> None:
    counter.install(hub)
    hub.register_timeline_projection(grow)


def grow(
    event: Event[Message], _session: Session, view: TimelineView
) -> Iterable[TimelineEntity[Message]]:
    before = view.get("Answer", "text")
    text = _text(before.payload if before else None) + _piece(event)
    yield TimelineEntity(kind="Answer", id="text", payload=StringValue(value=text))


def _text(message: Message | None) -> str:
    return message.value if isinstance(message, StringValue) else ""


def _piece(event: Event[Message]) -> str:
    return f"{event.ordinal}:{counter.number(event.payload)} "


Shown = tuple[str, int]
"""The answer and the counter."""


def fold(events: Sequence[Event[Message]]) -> Shown:
    """What both entities must be after these events."""
    return "".join(map(_piece, events)), counter.fold(events)


def shown(entities: Sequence[TimelineEntity[Message]]) -> Shown:
    """What both entities are."""
    by_kind = {entity.kind: entity.payload for entity in entities}
    assert by_kind.keys() in (set(), {"Answer", "Counter"}), "one entity without the other"
    return _text(by_kind.get("Answer")), counter.number(by_kind.get("Counter"))


def check_whole(snapshot: Snapshot) -> None:
    """Fails for a snapshot that is torn, which its answer shows without the log."""
    text, total = shown(snapshot.entities)
    pieces = [piece.split(":") for piece in text.split()]
    ordinals = [int(ordinal) for ordinal, _ in pieces]
    assert ordinals == list(range(1, snapshot.snapshot_ordinal + 1))
    assert total == sum(int(value) for _, value in pieces)
