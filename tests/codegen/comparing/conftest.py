"""Where ``sessionstream breaking`` is called."""

from __future__ import annotations

from pathlib import Path

import pytest
from sessionstream_codegen.targets.lock.file import FILE_NAME

from tests.codegen.comparing.breaking_calls import git, write


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, the current one; no repository above it is found."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    return tmp_path


@pytest.fixture
def repository(project: Path) -> Path:
    """A repository: the first commit is empty, the second, ``v1``, has a lock file of `APP`."""
    git(project, "init", "--quiet", "--initial-branch=main")
    git(project, "commit", "--quiet", "--allow-empty", "--message=Begin")
    write(project / FILE_NAME)
    write(project / "backend" / FILE_NAME)
    git(project, "add", ".")
    git(project, "commit", "--quiet", "--message=Add lock files")
    git(project, "tag", "v1")
    return project
