"""From a payload to the name under which a module publishes it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

from google.protobuf.message import Message

from sessionstream.errors import PayloadTypeError
from sessionstream.namespaces import DeclaredType
from sessionstream.payloads import describe

P = TypeVar("P", bound=Message)


class NamedType(DeclaredType, Protocol):
    """A declared type with a name: an `EventType` of any payload."""

    @property
    def name(self) -> str:
        """The event's name."""


class EventNames:
    """The names of a module's events by their payloads."""

    def __init__(self, *event_types: NamedType) -> None:
        self._by_payload = {known.message_type: known.name for known in event_types}

    def paired(self, payloads: Iterable[P]) -> list[tuple[str, P]]:
        """Returns each payload behind its name; raises what `of` does."""
        return [(self.of(payload), payload) for payload in payloads]

    def of(self, payload: Message) -> str:
        """Returns the name of the event that has this payload.

        Raises:
            PayloadTypeError: It is none of them.
        """
        name = self._by_payload.get(type(payload))
        if name is None:
            known = sorted(known.DESCRIPTOR.full_name for known in self._by_payload)
            expected = " or ".join(known) or "no event at all"
            raise PayloadTypeError("event", "publish", expected, describe(payload))
        return name
