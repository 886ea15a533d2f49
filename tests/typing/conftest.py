"""mypy's reports about the cases: one run for all of them."""

from __future__ import annotations

import re
import shutil
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.codegen import golden_trees

CASES = Path(__file__).parent / "cases"
_ERROR = re.compile(r"(?P<file>\w+\.py):(?P<line>\d+): error: (?P<message>.+)")

Reports = Mapping[str, Mapping[int, list[str]]]
"""By file and line."""


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Reports:
    """What mypy says, with the settings of a user who follows the documentation."""
    project = tmp_path_factory.mktemp("project")
    golden_trees.build(project)
    for case in CASES.glob("*.py"):
        shutil.copy(case, project)
    cache = request.config.cache
    assert cache is not None
    settings = [
        "--config-file=",
        "--strict",
        "--explicit-package-bases",
        "--enable-error-code=unused-awaitable",
        "--no-error-summary",
        "--hide-error-context",
        f"--cache-dir={cache.mkdir('mypy-typing')}",
    ]
    files = [case.name for case in sorted(CASES.glob("*.py"))]
    done = golden_trees.run("mypy", *settings, *files, cwd=project)
    assert done.returncode in {0, 1}, done.stderr
    found: defaultdict[str, defaultdict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for line in done.stdout.splitlines():
        if ": note: " not in line:
            match = _ERROR.fullmatch(line)
            assert match, f"not an error of a case: {line}"
            found[match["file"]][int(match["line"])].append(" ".join(match["message"].split()))
    return found
