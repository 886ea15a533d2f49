"""Calls of ``sessionstream breaking``, and the lock files that they compare."""

from __future__ import annotations

from pathlib import Path

import pytest
from sessionstream_codegen.targets.lock.file import render

from sessionstream import cli
from tests.codegen import golden_trees
from tests.codegen.comparing.breaking_changes import APP, named
from tests.codegen.comparing.releases import lock_of

REMOVED = named("an event was removed").new
WARNED = named("a command is not idempotent any more").new


def write(path: Path, text: str = APP) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(lock_of(text), {}), encoding="utf-8")


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    done = golden_trees.run("git", *identity, *arguments, cwd=folder)
    assert done.returncode == 0, done.stderr


def breaking(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """The exit status, and what was written to stdout and stderr."""
    status = cli.main(["breaking", *arguments])
    return status, *capsys.readouterr()


def one_line(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The line that a call which compares nothing writes, without the program's name."""
    status, out, err = breaking(capsys, *arguments)
    assert (status, out) == (1, "")
    assert err.count("\n") == 1
    return err.removeprefix("sessionstream: ").rstrip("\n")
