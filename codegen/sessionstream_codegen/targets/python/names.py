"""The Python names of one generated module: who is called what, and where it lives.

Names depend on the .proto files alone, never on the order of a run. A method,
an attribute or a constant that Python or the module already uses gets a
trailing underscore: the command ``Continue`` is handled by ``continue_``. The
constant of a UI event always ends in ``_UI``: it stays what it is when an event
of the same name is added. What the file declares keeps its name; imported
files whose names meet it, or each other, are named beside theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from sessionstream_codegen import names
from sessionstream_codegen.model import FileDecl, MessageDecl, Run
from sessionstream_codegen.targets.python.members import distinct
from sessionstream_codegen.targets.python.modules import PB2, SUFFIX, imported_modules
from sessionstream_codegen.targets.python.spelling import (
    message_constant,
    payload_alias,
    ui_class,
    words,
)

# What the bodies and signatures of the generated classes refer to.
_TAKEN_MEMBERS = frozenset(
    {"abstractmethod", "int", "override", "pb", "property", "staticmethod", "str", "typed"}
)
# What every client has beside its commands.
_CLIENT = frozenset({"watch"})
# What every publisher has, and what its methods refer to.
_PUBLISHING = frozenset({"list", "publish", "publish_all"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """One name on the wire with its Python names, as the module writes them.

    ``constant``, ``payload`` and ``ui_class`` are qualified where another
    module has them.
    """

    message: MessageDecl
    wire: str
    constant: str
    payload: str
    member: str
    ui_class: str = ""
    own: bool


@dataclass(frozen=True, slots=True)
class PayloadClass:
    """Where Python finds a payload: a module, and the attributes that lead to it from there."""

    module: str
    attributes: tuple[str, ...]


_Read = Callable[[FileDecl], Iterable[Named]]


class ModuleNames:
    """The names of the module of ``file``, with those of the files that it may use."""

    def __init__(self, file: FileDecl, run: Run) -> None:
        others = list(run.visible_from(file))
        self.file = file
        self.prefix = file.class_prefix
        self.imported = imported_modules(file, others)
        self._aliases = {module.module: module.alias for module in self.imported}
        self.commands = self._collect((file,), self._commands, _TAKEN_MEMBERS | _CLIENT)
        self.events = self._collect((file,), self._events, _TAKEN_MEMBERS | _PUBLISHING)
        everywhere = (file, *others)
        # What is imported is left out where this file has no one who could use it.
        publishes, projects = file.commands or file.events, file.events
        self.published = self._collect(
            everywhere if publishes else (), self._events, _TAKEN_MEMBERS | _PUBLISHING
        )
        self.ui_events = self._collect(
            everywhere if projects else (file,), self._ui_events, _TAKEN_MEMBERS
        )
        self.entities = self._collect(
            everywhere if projects else (file,), self._entities, _TAKEN_MEMBERS | {"ordinal"}
        )
        self.schemas = [self._qualified(other, "SCHEMAS") for other in others]

    @property
    def aliased(self) -> list[MessageDecl]:
        """The file's own payloads that have to get another name to be named in Python."""
        return [m for m in self.file.messages if m.roles and payload_alias(m)]

    @property
    def ui_projected(self) -> list[Named]:
        """The events of the UI projection; none where there is no UI event to give."""
        return self.events if self.ui_events else []

    @property
    def ui_abstract(self) -> list[Named]:
        """The events that a UI projection has to answer: the others pass through."""
        return [named for named in self.ui_projected if not named.message.passed_through_as]

    @property
    def timeline_projected(self) -> list[Named]:
        """The events of the timeline projection: those that are stored, if there are entities."""
        roles = ((named, named.message.event) for named in self.events)
        durable = [named for named, role in roles if role and not role.ephemeral]
        return durable if self.entities else []

    @property
    def built_entities(self) -> list[Named]:
        """The entities that the module builds: for projections to give, or as the file's own."""
        return self.entities if self.timeline_projected or self.file.entities else []

    @property
    def has_client(self) -> bool:
        """Whether there is something that a client could do: give a command, or watch."""
        return bool(self.commands or self.is_watched)

    @property
    def is_watched(self) -> bool:
        """Whether a client has something to watch."""
        return bool(self.ui_events or self.built_entities)

    @property
    def messages(self) -> list[MessageDecl]:
        """The messages that the module has names for, once for each name."""
        groups = (self.commands, self.published, self.ui_events, self.entities)
        return [named.message for group in groups for named in group]

    def cls(self, suffix: str) -> str:
        """Returns the name of one of the module's own classes."""
        return self.prefix + suffix

    def _collect(
        self, files: Sequence[FileDecl], read: _Read, taken: frozenset[str]
    ) -> list[Named]:
        """Returns what the files have in one role, each under a member of its own."""
        found = [(file, named) for file in files for named in read(file)]
        members = distinct(self.file, [(file, named.member) for file, named in found])
        reserved = taken.union(self._aliases.values())
        return [
            replace(named, member=names.free(member, reserved))
            for (_, named), member in zip(found, members, strict=True)
        ]

    def _commands(self, file: FileDecl) -> Iterator[Named]:
        for message in file.commands:
            yield self._named(file, message, message.command_name)

    def _events(self, file: FileDecl) -> Iterator[Named]:
        for message in file.events:
            yield self._named(file, message, message.event_name)

    def _entities(self, file: FileDecl) -> Iterator[Named]:
        for message in file.entities:
            yield self._named(file, message, message.kind)

    def _ui_events(self, file: FileDecl) -> Iterator[Named]:
        for message in file.ui_events:
            for wire in message.ui_names:
                yield Named(
                    message=message,
                    wire=wire,
                    constant=self._qualified(file, f"{names.constant(wire)}_UI"),
                    payload=self._payload(file, message),
                    member=names.snake(wire),
                    ui_class=self._qualified(file, ui_class(wire, file.class_prefix)),
                    own=file is self.file,
                )

    def _named(self, file: FileDecl, message: MessageDecl, wire: str) -> Named:
        return Named(
            message=message,
            wire=wire,
            constant=self._qualified(file, message_constant(message, file.class_prefix)),
            payload=self._payload(file, message),
            member=words(message),
            own=file is self.file,
        )

    def _payload(self, file: FileDecl, message: MessageDecl) -> str:
        found = payload_class(file, message)
        if found.module == names.module(self.file.path, SUFFIX):
            return ".".join(found.attributes)
        return ".".join((self._aliases[found.module], *found.attributes))

    def _qualified(self, file: FileDecl, name: str) -> str:
        if file is self.file:
            return name
        return f"{self._aliases[names.module(file.path, SUFFIX)]}.{name}"


def payload_class(file: FileDecl, message: MessageDecl) -> PayloadClass:
    """Returns where Python code finds a payload of the file, in whatever module it stands."""
    alias = payload_alias(message)
    if alias:
        return PayloadClass(names.module(file.path, SUFFIX), (alias,))
    return PayloadClass(names.module(file.path, PB2), message.scope)
