"""`sessionstream breaking`: what breaks when one lock file takes the place of another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from sessionstream_codegen.comparing import clients, stored
from sessionstream_codegen.comparing.allowing import (
    Allowance,
    AllowanceError,
    Judged,
    judge,
    parse_allowance,
)
from sessionstream_codegen.comparing.findings import Finding
from sessionstream_codegen.comparing.git import GitError, blob_at, is_commit
from sessionstream_codegen.roles import Role
from sessionstream_codegen.targets.lock.file import FILE_NAME, Lock
from sessionstream_codegen.targets.lock.reading import LockError, NewerFormatError, parse

_RULES = (
    stored.check_events,
    clients.check_commands,
    clients.check_ui_events,
    stored.check_entities,
)
_CODES = frozenset(kind.code for kind in (*stored.KINDS, *clients.KINDS))


class BreakingError(Exception):
    """Nothing could be compared; the text says what to put right."""


def compare(old: Lock, new: Lock) -> list[Finding]:
    """Returns what breaks, sorted by file, role and name."""
    found = [finding for rule in _RULES for finding in rule(old, new)]
    roles = list(Role)
    return sorted(found, key=lambda one: (one.proto, roles.index(one.role), one.name, one.code))


def allowances(texts: Iterable[str]) -> list[Allowance]:
    """Returns what ``--allow`` was given: ``CODE:NAME``.

    Raises:
        BreakingError: One is not written so, or has an unknown code.
    """
    try:
        return [parse_allowance(text, _CODES) for text in texts]
    except AllowanceError as error:
        raise BreakingError(f"--allow: {error}") from error


def judged(old: Lock | None, new: Lock, allowed: Sequence[Allowance] = ()) -> Judged:
    """Returns what breaks, those breaks apart that are meant; nothing without an older lock."""
    if old is None:
        return Judged(findings=(), allowed=(), unused=())
    return judge(compare(old, new), allowed)


def load_current(path: Path) -> Lock:
    """Returns the lock file of the project as it is.

    Raises:
        BreakingError: It is missing, or is none.
    """
    if not path.exists():
        raise BreakingError(
            f"there is no {path}; write it with protoc-gen-sessionstream (opt: target=lock), "
            "or say where it is with --lock"
        )
    data = _read(path, FILE_NAME)
    return _parsed(str(path), data, "generate it again", "name the lock file with --lock")


def load_other(against: str, current: Path) -> Lock | None:
    """Returns the lock file to compare with: that of a file, or of a commit of git.

    None where the commit has no such file: it was made before there was one.

    Raises:
        BreakingError: There is neither such a file nor such a commit, or what
            was found is no lock file.
    """
    remedy = "compare with another one"
    if _is_file(against):
        path = Path(against)
        other = "name a lock file, or a commit that has one"
        if is_commit(against, current.parent):
            other = f"where the commit is meant that is called so, too, write {against}~0"
        return _parsed(against, _read(path, current.name), remedy, other)
    try:
        found = blob_at(against, current)
    except GitError as error:
        if against and Path(against).is_dir():
            _read(Path(against), current.name)
        raise BreakingError(str(error)) from error
    if found is None:
        return None
    where = against if ":" in against else f"{current.name} at {against}"
    return _parsed(where, found, remedy, "name the path of a lock file")


def _is_file(against: str) -> bool:
    """Whether it can be read: a file, or what a shell makes of ``<(command)``."""
    try:
        return Path(against).exists() and not Path(against).is_dir()
    except ValueError:  # a NUL in it
        return False


def _read(path: Path, name: str) -> bytes:
    if path.is_dir():
        raise BreakingError(f"{path} is a folder; name the lock file in it: {path / name}")
    try:
        return path.read_bytes()
    except OSError as error:
        raise BreakingError(f"{path} can't be read: {error.strerror}") from error


def _parsed(where: str, data: bytes, of_written: str, of_others: str) -> Lock:
    """Parses a lock file; each remedy is for what the plugin wrote, and for what it did not."""
    try:
        return parse(data.decode("utf-8"))
    except NewerFormatError as error:
        raise BreakingError(f"{where} {error}") from error
    except LockError as error:
        remedy = of_written if error.is_written else of_others
        raise BreakingError(f"{where} {error}; {remedy}") from error
    except UnicodeDecodeError as error:
        raise BreakingError(f"{where} is no lock file: it is no UTF-8; {of_others}") from error
