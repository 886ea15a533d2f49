"""`sessionstream breaking`: what breaks when one lock file takes the place of another."""

from __future__ import annotations

from pathlib import Path

from sessionstream_codegen.comparing.clients import check_commands, check_ui_events
from sessionstream_codegen.comparing.findings import Finding
from sessionstream_codegen.comparing.git import GitError, blob_at
from sessionstream_codegen.comparing.stored import check_entities, check_events
from sessionstream_codegen.model import Role
from sessionstream_codegen.targets.lock.file import Lock
from sessionstream_codegen.targets.lock.reading import LockError, parse

_RULES = (check_events, check_commands, check_ui_events, check_entities)


class BreakingError(Exception):
    """Nothing could be compared; the text says what to put right."""


def compare(old: Lock, new: Lock) -> list[Finding]:
    """Returns what breaks, sorted by file, role and name."""
    found = [finding for rule in _RULES for finding in rule(old, new)]
    roles = list(Role)
    return sorted(found, key=lambda one: (one.proto, roles.index(one.role), one.name, one.code))


def load_current(path: Path) -> Lock:
    """Returns the lock file of the project as it is.

    Raises:
        BreakingError: It is missing, or is none.
    """
    try:
        return _parsed(str(path), path.read_bytes())
    except FileNotFoundError as error:
        raise BreakingError(
            f"there is no {path}; write it with protoc-gen-sessionstream (opt: target=lock), "
            "or say where it is with --lock"
        ) from error


def load_other(against: str, current: Path) -> Lock | None:
    """Returns the lock file to compare with: that of a file, or of a commit of git.

    None where the commit has no such file: it was made before there was one.

    Raises:
        BreakingError: There is neither such a file nor such a commit, or what
            was found is no lock file.
    """
    if Path(against).is_file():
        return _parsed(against, Path(against).read_bytes())
    try:
        found = blob_at(against, current)
    except GitError as error:
        raise BreakingError(str(error)) from error
    return None if found is None else _parsed(f"{current.name} at {against}", found)


def _parsed(where: str, data: bytes) -> Lock:
    try:
        return parse(data.decode("utf-8"))
    except LockError as error:
        raise BreakingError(f"{where} {error}") from error
    except UnicodeDecodeError as error:
        raise BreakingError(f"{where} is no UTF-8; generate it again") from error
