"""Events and UI events as a store in memory keeps them: their payloads as bytes."""

from __future__ import annotations

from google.protobuf.message import Message

from sessionstream.types import Event, UIEvent

KeptEvent = tuple[str, int, bytes]
"""Name, number of the payload's type, its bytes.

Nothing in it refers to anything, so the garbage collector looks into no such
tuple twice: a log may be long.
"""


class PayloadTypes:
    """The types of the payloads that a store has kept, by number."""

    def __init__(self) -> None:
        self._types: list[type[Message]] = []
        self._numbers: dict[type[Message], int] = {}

    def number(self, payload_type: type[Message]) -> int:
        """Returns the type's number, a new one for a new type."""
        number = self._numbers.get(payload_type)
        if number is None:
            number = self._numbers[payload_type] = len(self._types)
            self._types.append(payload_type)
        return number

    def kept(self, event: Event[Message] | UIEvent[Message]) -> KeptEvent:
        """Returns the event as it is kept."""
        payload = event.payload
        return event.name, self.number(type(payload)), payload.SerializePartialToString()

    def read(self, session_id: str, ordinal: int, event: KeptEvent) -> Event[Message]:
        """Returns the event with a payload of its own."""
        name, number, data = event
        payload = self._types[number].FromString(data)
        return Event(session_id=session_id, name=name, ordinal=ordinal, payload=payload)

    def read_ui(self, event: KeptEvent) -> UIEvent[Message]:
        """Returns the UI event with a payload of its own."""
        name, number, data = event
        return UIEvent(name=name, payload=self._types[number].FromString(data))
