"""What was expected beside what was got, as lines that a person can compare."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TypeVar

from google.protobuf import text_format
from google.protobuf.message import Message

from sessionstream.payloads import copy_payload, describe
from sessionstream.testing.comparing.placeholders import Bindings, rewrite
from sessionstream.types import Event, TimelineEntity, UIEvent

__tracebackhide__ = True  # pytest shows the line of the test instead

P = TypeVar("P", bound=Message)

_MADE = "the generated module has a class whose methods make it of a message"

# Equal lines that are shown around a difference.
_CONTEXT = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Something with a name and, unless it is the removal of an entity, a payload.

    ``note`` tells a reader its place in the session. It is not compared; the
    session is, where it is given.
    """

    name: str
    payload: Message | None
    entity_id: str | None = None
    session_id: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    note: str = ""


def event_item(event: Event[Message]) -> Item:
    """Returns an event as an item."""
    note = f"event {event.ordinal}" if event.ordinal else "ephemeral"
    return Item(name=event.name, payload=event.payload, note=note)


def ui_event_item(ui_event: UIEvent[Message], ordinal: int | None = None) -> Item:
    """Returns a UI event as an item; ``ordinal`` is its event's."""
    if not isinstance(ui_event, UIEvent):
        raise TypeError(f"a UI event is expected here; {_MADE}; got {describe(ui_event)}")
    note = "of an ephemeral event" if ordinal == 0 else f"of event {ordinal}"
    return Item(name=ui_event.name, payload=ui_event.payload, note="" if ordinal is None else note)


def entity_item(entity: TimelineEntity[Message]) -> Item:
    """Returns an entity as an item."""
    if not isinstance(entity, TimelineEntity):
        raise TypeError(f"a timeline entity is expected here; {_MADE}; got {describe(entity)}")
    created, changed = entity.created_ordinal, entity.last_event_ordinal
    return Item(
        name=entity.kind,
        payload=entity.payload,
        entity_id=entity.id,
        note=f"created by event {created}, changed by {changed}" if changed else "",
    )


class Comparison:
    """Compares items by name, id and payload, and remembers what placeholders stand for.

    Payloads are equal when their texts in protobuf's text format are.
    ``ignoring`` has names of fields that are left out, at any depth.
    """

    def __init__(self, ignoring: Iterable[str] = ()) -> None:
        self._ignoring: Collection[str] = frozenset(ignoring)
        self._bindings = Bindings()

    def text_of(self, placeholder: str) -> str:
        """Returns what a placeholder stands for; `Bindings.text_of` tells the rest."""
        return self._bindings.text_of(placeholder)

    def resolved(self, payload: P) -> P:
        """Returns a copy of the payload with texts in the place of placeholders."""
        copy = copy_payload(payload)
        rewrite(copy, self._bindings.text_of, ())
        return copy

    def matches(self, expected: Item, got: Item) -> bool:
        """Whether both are equal; only then placeholders are bound."""
        bindings = self._bindings.extended(_pairs([expected], [got]))
        if not _equal(self._lines([expected], bindings), self._lines([got], bindings)):
            return False
        self._bindings = bindings
        return True

    def check(self, what: str, expected: Sequence[Item], got: Sequence[Item]) -> None:
        """Compares both, in order.

        Raises:
            AssertionError: They differ. It shows ``what`` and both, line by line.
        """
        bindings = self._bindings.extended(_pairs(expected, got))
        difference = self._difference(expected, got, bindings)
        if difference:
            count = f"expected {len(expected)}, got {len(got)}"
            raise AssertionError(f"{what}: {count} (- expected, + got)\n{difference}")
        self._bindings = bindings

    def difference(self, expected: Sequence[Item], got: Sequence[Item]) -> str:
        """Returns both, line by line, where they differ; otherwise an empty text."""
        return self._difference(expected, got, self._bindings)

    def _difference(self, expected: Sequence[Item], got: Sequence[Item], bindings: Bindings) -> str:
        wanted, received = self._lines(expected, bindings), self._lines(got, bindings)
        return "" if _equal(wanted, received) else "\n".join(_difference(wanted, received))

    def _lines(self, items: Iterable[Item], bindings: Bindings) -> list[_Line]:
        lines = []
        for item in items:
            heading = item.name
            if item.entity_id is not None:
                heading += f" {bindings.placeholder_of(item.entity_id)!r}"
            if item.session_id:
                heading += f" in session {item.session_id!r}"
            if item.payload is None:
                heading += " (removed)"
            lines.append(_Line(heading, item.note))
            if item.payload is not None:
                payload = copy_payload(item.payload)
                rewrite(payload, bindings.placeholder_of, self._ignoring)
                lines += [_Line(f"    {line}") for line in text_lines(payload)]
        return lines


def text_lines(payload: Message) -> list[str]:
    """Returns the payload in protobuf's text format."""
    return text_format.MessageToString(payload, as_utf8=True).splitlines()


def _pairs(expected: Sequence[Item], got: Sequence[Item]) -> Iterator[tuple[Message, Message]]:
    """Pairs what may be the same: the n-th of a name with the n-th of that name."""
    waiting: dict[str, list[Message]] = {}
    for item in got:
        if item.payload is not None:
            waiting.setdefault(item.name, []).append(item.payload)
    for item in expected:
        if item.payload is not None and waiting.get(item.name):
            yield item.payload, waiting[item.name].pop(0)


def _equal(one: Sequence[_Line], other: Sequence[_Line]) -> bool:
    return [line.text for line in one] == [line.text for line in other]


def _difference(expected: Sequence[_Line], got: Sequence[_Line]) -> Iterator[str]:
    matcher = SequenceMatcher(
        None, [line.text for line in expected], [line.text for line in got], autojunk=False
    )
    position = 0
    for group in matcher.get_grouped_opcodes(_CONTEXT):
        if group[0][1] > position:
            yield "  …"
        for tag, start, end, got_start, got_end in group:
            position = end
            if tag == "equal":
                yield from _marked(" ", got[got_start:got_end])
            else:
                yield from _marked("-", expected[start:end])
                yield from _marked("+", got[got_start:got_end])
    if position < len(expected):
        yield "  …"


def _marked(mark: str, lines: Iterable[_Line]) -> Iterator[str]:
    for line in lines:
        yield f"{mark} {line.text}{f'    # {line.note}' if line.note else ''}"
