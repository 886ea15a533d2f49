"""The lock target: one ``sessionstream.lock.json`` for the run."""

from __future__ import annotations

from collections.abc import Iterator

from sessionstream_codegen.diagnostics import Diagnostic
from sessionstream_codegen.model import MessageDecl, Run
from sessionstream_codegen.parameters import Parameters
from sessionstream_codegen.roles import Role
from sessionstream_codegen.rules.wire_names import check_one_registry
from sessionstream_codegen.targets.base import (
    MARK_EXPLAINED,
    OutputFile,
    Target,
    insertion_point,
    run_mark,
)
from sessionstream_codegen.targets.header import generated_by
from sessionstream_codegen.targets.lock.file import FILE_NAME, Lock, LockedKey, LockedName, render

_ADVICE = ", or, where they are of different apps, write a lock file for each in a run of its own"


class LockTarget(Target):
    """Writes what stored sessions and clients rely on, for ``sessionstream breaking``."""

    suffix = ".json"

    def check_run(self, run: Run, parameters: Parameters) -> Iterator[Diagnostic]:
        """Yields names that files claim which have nothing to do with each other: SS302."""
        yield from check_one_registry(run, _ADVICE)

    def render(self, run: Run, parameters: Parameters) -> Iterator[OutputFile]:
        """Yields the lock file, unless no message has a role."""
        declared = ((message, file.path) for file in run.targets() for message in file.messages)
        lock = Lock(tuple(name for message, path in declared for name in _names(message, path)))
        if lock.names:
            mark = run_mark(run)
            head = {
                "generated": generated_by(parameters),
                "note": MARK_EXPLAINED,
                "run": insertion_point(mark),
            }
            yield OutputFile(FILE_NAME, render(lock, head), mark)


def _names(message: MessageDecl, proto: str) -> Iterator[LockedName]:
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
    keys = (LockedKey(name=key.name, number=key.number, type=key.type) for key in message.keys)
    return next(keys, None)
