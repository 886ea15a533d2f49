"""A Hub in memory with everything that a scenario reads, shared by its sessions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from google.protobuf import text_format
from google.protobuf.message import Message

from sessionstream.errors import SchemaError, UnknownNameError
from sessionstream.hub import Hub
from sessionstream.hydration.base import HydrationStore
from sessionstream.observer import ErrorRecord
from sessionstream.payloads import describe
from sessionstream.testing.comparing.awaiting import Calls
from sessionstream.testing.comparing.comparison import Comparison, Item
from sessionstream.testing.scenarios.recording import Recording
from sessionstream.timeline import snapshot_order
from sessionstream.types import Event, TimelineEntity

__tracebackhide__ = True  # pytest shows the line of the test instead

P = TypeVar("P", bound=Message)

Entities = Mapping[tuple[str, str], TimelineEntity[Message]]
"""By kind and id, in the order of a snapshot."""

# Seconds that a step waits for something before it fails. Nothing waits that long in a test
# that passes.
PATIENCE = 5.0

# Characters of a payload in the title of a step.
_LONGEST_TITLE = 80


@dataclass(frozen=True, slots=True)
class Raised:
    """What a ``when`` raised, which one it was, and whether a step that failed has told of it."""

    title: str
    error: Exception
    is_told: bool = False

    def unexpected(self) -> AssertionError:
        """Returns the failure of a test that did not expect it."""
        return AssertionError(
            f"{self.title}: {type(self.error).__name__} was raised: {self.error}\n"
            "If that is what should happen, a then_raised step says so."
        )


def changes(before: Entities, now: Entities) -> list[TimelineEntity[Message]]:
    """Returns the entities that differ as they are now, then those that are gone as tombstones."""
    changed = [entity for key, entity in now.items() if before.get(key) != entity]
    gone = [
        TimelineEntity[Message](kind=kind, id=entity_id, tombstone=True)
        for kind, entity_id in before
        if (kind, entity_id) not in now
    ]
    return changed + gone


@dataclass(slots=True)
class Stage:
    """What the steps of a scenario work on.

    ``raised`` has by session what no step has asked for. From the first event
    or command on ``is_begun`` is true.
    """

    hub: Hub
    store: HydrationStore
    recording: Recording
    comparison: Comparison
    patience: float = PATIENCE
    calls: Calls = field(default_factory=Calls)
    is_open: bool = False
    is_begun: bool = False
    raised: dict[str, Raised] = field(default_factory=dict)

    def tell(self, session_id: str) -> None:
        """Takes note that a step fails with what was raised: the end does not tell it again."""
        raised = self.raised[session_id]
        self.raised[session_id] = replace(raised, is_told=True)
        self.recording.expect_held_back(raised.error)

    def event_name(self, payload: Message) -> str:
        """Returns the name of the event that has this payload.

        Raises:
            TypeError: It is no message.
            UnknownNameError: It is no event of the Hub.
            SchemaError: It is a command, or several events have it.
        """
        _check_message("an event", payload)
        if self.is_command(payload):
            name = self.command_name(payload)
            raise SchemaError(
                f"{describe(payload)} is the command {name!r}, and an event belongs here; "
                "`when` runs a command, and events are what its handler publishes"
            )
        registry = self.hub.registry
        return _name_of(payload, "event", registry.event_names(), self._is_event)

    def is_command(self, payload: Message) -> bool:
        """Whether a command of the Hub has this payload."""
        registry = self.hub.registry
        return any(self._is_command(name, payload) for name in registry.command_names())

    def command_name(self, payload: Message) -> str:
        """Returns the name of the command that has this payload.

        Raises:
            UnknownNameError: It is no command of the Hub.
            SchemaError: Several commands have it.
        """
        registry = self.hub.registry
        return _name_of(payload, "command", registry.command_names(), self._is_command)

    def name(self, payload: Message) -> str:
        """Returns the name of the command or, if it is none, of the event.

        Raises:
            TypeError: It is no message.
            UnknownNameError: It is neither.
            SchemaError: Several have it.
        """
        _check_message("a command or event", payload)
        if self.is_command(payload):
            return self.command_name(payload)
        registry = self.hub.registry
        if not any(self._is_event(name, payload) for name in registry.event_names()):
            names = (*registry.command_names(), *registry.event_names())
            raise UnknownNameError("command or event", describe(payload), names)
        return self.event_name(payload)

    def event_item(self, payload: Message) -> Item:
        """Returns the event of this payload as it is expected."""
        return Item(name=self.event_name(payload), payload=payload)

    async def events(self, session_id: str, after: int, passed: int) -> list[Event[Message]]:
        """Returns the stored events after an ordinal and the ephemeral ones after a count."""
        found: list[tuple[int, Event[Message]]] = []
        while page := await self.store.events(session_id, after=after):
            found += [(event.ordinal, event) for event in page if isinstance(event, Event)]
            after = page[-1].ordinal
        ephemeral = self.recording.passed[session_id][passed:]
        # The sort is stable: an ephemeral event comes after the one that it followed.
        found += [(each.after, each.event) for each in ephemeral]
        return [event for _, event in sorted(found, key=lambda each: each[0])]

    async def entities(self, session_id: str) -> Entities:
        """Returns the stored entities; unlike a snapshot it leaves a timeline that is behind so."""
        stored = await self.store.timeline(session_id)
        found = [entity for entity in stored if isinstance(entity, TimelineEntity)]
        return {(entity.kind, entity.id): entity for entity in sorted(found, key=snapshot_order)}

    def _is_event(self, name: str, payload: Message) -> bool:
        return type(payload) is self.hub.registry.event_type(name).message_type

    def _is_command(self, name: str, payload: Message) -> bool:
        return type(payload) is self.hub.registry.command_type(name).message_type


def _check_message(wanted: str, payload: object) -> None:
    if not isinstance(payload, Message):
        raise TypeError(f"{wanted} is expected here; got {describe(payload)}")


def _name_of(
    payload: Message, role: str, names: tuple[str, ...], holds: Callable[[str, Message], bool]
) -> str:
    found = [name for name in names if holds(name, payload)]
    if not found:
        raise UnknownNameError(role, describe(payload), names)
    if len(found) > 1:
        raise SchemaError(
            f"{describe(payload)} is the payload of several {role}s: {', '.join(found)}; "
            "submit or publish it through the Hub"
        )
    return found[0]


def title_of(name: str, payload: Message) -> str:
    """Returns what tells a reader of a failure which step it followed."""
    fields = text_format.MessageToString(payload, as_utf8=True, as_one_line=True)
    if len(fields) > _LONGEST_TITLE:
        fields = f"{fields[:_LONGEST_TITLE]}…"
    return f"after {name} {{{fields}}}"


def told(record: ErrorRecord) -> str:
    """Returns a line about an error that the runtime recorded."""
    place = f"event {record.ordinal}" if record.ordinal else "no event"
    return (
        f"{record.source} {record.name!r} of session {record.session_id!r} at {place}: "
        f"{record.error_type}: {record.message}"
    )
