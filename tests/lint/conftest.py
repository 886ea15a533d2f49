"""A project with the cases in it: one run of the linter, and one of mypy, for all of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from os import chdir, getcwd
from pathlib import Path

import pytest

from sessionstream.lint.findings import Reported
from sessionstream.lint.running import lint
from tests.lint.expectations import CASES

REPOSITORY = Path(__file__).parents[2]

_CONFIGURATION = """\
[mypy]
strict = True
ignore_missing_imports = True
plugins = sessionstream.lint.mypy_plugin
cache_dir = {cache}
mypy_path = {repository}:{repository}/codegen:{repository}/examples
"""


@contextmanager
def within(folder: Path) -> Iterator[None]:
    """Works in a folder for a while."""
    before = getcwd()
    chdir(folder)
    try:
        yield
    finally:
        chdir(before)


@pytest.fixture(scope="session")
def mypy_cache(request: pytest.FixtureRequest, worker_id: str) -> Path:
    """A folder that later runs of the tests have as well, so that mypy need not begin anew."""
    kept = request.config.cache
    assert kept is not None
    return kept.mkdir(f"mypy-lint-{worker_id}")


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory, mypy_cache: Path) -> Path:
    """A folder with the cases and the settings of a user who follows the documentation."""
    folder = tmp_path_factory.mktemp("project").resolve()
    for case in CASES.glob("*.py"):
        shutil.copy(case, folder)
    configure(folder, mypy_cache)
    return folder


def configure(folder: Path, cache: Path) -> None:
    """Gives a folder the settings of mypy, and none of the linter's."""
    written = _CONFIGURATION.format(cache=cache, repository=REPOSITORY)
    (folder / "mypy.ini").write_text(written)
    (folder / "pyproject.toml").write_text("")


@pytest.fixture(scope="session")
def linted(project: Path) -> list[Reported]:
    """What the linter finds in all the cases."""
    with within(project):
        return lint([Path(path.name) for path in sorted(project.glob("*.py"))]).findings
