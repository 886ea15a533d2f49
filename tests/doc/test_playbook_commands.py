"""The commands and settings of the playbooks, in a project that the wheel has made.

`make build` runs this module; it installs with pip.
"""

from __future__ import annotations

import os
import shutil
import tomllib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sessionstream.doc import Entry, entries
from tests.doc.terminal import Terminal, of_a_reader
from tests.doc.walkthrough import Line, blocks, lines
from tests.test_new_project import wheel

__all__ = ["wheel"]

pytestmark = [pytest.mark.packaging, pytest.mark.timeout(900)]

TUTORIAL = "sessionstream-getting-started"
WITH_COMMANDS = [
    entry for entry in entries() if entry.slug != TUTORIAL and blocks(entry.text, "console")
]
WITH_SETTINGS = [entry for entry in entries() if blocks(entry.text, "toml")]
# What the pages take for granted: a project called app, in git, and its store app.db with a
# session s-1 of more than a hundred events.
PREPARED = """\
python3 -m venv tools
tools/bin/pip install --quiet "sessionstream[codegen]"
tools/bin/sessionstream new app
cd app && make setup
cd app && git init --quiet --initial-branch main && git add --all
cd app && git -c user.name=a -c user.email=a@b.example commit --quiet --message Begin
cd app && git update-ref refs/remotes/origin/main HEAD
cd app && .venv/bin/python ../fill.py
"""
FILL = """\
import asyncio
from pathlib import Path

from app.app import open_checklist
from app.v1 import checklist_pb2 as pb
from app.v1.checklist_sessionstream import ChecklistClient


async def main() -> None:
    async with open_checklist(Path("app.db")) as hub:
        for number in range(120):
            await ChecklistClient(hub).add_item("s-1", pb.AddItem(text=f"item {number}"))


asyncio.run(main())
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> tuple[Path, dict[str, str]]:
    """The folder of the project, and an environment in which the project's is activated."""
    folder = tmp_path_factory.mktemp("playbooks")
    environment = of_a_reader(folder, wheel)
    (folder / "fill.py").write_text(FILL)
    with closing(Terminal(folder, environment)) as terminal:
        for command in PREPARED.splitlines():
            terminal.type(Line(f"({command})", ""))
    project = folder / "app"
    activated = f"{project / '.venv/bin'}{os.pathsep}{environment['PATH']}"
    return project, environment | {"PATH": activated}


@pytest.fixture
def terminal(place: tuple[Path, dict[str, str]], tmp_path: Path) -> Iterator[Terminal]:
    """In a copy of the project, with its environment."""
    project, environment = place
    copy = tmp_path / "app"
    shutil.copytree(project, copy, ignore=shutil.ignore_patterns(".venv", ".mypy_cache"))
    (copy / ".venv").symlink_to(project / ".venv")
    with closing(Terminal(copy, environment)) as terminal:
        yield terminal


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda page: page.slug)
def test_every_command_works(page: Entry, terminal: Terminal) -> None:
    for block in blocks(page.text, "console"):
        for line in lines(block):
            terminal.type(line)


@pytest.mark.parametrize("page", WITH_SETTINGS, ids=lambda page: page.slug)
def test_settings_are_those_of_mypy_and_the_linter(page: Entry, terminal: Terminal) -> None:
    """Together with the project's own."""
    terminal.type(Line('pip install --quiet "sessionstream[lint]"', ""))
    pyproject = terminal.folder / "pyproject.toml"
    before = pyproject.read_text()
    for block in blocks(page.text, "toml"):
        [table] = (line for line in block.splitlines() if line.startswith("["))
        settings = block.replace(f"{table}\n", "")
        if settings in before:
            changed = before  # a new project has them
        elif f"\n{table}\n" in before:
            changed = before.replace(f"\n{table}\n", f"\n{table}\n{settings}")
        else:
            changed = f"{before}\n{block}"
        tomllib.loads(changed)
        pyproject.write_text(changed)
        terminal.type(Line("mypy app && sessionstream lint app", ""))
