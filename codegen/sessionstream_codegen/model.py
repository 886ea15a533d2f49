"""What a run reads out of the .proto files, before any target's naming.

The model holds what is written there, legal or not: the rules judge it, and a
target renders it only when they found nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum

from sessionstream_codegen import names
from sessionstream_codegen.roles import CommandRole, EntityRole, EventRole, Role, UIEventRole


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a .proto file; line and column count from 1."""

    path: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


class Label(Enum):
    """How many values a field has, and whether one that is not set can be told."""

    SINGULAR = "singular"
    OPTIONAL = "optional"
    REQUIRED = "required"
    REPEATED = "repeated"
    MAP = "map"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSpec:
    """A field of a message, or an extension.

    ``type`` is what the .proto calls it: string, acme.v1.Step; of a map,
    map<string, acme.v1.Step>. ``oneof`` is the one that it is in, or empty.
    ``is_key``: it is marked as key; ``fits_key``: its type is one that a key may have.
    ``has_presence``: one that is not set can be told from one with the default.
    """

    name: str
    number: int
    type: str
    label: Label
    oneof: str
    is_message: bool
    is_key: bool
    fits_key: bool
    has_presence: bool
    is_deprecated: bool
    comment: str
    position: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDecl:
    """A message with a role, or with a key field.

    ``scope`` is its path within the file: ("Outer", "Inner"). ``positions``
    has those of what its options set: ``event``, ``event.name``, and
    ``event.aliases.0`` for the first alias. ``is_local``: no other file may name it.
    ``homonym``: another message of the file has a role and the same simple name.
    ``is_deprecated``: it is marked so, or its file is.
    """

    full_name: str
    scope: tuple[str, ...]
    comment: str
    position: Position
    positions: Mapping[str, Position]
    command: CommandRole | None = None
    event: EventRole | None = None
    ui_event: UIEventRole | None = None
    entity: EntityRole | None = None
    homonym: bool = False
    fields: tuple[FieldSpec, ...] = ()
    is_map_entry: bool = False
    is_local: bool = False
    is_deprecated: bool = False

    @property
    def name(self) -> str:
        """The simple name."""
        return self.scope[-1]

    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles that it has, in the order of `Role`."""
        declared = {
            Role.COMMAND: self.command,
            Role.EVENT: self.event,
            Role.UI_EVENT: self.ui_event,
            Role.ENTITY: self.entity,
        }
        return tuple(role for role, value in declared.items() if value is not None)

    @property
    def keys(self) -> tuple[FieldSpec, ...]:
        """The fields that are marked as key."""
        return tuple(field for field in self.fields if field.is_key)

    @property
    def is_marked(self) -> bool:
        """Whether our options are on it: it has a role, or a key."""
        return bool(self.roles or self.keys)

    @property
    def has_too_many_roles(self) -> bool:
        """Whether it has roles that exclude each other: only event and UI event do not."""
        return len(self.roles) > 1 and self.roles != (Role.EVENT, Role.UI_EVENT)

    @property
    def command_name(self) -> str:
        """The command's name on the wire; the message must be one."""
        return (self.command.name if self.command else "") or self.name

    @property
    def event_name(self) -> str:
        """The event's name in the log; the message must be one."""
        return (self.event.name if self.event else "") or self.name

    @property
    def ui_names(self) -> tuple[str, ...]:
        """The names of its UI events; none where it is no UI event."""
        return (self.ui_event.names or (self.name,)) if self.ui_event else ()

    @property
    def kind(self) -> str:
        """The entity's kind; the message must be one."""
        return (self.entity.kind if self.entity else "") or self.name

    @property
    def passed_through_as(self) -> str:
        """The UI event that the event becomes unless a projection says otherwise, or empty."""
        if self.event is None or len(self.ui_names) != 1:
            return ""
        return self.ui_names[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnumValue:
    """A value of an enum."""

    name: str
    number: int
    comment: str
    is_deprecated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EnumDecl:
    """An enum, at the top of a file or in a message; deprecated if it or its file is so."""

    full_name: str
    comment: str
    position: Position
    is_deprecated: bool
    values: tuple[EnumValue, ...]


class OptionFault(Enum):
    """What is odd about one of our options."""

    EMPTY = "it gives no role"
    UNKNOWN = "it has a field that the plugin does not know"
    MISREAD = "it has another form than ours"


@dataclass(frozen=True, slots=True, kw_only=True)
class OddOption:
    """One of our options that says nothing, or what the plugin can't read.

    ``element`` is the file, message or field that has it, ``part`` the field
    that is not known, by its number: ``event.9``.
    """

    fault: OptionFault
    element: str
    part: str
    position: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDecl:
    """A .proto file. ``visible`` are the files whose names it may use, in order of import.

    ``others`` are the messages that are not in ``messages``: without a role or a key.
    ``import_positions`` has the import that brings each visible file.
    ``garbled_comments`` are not UTF-8: where they stand, and what can be read of them.
    """

    path: str
    package: str
    prefix: str
    comment: str
    position: Position
    prefix_position: Position
    messages: tuple[MessageDecl, ...]
    others: tuple[MessageDecl, ...] = ()
    enums: tuple[EnumDecl, ...] = ()
    visible: tuple[str, ...]
    import_positions: Mapping[str, Position]
    stray_keys: tuple[FieldSpec, ...]
    foreign_extensions: tuple[tuple[str, Position], ...]
    odd_options: tuple[OddOption, ...] = ()
    garbled_comments: tuple[tuple[Position, str], ...] = ()
    is_deprecated: bool = False

    @property
    def class_prefix(self) -> str:
        """What the names of the file's classes begin with: the prefix, or else its own name."""
        return self.prefix or names.camel(names.stem(self.path))

    @property
    def commands(self) -> tuple[MessageDecl, ...]:
        """The messages that are commands."""
        return tuple(message for message in self.messages if message.command)

    @property
    def events(self) -> tuple[MessageDecl, ...]:
        """The messages that are events."""
        return tuple(message for message in self.messages if message.event)

    @property
    def ui_events(self) -> tuple[MessageDecl, ...]:
        """The messages that are UI events."""
        return tuple(message for message in self.messages if message.ui_event)

    @property
    def entities(self) -> tuple[MessageDecl, ...]:
        """The messages that are entities."""
        return tuple(message for message in self.messages if message.entity)

    @property
    def has_roles(self) -> bool:
        """Whether there is anything to generate."""
        return any(message.roles for message in self.messages)

    def exported(self) -> FileDecl:
        """Returns the file as those see it that import it: without local messages."""
        if not any(message.is_local for message in self.messages):
            return self
        return replace(self, messages=tuple(one for one in self.messages if not one.is_local))


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One call of the plugin: every file that it was shown, and those to generate for."""

    files: Mapping[str, FileDecl]
    generate: tuple[str, ...]

    def targets(self) -> Iterator[FileDecl]:
        """Yields the files to generate for, in the order in which they were asked for."""
        for path in self.generate:
            yield self.files[path]

    def visible_from(self, file: FileDecl) -> Iterator[FileDecl]:
        """Yields the other files that give this one roles to use, without what is local there."""
        for path in file.visible:
            other = self.files[path].exported()
            if other.has_roles:
                yield other
