"""The commands that ``sessionstream check`` names work in the shell that it was called from."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.codegen.checking.helpers import PROTO, check, mend
from tests.codegen.checking.projects import template, write_project

BIN = Path(sys.executable).parent
SHELL = "/usr/bin:/bin"
"""A PATH without this environment."""

PROTOC = ("-I", "proto", "--out", "gen", "proto/a.proto")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with nothing generated, the current folder; its environment is not activated."""
    project = write_project(tmp_path / "a b", {"a.proto": PROTO}, template("sessionstream out=gen"))
    (project / "gen").mkdir()
    monkeypatch.chdir(project)
    monkeypatch.setenv("PATH", SHELL)
    return project


class TestEnvironmentThatIsNotActivated:
    @pytest.mark.parametrize("arguments", [(), PROTOC], ids=["buf", "protoc"])
    def test_it_is_put_on_the_path_of_the_command(
        self, arguments: tuple[str, ...], project: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The path of buf alone would not do: it would not find the plugin."""
        status, lines, _ = check(capsys, *arguments)
        assert status == 1
        assert lines[-2] == f'  export PATH={BIN}:"$PATH"'
        mend(lines)
        assert check(capsys, *arguments)[0] == 0

    @pytest.mark.parametrize("arguments", [(), PROTOC], ids=["buf", "protoc"])
    def test_one_in_the_project_is_named_from_there(
        self,
        arguments: tuple[str, ...],
        project: Path,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        (project / ".venv").symlink_to(BIN.parent)
        monkeypatch.setattr(sys, "executable", str(project / ".venv/bin/python"))
        status, lines, _ = check(capsys, *arguments)
        assert status == 1
        assert lines[-2] == '  export PATH="$PWD"/.venv/bin:"$PATH"'
        mend(lines)
        assert check(capsys, *arguments)[0] == 0

    @pytest.mark.parametrize(
        "plugin", [".venv/bin/protoc-gen-sessionstream", "[.venv/bin/protoc-gen-sessionstream]"]
    )
    def test_buf_is_named_by_its_path_where_no_plugin_needs_more(
        self,
        plugin: str,
        project: Path,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        (project / ".venv").symlink_to(BIN.parent)
        text = template("sessionstream out=gen").replace("protoc-gen-sessionstream", plugin)
        (project / "buf.gen.yaml").write_text(text)
        monkeypatch.setattr(sys, "executable", str(project / ".venv/bin/python"))
        status, lines, _ = check(capsys)
        assert (status, lines[-2:]) == (1, ["mend it with:", "  .venv/bin/buf generate"])
        mend(lines)
        assert check(capsys)[0] == 0

    @pytest.mark.parametrize(
        "plugin", ["\n    - protoc-gen-sessionstream", '["protoc-gen-sessionstream"]']
    )
    def test_a_plugin_without_a_path_is_seen_however_it_is_written(
        self, plugin: str, project: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        text = template("sessionstream out=gen").replace("protoc-gen-sessionstream", plugin)
        (project / "buf.gen.yaml").write_text(text)
        _, lines, _ = check(capsys)
        assert lines[-2:] == [f'  export PATH={BIN}:"$PATH"', "  buf generate"]
        mend(lines)
        assert check(capsys)[0] == 0
