"""Rules about names on the wire: well-formed, and each claimed once per role.

A file is compared with the files whose roles its module uses, since they end
in one registry, and with those of its protobuf package in the same run. Files
that have nothing to do with each other may belong to different applications.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sessionstream_codegen.diagnostics import Diagnostic, quoted
from sessionstream_codegen.model import FileDecl, MessageDecl, Position, Run
from sessionstream_codegen.names import is_wire_name

_TITLES = {"command": "command", "event": "event", "ui_event": "UI event", "entity": "entity"}


@dataclass(frozen=True, slots=True)
class _Claim:
    """A name that a message takes in one role."""

    role: str
    name: str
    message: MessageDecl

    @property
    def position(self) -> Position:
        return self.message.positions[self.role]

    @property
    def title(self) -> str:
        return f"{_TITLES[self.role]} {self.message.full_name}"


def check_wire_names(file: FileDecl, run: Run) -> Iterator[Diagnostic]:
    """SS301, SS302."""
    own = list(_claims(file))
    for claim in own:
        if not is_wire_name(claim.name):
            yield Diagnostic(
                claim.position,
                "SS301",
                f"{quoted(claim.name)} can't be a name of the {claim.title}: "
                "a name begins with a letter and goes on with letters, digits and _ . : / -",
            )
    taken: dict[tuple[str, str], _Claim] = {}
    for other in _neighbours(file, run):
        for claim in _claims(other):
            first = taken.setdefault((claim.role, claim.name), claim)
            if first.message is not claim.message and other.path in file.visible:
                yield _duplicate(claim, first, file.import_positions.get(other.path, file.position))
    for claim in own:
        first = taken.setdefault((claim.role, claim.name), claim)
        if first is not claim:
            yield _duplicate(claim, first, claim.position)


def _claims(file: FileDecl) -> Iterator[_Claim]:
    for message in file.messages:
        names = {
            "command": (message.command_name, *message.command.aliases) if message.command else (),
            "event": (message.event_name, *message.event.aliases) if message.event else (),
            "ui_event": message.ui_names,
            "entity": (message.kind,) if message.entity else (),
        }
        for role, claimed in names.items():
            for name in claimed:
                yield _Claim(role, name, message)


def _neighbours(file: FileDecl, run: Run) -> Iterator[FileDecl]:
    yield from run.visible_from(file)
    for other in run.targets():
        # Of two files of a package, the later reports; or the one that imports the other.
        if (
            other.package == file.package
            and other.path < file.path
            and other.path not in file.visible
            and file.path not in other.visible
        ):
            yield other


def _duplicate(claim: _Claim, first: _Claim, position: Position) -> Diagnostic:
    if first.message is claim.message:
        message = f"the {claim.title} has the name {quoted(claim.name)} twice; remove one of them"
    else:
        at = first.position
        message = (
            f"the name {quoted(claim.name)} of the {claim.title} is taken by the {first.title} "
            f"({at.path}:{at.line}:{at.column}); give one of them another name"
        )
    return Diagnostic(position, "SS302", message)
