"""Rules about names on the wire: well-formed, and each claimed once per role.

A file is compared with the files whose roles its module uses, since they end
in one registry, and with those of its protobuf package in the same run. Files
that have nothing to do with each other may belong to different applications.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sessionstream_codegen.diagnostics import Diagnostic, Note, quoted
from sessionstream_codegen.model import FileDecl, MessageDecl, Position, Run
from sessionstream_codegen.names import is_wire_name
from sessionstream_codegen.roles import Role


@dataclass(frozen=True, slots=True)
class Claim:
    """A name that a message takes in one role; ``option`` is what sets it, or could."""

    role: Role
    name: str
    message: MessageDecl
    option: str

    @property
    def position(self) -> Position:
        """Where the option that sets it stands, or the role."""
        positions = self.message.positions
        return positions.get(self.option, positions[self.role.option])

    @property
    def default_of(self) -> str:
        """The option that is not set, so that the message's own name is taken; mostly empty."""
        _, option, *_ = self.option.split(".")
        return "" if self.option in self.message.positions else option

    @property
    def title(self) -> str:
        """What claims it, in words."""
        return f"{self.role.value} {self.message.full_name}"


def check_wire_names(file: FileDecl, run: Run) -> Iterator[Diagnostic]:
    """SS301, SS302."""
    own = list(claims(file))
    for claim in own:
        if not is_wire_name(claim.name):
            yield Diagnostic(
                claim.position,
                "SS301",
                f"{quoted(claim.name)} can't be a name of the {claim.title}: a name begins with "
                f"a letter and goes on with letters, digits and _ . : / -{_origin(claim)}",
            )
    taken: dict[tuple[Role, str], tuple[Claim, FileDecl]] = {}
    for other in _neighbours(file, run):
        for claim in claims(other):
            first, owner = taken.setdefault((claim.role, claim.name), (claim, other))
            if first.message is not claim.message and _importer(owner, other, run) is file:
                at = file.import_positions.get(other.path, file.position)
                yield _between_imports(claim, first, at)
    for claim in own:
        first, _ = taken.setdefault((claim.role, claim.name), (claim, file))
        if first is not claim:
            yield duplicate(claim, first)


def check_one_registry(run: Run, advice: str = "") -> Iterator[Diagnostic]:
    """SS302, between files that know nothing of each other but are registered together.

    ``advice`` is what may be done as well.
    """
    taken: dict[tuple[Role, str], tuple[Claim, FileDecl]] = {}
    for file in sorted(run.targets(), key=lambda file: file.path):
        for claim in claims(file):
            first, owner = taken.setdefault((claim.role, claim.name), (claim, file))
            known = {owner.path} & {file.path, *file.visible} or file.path in owner.visible
            apart = not known and owner.package != file.package
            if apart and _importer(owner, file, run) is None:
                yield duplicate(claim, first, advice)


def claims(file: FileDecl) -> Iterator[Claim]:
    """Yields the names that the messages of a file take."""
    for message in file.messages:
        for role, option, name in _names(message):
            yield Claim(role, name, message, option)


def _origin(claim: Claim) -> str:
    """Says where a name comes from that nothing sets, and what to do about one that is empty."""
    option = claim.default_of
    if option:
        return f"; it is the name of the message, so set {option} to another"
    return "" if claim.name else "; remove it"


def duplicate(claim: Claim, first: Claim, advice: str = "") -> Diagnostic:
    """Returns SS302 for a name that is claimed a second time."""
    if first.message is claim.message:
        message = f"the {claim.title} has the name {quoted(claim.name)} twice; remove one of them"
        other = (Note(first.position, "the other one is here"),)
        return Diagnostic(
            claim.position, "SS302", message, other if first.position != claim.position else ()
        )
    notes = (Note(first.position, "it is taken here"),)
    return Diagnostic(claim.position, "SS302", _taken(claim, first) + advice, notes)


def _names(message: MessageDecl) -> Iterator[tuple[Role, str, str]]:
    """Yields role, option and name."""
    if message.command:
        yield Role.COMMAND, "command.name", message.command_name
        for index, alias in enumerate(message.command.aliases):
            yield Role.COMMAND, f"command.aliases.{index}", alias
    if message.event:
        yield Role.EVENT, "event.name", message.event_name
        for index, alias in enumerate(message.event.aliases):
            yield Role.EVENT, f"event.aliases.{index}", alias
    for index, name in enumerate(message.ui_names):
        yield Role.UI_EVENT, f"ui_event.names.{index}", name
    if message.entity:
        yield Role.ENTITY, "entity.kind", message.kind


def _neighbours(file: FileDecl, run: Run) -> Iterator[FileDecl]:
    # With what is local there: it is registered together with the rest.
    yield from (run.files[path] for path in file.visible)
    for other in sorted(run.targets(), key=lambda other: other.path):
        # Of two files of a package, the later reports; or the one that imports the other.
        if (
            other.package == file.package
            and other.path < file.path
            and other.path not in file.visible
            and file.path not in other.visible
        ):
            yield other


def _importer(one: FileDecl, other: FileDecl, run: Run) -> FileDecl | None:
    """Returns the file at whose import it is told that both claim a name.

    That is one that uses both. None where there is none, or where one of the
    two is compared with the other itself.
    """
    compared = [near.path for near in _neighbours(one, run)]
    compared_back = [near.path for near in _neighbours(other, run)]
    if one.path == other.path or other.path in compared or one.path in compared_back:
        return None
    users = (file for file in _users(run) if {one.path, other.path} <= set(file.visible))
    return next(users, None)


def _users(run: Run) -> Iterator[FileDecl]:
    """Yields the files whose modules are in question by path: those to generate for go first."""
    targets = sorted((file for file in run.targets() if file.has_roles), key=lambda file: file.path)
    yield from targets
    used = {other.path for file in targets for other in run.visible_from(file)}
    yield from (run.files[path] for path in sorted(used.difference(run.generate)))


def _between_imports(claim: Claim, first: Claim, at: Position) -> Diagnostic:
    notes = (
        Note(first.position, "it is taken here"),
        Note(claim.position, f"the {claim.title} claims it here"),
    )
    return Diagnostic(at, "SS302", _taken(claim, first), notes)


def _taken(claim: Claim, first: Claim) -> str:
    return (
        f"the name {quoted(claim.name)} of the {claim.title} is taken by the {first.title}; "
        "give one of them another name"
    )
