"""The names of an application and the one message type that each of them takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from google.protobuf.message import Message

from sessionstream import codec
from sessionstream.errors import (
    DuplicateNameError,
    SchemaError,
    UnknownNameError,
)
from sessionstream.restoring import all_or_nothing

P = TypeVar("P", bound=Message)

# Shapeless at the top level: a payload of such a type would tell a reader, and
# a type checker, nothing. Inside a concrete message they are fine.
REFUSED_TYPES = frozenset(
    {
        "google.protobuf.Any",
        "google.protobuf.Empty",
        "google.protobuf.ListValue",
        "google.protobuf.Struct",
        "google.protobuf.Value",
    }
)


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


class DeclaredType(Protocol):
    """What the four kinds of type have in common."""

    @property
    def message_type(self) -> type[Message]:
        """The payload's message class."""


D = TypeVar("D", bound=DeclaredType)


class _Names(Generic[D]):
    """The names of one role."""

    def __init__(self, role: str) -> None:
        self.role = role
        self._by_name: dict[str, D] = {}
        self._aliases: dict[str, str] = {}

    def add(self, name: str, declared: D, aliases: tuple[str, ...] = ()) -> None:
        _check_message_type(self.role, name, declared.message_type)
        names = (name, *aliases)
        for taken in names:
            if not _is_usable_name(taken):
                raise SchemaError(
                    f"a {self.role} needs a name of valid Unicode without outer spaces; "
                    f"got {taken!r}"
                )
            existing = self._find(taken)
            if existing is not None:
                raise self._duplicate(taken, existing, name, declared)
        if len(set(names)) < len(names):
            raise DuplicateNameError(self.role, name, "its own name or alias", _origin(declared))
        self._by_name[name] = declared
        self._aliases.update(dict.fromkeys(aliases, name))

    def get(self, name: str) -> D:
        try:
            return self._by_name[name]
        except (KeyError, TypeError):  # an alias, or no name at all
            found = self._find(name) if isinstance(name, str) else None
        if found is None:
            raise UnknownNameError(self.role, name, self.names())
        return found

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._by_name))

    def holds(self, name: str, declared: D) -> bool:
        return self._by_name.get(name) == declared

    def restore_point(self) -> Callable[[], None]:
        by_name, aliases = dict(self._by_name), dict(self._aliases)

        def restore() -> None:
            self._by_name, self._aliases = by_name, aliases

        return restore

    def _find(self, name: str) -> D | None:
        return self._by_name.get(self._aliases.get(name, name))

    def _duplicate(self, taken: str, existing: D, name: str, declared: D) -> DuplicateNameError:
        known = self._aliases.get(taken, taken)
        origins = _origin(existing, taken, known), _origin(declared, taken, name)
        if existing.message_type is not declared.message_type:
            return DuplicateNameError(self.role, taken, *origins)
        advice = "Register one message once, with the same aliases and options"
        return DuplicateNameError(self.role, taken, *origins, advice)


def _is_usable_name(name: object) -> bool:
    if not isinstance(name, str) or not name or name != name.strip():
        return False
    return name.isprintable()  # no control characters, no lone surrogates


def _check_message_type(role: str, name: str, message_type: object) -> None:
    if (
        not (isinstance(message_type, type) and issubclass(message_type, Message))
        or message_type is Message
    ):
        raise SchemaError(f"{role} {name!r} needs a protobuf message class; got {message_type!r}")
    full_name = message_type.DESCRIPTOR.full_name
    if full_name in REFUSED_TYPES:
        raise SchemaError(
            f"{role} {name!r} can't carry a top-level {full_name}; "
            f"wrap it in a concrete message of your own"
        )


def _origin(declared: DeclaredType, taken: str = "", name: str = "") -> str:
    """Says where a declared type comes from; ``taken`` may be an alias of its ``name``."""
    descriptor = declared.message_type.DESCRIPTOR
    alias = "" if taken == name else f"an alias of {name!r}, "
    return f"{alias}{descriptor.full_name} ({descriptor.file.name})"


class SchemaRegistry:
    """Every name that an application uses, each with its one payload type.

    Commands, events, UI events and entities have a namespace each. Lookups by
    an alias answer the type under its current name. Not thread-safe; fill it
    while the application starts.
    """

    def __init__(self) -> None:
        self._commands = _Names[CommandType[Message]]("command")
        self._events = _Names[EventType[Message]]("event")
        self._ui_events = _Names[UIEventType[Message]]("UI event")
        self._entities = _Names[EntityType[Message]]("entity")

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
        restores = [one.restore_point() for one in names]

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
