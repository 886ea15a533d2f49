"""Reads a file as it was at a commit."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

# git sets them for hooks. They would win over the folder of the file.
_OF_HOOKS = frozenset(
    {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY"}
)


class GitError(Exception):
    """git is missing, refuses, or does not know the commit; the text says what to do."""


def blob_at(ref: str, path: Path) -> bytes | None:
    """Returns what the file held at the commit; None where the commit has no such file.

    ``ref`` is a commit, or ``COMMIT:PATH`` with the file's path from the top of
    the repository, as git writes it.

    Raises:
        GitError: git is missing, the file is in no repository, there is no
            such commit, or the file was moved since.
    """
    if ref.startswith("-") or not ref.isprintable() or not ref.strip():
        raise GitError(f"{ref!r} is neither a file nor a commit")
    folder = path.parent.absolute()
    try:
        top = Path(_git(folder, "rev-parse", "--show-toplevel").decode().strip())
    except GitError as error:
        raise GitError(f"there is no file {ref}, and no commit: {error}") from error
    name, _, place = ref.partition(":")
    if not name:
        raise GitError(f"{ref} names no commit; write COMMIT:PATH")
    try:
        commit = _git(folder, "rev-parse", "--verify", f"{name}^{{commit}}").decode().strip()
    except GitError as error:
        raise GitError(
            f"there is no file {ref}, and git knows no commit {name}; fetch it where it is of a "
            "remote: CI often has the newest commit alone"
        ) from error
    if place:
        return _named_blob(folder, name, commit, place)
    if _git(folder, "ls-tree", commit, "--", path.name):
        return _git(folder, "cat-file", "blob", f"{commit}:./{path.name}")
    _check_not_moved(ref, commit, path.name, top)
    return None


def is_commit(ref: str, folder: Path) -> bool:
    """Whether git knows a commit of that name; False also where there is no git."""
    try:
        _git(folder.absolute(), "rev-parse", "--verify", f"{ref}^{{commit}}")
    except GitError:
        return False
    return True


def _named_blob(folder: Path, name: str, commit: str, place: str) -> bytes:
    try:
        return _git(folder, "cat-file", "blob", f"{commit}:{place}")
    except GitError as error:
        raise GitError(
            f"{name} has no file {place}; name it by its path from the top of the repository"
        ) from error


def _check_not_moved(ref: str, commit: str, name: str, top: Path) -> None:
    """Raises `GitError` where a file of this name has gone since, which may be the one."""
    listed = _git(top, "ls-tree", "-r", "-z", "--name-only", "--full-tree", commit).decode()
    there = (place for place in listed.split("\0") if Path(place).name == name)
    gone = [place for place in there if not (top / place).exists()]
    if gone:
        raise GitError(
            f"{ref} has no {name} in this folder, but {gone[0]}, which is gone: if it was moved, "
            f"compare with {ref}:{gone[0]}"
        )


def _git(folder: Path, *arguments: str) -> bytes:
    """Returns what git writes; raises `GitError` with what it says where it fails."""
    git = shutil.which("git")
    if git is None:
        raise GitError("git is missing; install it, or name a file to compare with")
    done = subprocess.run(
        [git, *arguments],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name not in _OF_HOOKS},
        capture_output=True,
        check=False,
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines() or ["git failed"]
        raise GitError(said[0])
    return done.stdout
