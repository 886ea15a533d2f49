"""The Python names of one generated module: who is called what, and where it lives.

Names depend on the .proto files alone, never on the order of a run. A method,
an attribute or a constant that Python or the module already uses gets a
trailing underscore: the command ``Continue`` is handled by ``continue_``. The
constant of a UI event always ends in ``_UI``: it stays what it is when an event
of the same name is added.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sessionstream_codegen import names
from sessionstream_codegen.model import FileDecl, MessageDecl, Run

SUFFIX = "_sessionstream"
PB2 = "_pb2"

CLASS_SUFFIXES = (
    "Client",
    "Command",
    "Entities",
    "Entity",
    "Event",
    "Handlers",
    "Publisher",
    "TimelineProjection",
    "TimelineProjectionPartial",
    "TimelineView",
    "UI",
    "UIEvent",
    "UIProjection",
    "UIProjectionPartial",
)
"""Of the module's own classes; the prefix stands before."""

_TAKEN_CONSTANTS = frozenset({"ABC", "SCHEMAS"})
# What the bodies and signatures of the generated classes refer to.
_TAKEN_MEMBERS = frozenset(
    {"abstractmethod", "int", "override", "pb", "property", "staticmethod", "str", "typed"}
)


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
class ImportedModule:
    """A module that the generated one imports, and the name that it has there."""

    module: str
    alias: str

    @property
    def package(self) -> str:
        """The package that holds it; empty at the top."""
        return self.module.rpartition(".")[0]

    @property
    def imported_as(self) -> str:
        """What follows ``import``."""
        name = self.module.rpartition(".")[2]
        return name if name == self.alias else f"{name} as {self.alias}"


class ModuleNames:
    """The names of the module of ``file``, with those of the files that it may use."""

    def __init__(self, file: FileDecl, run: Run) -> None:
        others = list(run.visible_from(file))
        self.file = file
        self.prefix = prefix(file)
        self.imported = _imported_modules(file, others)
        self._aliases = {module.module: module.alias for module in self.imported}
        self.commands = list(self._commands(file))
        self.events = list(self._events(file))
        self.published = [named for one in (file, *others) for named in self._events(one)]
        self.ui_events = [named for one in (file, *others) for named in self._ui_events(one)]
        self.entities = [named for one in (file, *others) for named in self._entities(one)]
        self.schemas = [self._qualified(other, "SCHEMAS") for other in others]

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
    def comments(self) -> list[str]:
        """The comments of the .proto files that the module may show."""
        shown = (self.commands, self.published, self.ui_events, self.entities)
        messages = [named.message.comment for group in shown for named in group]
        return [self.file.comment, *messages]

    def cls(self, suffix: str) -> str:
        """Returns the name of one of the module's own classes."""
        return self.prefix + suffix

    def ui_class(self, wire: str) -> str:
        """Returns the class of one of the file's own UI events."""
        return next(named.ui_class for named in self.ui_events if named.own and named.wire == wire)

    def _commands(self, file: FileDecl) -> Iterator[Named]:
        for message in file.commands:
            yield self._named(file, message, message.command_name, _TAKEN_MEMBERS)

    def _events(self, file: FileDecl) -> Iterator[Named]:
        for message in file.events:
            yield self._named(file, message, message.event_name, _TAKEN_MEMBERS | {"publish"})

    def _entities(self, file: FileDecl) -> Iterator[Named]:
        for message in file.entities:
            yield self._named(file, message, message.kind, _TAKEN_MEMBERS | {"ordinal"})

    def _ui_events(self, file: FileDecl) -> Iterator[Named]:
        for message in file.ui_events:
            for wire in message.ui_names:
                yield Named(
                    message=message,
                    wire=wire,
                    constant=self._qualified(file, f"{names.constant(wire)}_UI"),
                    payload=self._payload(file, message),
                    member=self._member(wire, _TAKEN_MEMBERS),
                    ui_class=self._qualified(file, ui_class(wire)),
                    own=file is self.file,
                )

    def _named(
        self, file: FileDecl, message: MessageDecl, wire: str, taken: frozenset[str]
    ) -> Named:
        return Named(
            message=message,
            wire=wire,
            constant=self._qualified(file, message_constant(message)),
            payload=self._payload(file, message),
            member=self._member(message.name, taken),
            own=file is self.file,
        )

    def _member(self, name: str, taken: frozenset[str]) -> str:
        return names.free(names.snake(name), taken.union(self._aliases.values()))

    def _payload(self, file: FileDecl, message: MessageDecl) -> str:
        return ".".join((self._aliases[names.module(file.path, PB2)], *message.scope))

    def _qualified(self, file: FileDecl, name: str) -> str:
        if file is self.file:
            return name
        return f"{self._aliases[names.module(file.path, SUFFIX)]}.{name}"


def prefix(file: FileDecl) -> str:
    """Returns what the names of the file's classes begin with."""
    return file.prefix or names.camel(names.stem(file.path))


def message_constant(message: MessageDecl) -> str:
    """Returns the constant of a command, an event or an entity."""
    return names.free(names.constant(message.name), _TAKEN_CONSTANTS)


def ui_class(wire: str) -> str:
    """Returns the class of a UI event."""
    return names.camel(wire)


def _imported_modules(file: FileDecl, others: Iterable[FileDecl]) -> list[ImportedModule]:
    """Returns the protobuf modules and generated modules that the module may refer to."""
    imported = [ImportedModule(names.module(file.path, PB2), "pb")]
    taken: set[str] = set()
    for other in others:
        for suffix in (PB2, SUFFIX):
            module = names.module(other.path, suffix)
            alias = next(name for name in _aliases(module) if name not in taken)
            taken.add(alias)
            imported.append(ImportedModule(module, alias))
    return imported


def _aliases(module: str) -> Iterator[str]:
    """Yields names for a module: its own, then longer ones; ``v1_chat`` would say nothing."""
    parts = module.split(".")
    for start in range(len(parts) - 1, -1, -1):
        if start == len(parts) - 1 or not re.fullmatch(r"v\d\w*", parts[start]):
            yield "_".join(parts[start:])
    yield from ("_".join(parts) + "_" * count for count in itertools.count(1))
