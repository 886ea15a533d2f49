"""The lock target: one ``sessionstream.lock.json`` for the run."""

from __future__ import annotations

from collections.abc import Iterator

from sessionstream_codegen.diagnostics import Diagnostic, Note, quoted
from sessionstream_codegen.lock import FILE_NAME, Lock, LockedKey, LockedName, Role, render
from sessionstream_codegen.model import FileDecl, MessageDecl, Run
from sessionstream_codegen.parameters import Parameters
from sessionstream_codegen.targets.base import OutputFile, Target, insertion_point, run_mark
from sessionstream_codegen.targets.header import generated_by

_OPTIONS = {
    Role.COMMAND: "command",
    Role.EVENT: "event",
    Role.UI_EVENT: "ui_event",
    Role.ENTITY: "entity",
}


class LockTarget(Target):
    """Writes what stored sessions and clients rely on, for ``sessionstream breaking``."""

    def check_run(self, run: Run, parameters: Parameters) -> Iterator[Diagnostic]:
        """Yields names that files claim which have nothing to do with each other: SS302."""
        taken: dict[tuple[Role, str], tuple[FileDecl, MessageDecl]] = {}
        for file in sorted(run.targets(), key=lambda file: file.path):
            for locked, message in _names(file):
                for name in (locked.name, *locked.aliases):
                    first, other = taken.setdefault((locked.role, name), (file, message))
                    if not _related(first, file):
                        yield _taken(locked.role, name, message, other)

    def render(self, run: Run, parameters: Parameters) -> Iterator[OutputFile]:
        """Yields the lock file, unless no message has a role."""
        lock = Lock(tuple(locked for file in run.targets() for locked, _ in _names(file)))
        if lock.names:
            mark = run_mark(run)
            head = {"generated": generated_by(parameters), "run": insertion_point(mark)}
            yield OutputFile(FILE_NAME, render(lock, head), mark)


def _related(one: FileDecl, other: FileDecl) -> bool:
    """Whether the rules of every target compare the names of two files."""
    return one.package == other.package or one.path in other.visible or other.path in one.visible


def _taken(role: Role, name: str, message: MessageDecl, other: MessageDecl) -> Diagnostic:
    option = _OPTIONS[role]
    return Diagnostic(
        message.positions[option],
        "SS302",
        f"the name {quoted(name)} of the {role.value} {message.full_name} is taken by the "
        f"{role.value} {other.full_name}; give one of them another name, or, where they are of "
        "different apps, write a lock file for each in a run of its own",
        (Note(other.positions[option], "it is taken here"),),
    )


def _names(file: FileDecl) -> Iterator[tuple[LockedName, MessageDecl]]:
    for message in file.messages:
        for locked in _names_of(message, file.path):
            yield locked, message


def _names_of(message: MessageDecl, proto: str) -> Iterator[LockedName]:
    payload = message.full_name
    if message.command:
        yield LockedName(
            role=Role.COMMAND,
            name=message.command_name,
            payload=payload,
            proto=proto,
            aliases=message.command.aliases,
            idempotent=message.command.idempotent,
        )
    if message.event:
        yield LockedName(
            role=Role.EVENT,
            name=message.event_name,
            payload=payload,
            proto=proto,
            aliases=message.event.aliases,
            ephemeral=message.event.ephemeral,
        )
    for name in message.ui_names:
        yield LockedName(role=Role.UI_EVENT, name=name, payload=payload, proto=proto)
    if message.entity:
        key = _key(message)
        yield LockedName(role=Role.ENTITY, name=message.kind, payload=payload, proto=proto, key=key)


def _key(message: MessageDecl) -> LockedKey | None:
    names = [key.name for key in message.keys]
    fields = (field for field in message.fields if field.name in names)
    return next((LockedKey(name=f.name, number=f.number, type=f.type) for f in fields), None)
