"""Runs ``sessionstream check`` in the current folder, and what it says to do."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from sessionstream import cli
from tests.codegen import golden_trees
from tests.codegen.compiling import HEAD
from tests.codegen.golden_trees import tree

PROTO = HEAD + "message Done { option (sessionstream.v1.message).event = {}; }\n"
OTHER = PROTO.replace("acme", "other").replace("Done", "Over")
FILES = {"acme/v1/a.proto": PROTO, "other/v1/b.proto": OTHER}


def check(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[str], str]:
    """The exit status, the lines of stdout, and stderr; the project is as it was."""
    before = tree(Path.cwd())
    status = cli.main(["check", *arguments])
    out, err = capsys.readouterr()
    assert tree(Path.cwd()) == before, "nothing is written or deleted"
    return status, out.splitlines(), err


def mend(lines: Sequence[str]) -> None:
    """Runs the commands that a check named, in a shell that has the PATH of this process."""
    script = "\n".join(["set -e", *lines[lines.index("mend it with:") + 1 :]])
    done = golden_trees.run("/bin/sh", "-c", script, cwd=Path.cwd(), PATH=os.environ["PATH"])
    assert done.returncode == 0, f"{script}\n{done.stderr}"
