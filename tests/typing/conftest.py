"""What type checkers say about the cases: one run of each checker for all of them."""

from __future__ import annotations

import re
import shutil
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from sessionstream.protos import include_dir
from tests.codegen import golden_trees, pyright_runs

CASES = Path(__file__).parent / "cases"
# What a new user reads and copies; each folder is a package.
APPLICATIONS = (
    golden_trees.REPOSITORY / "examples" / "chatdemo",
    golden_trees.REPOSITORY / "tests" / "consumer" / "deploy",
)
SCAFFOLDED = "scaffolded"
APP = "meetings"
FILES_OF_THE_APP = (
    "imports/app/v1/app.proto",
    "imports/shared/v1/common.proto",
    "passed_through/v1/progress.proto",
)
_ERROR = re.compile(r"(?P<file>\w+\.py):(?P<line>\d+): error: (?P<message>.+)")

Reports = Mapping[str, Mapping[int, list[str]]]
"""By file and line."""


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the golden trees, the cases, the applications, an app module and a scaffold."""
    folder = tmp_path_factory.mktemp("project")
    golden_trees.build(folder)
    for case in CASES.glob("*.py"):
        shutil.copy(case, folder)
    for application in APPLICATIONS:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(application, folder / application.name, ignore=ignored)
    include = f"-I{golden_trees.ROOT}"
    plugin = [f"--sessionstream_out={folder}", f"--sessionstream_opt=app={APP}"]
    includes = [include, f"-I{include_dir()}"]
    _run(sys.executable, "-m", "grpc_tools.protoc", *includes, *plugin, *FILES_OF_THE_APP)
    proto = golden_trees.ROOT / "everything" / "v1" / "chat.proto"
    _run("sessionstream", "scaffold", include, proto, f"--out={folder / SCAFFOLDED}")
    return folder


def _run(*command: str | Path) -> None:
    done = golden_trees.run(*command)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def mypy_reports(project: Path, request: pytest.FixtureRequest) -> Reports:
    """What mypy says, with the settings of a user who follows the documentation."""
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
    return _grouped(
        _mypy_error(line) for line in done.stdout.splitlines() if ": note: " not in line
    )


@pytest.fixture(scope="session")
def pyright_reports(project: Path) -> Reports:
    """What pyright says with its basic settings, and with one more of its standard ones."""
    said = pyright_runs.check(
        project,
        typeCheckingMode="basic",
        include=["*.py", *(application.name for application in APPLICATIONS), SCAFFOLDED],
        # protoc's and mypy-protobuf's.
        ignore=["**/*_pb2.py", "**/*_pb2.pyi"],
        # Only this one tells of a method with other parameters than the generated one has.
        reportIncompatibleMethodOverride="warning",
    )
    return _grouped((report.path, report.line, _shown(report)) for report in said)


def _grouped(found: Iterable[tuple[str, int, str]]) -> Reports:
    reports: defaultdict[str, defaultdict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for file, line, message in found:
        reports[file][line].append(" ".join(message.split()))
    return reports


def _mypy_error(line: str) -> tuple[str, int, str]:
    match = _ERROR.fullmatch(line)
    assert match, f"not an error of a case: {line}"
    return match["file"], int(match["line"]), match["message"]


def _shown(report: pyright_runs.Report) -> str:
    origin = report.rule if report.severity == "error" else f"{report.rule}, standard"
    return f"{report.message} [{origin}]"
