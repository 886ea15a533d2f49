"""What a TypeScript module holds: the commands, UI events and entities of a file, named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sessionstream_codegen import names
from sessionstream_codegen.model import FileDecl, MessageDecl, Run
from sessionstream_codegen.targets.typescript.names import (
    MESSAGES,
    SUFFIX,
    json_type,
    methods,
    module,
    specifier,
)

_EPHEMERAL = "Ephemeral: shown live, never stored."
_IDEMPOTENT = "Idempotent: it may run again after a crash in the middle of it."
_OWN = "pb"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One name on the wire. ``payload`` is the type of its JSON; ``type_url`` names its message.

    ``comments``: its message is told about here, as it is not at another name before.
    """

    message: MessageDecl
    wire: str
    payload: str
    method: str = ""
    comments: bool = True

    @property
    def type_url(self) -> str:
        """What an Any of the payload carries."""
        return f"type.googleapis.com/{self.message.full_name}"

    @property
    def notes(self) -> tuple[str, ...]:
        """What is special about it."""
        is_ephemeral = self.message.event is not None and self.message.event.ephemeral
        is_idempotent = self.message.command is not None and self.message.command.idempotent
        return (_EPHEMERAL if is_ephemeral else "", _IDEMPOTENT if is_idempotent else "")


class Contents:
    """The members of a file's module, and what it imports.

    As in Python: a file with events shows UI events and entities of files that it imports, too.
    """

    def __init__(self, file: FileDecl, run: Run) -> None:
        self._file = file
        self._others = list(run.visible_from(file)) if file.events else []
        self._aliases = self._named_apart()
        called = methods(file.commands)
        self.commands = [
            Member(
                message=message,
                wire=message.command_name,
                payload=self._payload(file, message),
                method=called[message.full_name],
            )
            for message in file.commands
        ]
        self.ui_events = [member for one in self._files() for member in self._ui_events(one)]
        self.entities = [
            Member(message=message, wire=message.kind, payload=self._payload(one, message))
            for one in self._files()
            for message in one.entities
        ]

    @property
    def imports(self) -> list[tuple[str, str]]:
        """The modules of messages that are referred to: their names here, and where they are."""
        used = {
            member.payload.partition(".")[0]
            for members in (self.commands, self.ui_events, self.entities)
            for member in members
        }
        here = module(self._file.path, SUFFIX)
        return [
            (alias, specifier(module(path, MESSAGES), here))
            for path, alias in self._aliases.items()
            if alias in used
        ]

    @property
    def runtime_types(self) -> list[str]:
        """What is imported of the runtime."""
        used = ["SessionStream", "Subscription", "Update", "View"]
        if self.commands:
            used += ["CommandOptions", "Sent"]
        if self.entities:
            used.append("Entity")
        return sorted(used)

    def _files(self) -> Iterator[FileDecl]:
        yield self._file
        yield from self._others

    def _ui_events(self, file: FileDecl) -> Iterator[Member]:
        for message in file.ui_events:
            for wire in message.ui_names:
                yield Member(
                    message=message,
                    wire=wire,
                    payload=self._payload(file, message),
                    comments=wire == message.ui_names[0],
                )

    def _payload(self, file: FileDecl, message: MessageDecl) -> str:
        return f"{self._aliases[file.path]}.{json_type(message, file)}"

    def _named_apart(self) -> dict[str, str]:
        """Returns a name for each file's module of messages; that of the own file is short."""
        candidates = {
            one.path: [f"{words}_pb" for words in _qualifiers(one.path)] for one in self._others
        }
        return {self._file.path: _OWN, **names.tell_apart(candidates)}


def _qualifiers(path: str) -> Iterator[str]:
    """Yields words for a file, ever longer: its name, then that with the folders it lies in."""
    parts = names.without_extension(path).split("/")
    for start in range(len(parts) - 1, -1, -1):
        yield f"_{names.snake('_'.join(parts[start:]))}".removeprefix("_") or "_"
