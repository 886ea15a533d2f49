"""The names of an application and the one message type that each of them takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from google.protobuf.message import Message

from sessionstream import codec
from sessionstream.errors import SchemaError
from sessionstream.namespaces import DeclaredType, Namespace
from sessionstream.restoring import all_or_nothing
from sessionstream.upcasting import Upcasters

P = TypeVar("P", bound=Message)
O = TypeVar("O", bound=Message)  # noqa: E741 the old type
N = TypeVar("N", bound=Message)

# Generic values have no slots: with them, `Event[Note](…)` is a TypeError on Python 3.11
# (a frozen dataclass with slots refuses the `__orig_class__` that typing sets).


@dataclass(frozen=True)
class CommandType(Generic[P]):
    """A command's name and payload type; ``aliases`` are older names still accepted."""

    name: str
    message_type: type[P]
    aliases: tuple[str, ...] = ()
    idempotent: bool = False


@dataclass(frozen=True)
class EventType(Generic[P]):
    """An event's name and payload type; ``aliases`` are older names still read."""

    name: str
    message_type: type[P]
    aliases: tuple[str, ...] = ()
    ephemeral: bool = False


@dataclass(frozen=True)
class UIEventType(Generic[P]):
    """A UI event's name and payload type."""

    name: str
    message_type: type[P]


@dataclass(frozen=True)
class EntityType(Generic[P]):
    """An entity's kind and payload type; ``key`` is the field that holds its id, if any."""

    kind: str
    message_type: type[P]
    key: str = ""


class SchemaRegistry:
    """Every name that an application uses, each with its one payload type.

    Commands, events, UI events and entities have a namespace each. Lookups by
    an alias answer the type under its current name. Not thread-safe; fill it
    while the application starts.
    """

    def __init__(self) -> None:
        self._commands = Namespace[CommandType[Message]]("command")
        self._events = Namespace[EventType[Message]]("event")
        self._ui_events = Namespace[UIEventType[Message]]("UI event")
        self._entities = Namespace[EntityType[Message]]("entity")
        self._upcasters = Upcasters()

    def register_command(self, name: str, message_type: type[Message]) -> None:
        """Registers a command; every ``register_…`` and `add` raise the same.

        Raises:
            DuplicateNameError: The name, or an alias, is taken.
            SchemaError: The name is empty, or the type is no message class or
                a shapeless one (Struct, Value, ListValue, Any, Empty).
        """
        self.add(CommandType[Message](name, message_type))

    def register_event(self, name: str, message_type: type[Message]) -> None:
        """Registers an event."""
        self.add(EventType[Message](name, message_type))

    def register_ui_event(self, name: str, message_type: type[Message]) -> None:
        """Registers a UI event."""
        self.add(UIEventType[Message](name, message_type))

    def register_timeline_entity(self, kind: str, message_type: type[Message]) -> None:
        """Registers a kind of timeline entity."""
        self.add(EntityType[Message](kind, message_type))

    def register_upcaster(
        self, name: str, old: type[O], new: type[N], upcast: Callable[[O], N]
    ) -> None:
        """Reads stored events that hold a message of another type than the event has now.

        ``upcast`` makes what the event holds now from what was stored; ``new``
        is the event's payload type, or an older one that has an upcaster
        already: register a chain from its newest part on. What ``upcast``
        returns is checked as every payload is. It runs at each reading, so it
        must be pure; an event on which it raises is read as unreadable.

        A stored entity needs none: a timeline that holds one of another type
        is made anew from the log.

        Args:
            name: The event, by its name or an alias.
            old: The class of the older message, which stays in the schema.
            new: The class that ``upcast`` makes.
            upcast: A plain function.

        Raises:
            UnknownNameError: No such event.
            DuplicateNameError: The older type has an upcaster, or is a former type.
            SchemaError: ``old`` is the event's own type, or ``new`` does not lead to that.
        """
        event = self.event_type(name)
        self._upcasters.add(event.name, event.message_type, old, new, upcast)

    def register_former_type(self, name: str, former: str, message_type: type[Message]) -> None:
        """Reads stored events whose message was renamed or moved, with the same fields.

        Args:
            name: The event, by its name or an alias.
            former: The full name that the message had, as ``acme.v1.ChatOpened``.
            message_type: The message's class now: the event's payload type, or
                an older one that has an upcaster.

        Raises:
            UnknownNameError: No such event.
            DuplicateNameError: The former name is taken by another older type.
            SchemaError: It is the event's own type, or ``message_type`` does
                not lead to that.
        """
        event = self.event_type(name)
        self._upcasters.add_former(event.name, event.message_type, former, message_type)

    def decode_stored_event(
        self, event: EventType[Message], stored_type: str, data: bytes
    ) -> Message:
        """Returns the payload of a stored event as the type that the event has now.

        Raises:
            PayloadDecodeError: The bytes are damaged, or of a type from which
                nothing leads to the event's own, or an upcaster raised.
            SchemaError: An upcaster made what the event can't hold.
        """
        return self._upcasters.read(event.name, event.message_type, stored_type, data)

    def add(self, *types: DeclaredType) -> None:
        """Registers declared types: all of them or, where one is refused, none."""
        with all_or_nothing(self):
            for declared in types:
                self._add(declared)

    def ensure(self, *types: DeclaredType) -> None:
        """Registers those of the declared types that are not registered exactly so, or none."""
        with all_or_nothing(self):
            for declared in types:
                if not self._holds(declared):
                    self._add(declared)

    def restore_point(self) -> Callable[[], None]:
        """Returns a function that puts the registry back as it is now."""
        names = (self._commands, self._events, self._ui_events, self._entities)
        restores = [one.restore_point() for one in (*names, self._upcasters)]

        def restore() -> None:
            for put_back in restores:
                put_back()

        return restore

    def _add(self, declared: DeclaredType) -> None:
        match declared:
            case CommandType():
                self._commands.add(declared.name, declared, declared.aliases)
            case EventType():
                self._events.add(declared.name, declared, declared.aliases)
            case UIEventType():
                self._ui_events.add(declared.name, declared)
            case EntityType():
                self._entities.add(declared.kind, declared)
            case _:
                raise SchemaError(
                    "add takes CommandType, EventType, UIEventType and EntityType; "
                    f"got {declared!r}"
                )

    def _holds(self, declared: DeclaredType) -> bool:
        match declared:
            case CommandType():
                return self._commands.holds(declared.name, declared)
            case EventType():
                return self._events.holds(declared.name, declared)
            case UIEventType():
                return self._ui_events.holds(declared.name, declared)
            case EntityType():
                return self._entities.holds(declared.kind, declared)
        return False

    def command_type(self, name: str) -> CommandType[Message]:
        """Returns the command of that name or alias; each lookup raises `UnknownNameError`."""
        return self._commands.get(name)

    def event_type(self, name: str) -> EventType[Message]:
        """Returns the event of that name or alias."""
        return self._events.get(name)

    def ui_event_type(self, name: str) -> UIEventType[Message]:
        """Returns the UI event of that name."""
        return self._ui_events.get(name)

    def entity_type(self, kind: str) -> EntityType[Message]:
        """Returns the entity of that kind."""
        return self._entities.get(kind)

    def command_names(self) -> tuple[str, ...]:
        """Returns the names of all commands, sorted."""
        return self._commands.names()

    def event_names(self) -> tuple[str, ...]:
        """Returns the names of all events, sorted."""
        return self._events.names()

    def decode_command_json(self, name: str, data: bytes | str) -> Message:
        """Returns the payload of a command from its protobuf JSON.

        Raises:
            UnknownNameError: No such command.
            PayloadDecodeError: The data are not the command's message.
        """
        return codec.decode_json(self.command_type(name).message_type, data)

    def encode_json(self, message: Message) -> bytes:
        """Returns the message as protobuf JSON."""
        return codec.encode_json(message)
