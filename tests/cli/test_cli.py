"""The command ``sessionstream``; tests/test_packaging.py runs it as installed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sessionstream import cli
from sessionstream.cli import proto_path
from sessionstream.protos import include_dir


class TestProtoPath:
    def test_it_prints_the_include_directory_and_nothing_else(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert cli.main(["proto-path"]) == 0
        assert capsys.readouterr() == (f"{include_dir()}\n", "")

    def test_an_installation_without_the_files_is_told_on_stderr(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def missing() -> None:
            raise FileNotFoundError("options.proto is missing")

        monkeypatch.setattr(proto_path, "include_dir", missing)
        assert cli.main(["proto-path"]) == 1
        assert capsys.readouterr() == ("", "sessionstream: options.proto is missing\n")


class TestUsage:
    @pytest.mark.parametrize("arguments", [[], ["unheard-of"]])
    def test_without_a_known_command_it_shows_how_it_is_used(
        self, arguments: list[str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(SystemExit) as stopped:
            cli.main(arguments)
        assert stopped.value.code == 2
        assert capsys.readouterr().err.startswith("usage: sessionstream")


class TestScaffold:
    PROTO = """\
syntax = "proto3";
package acme.v1;
import "sessionstream/v1/options.proto";
message Greet { option (sessionstream.v1.message).command = {}; }
"""

    def test_it_writes_what_is_missing_and_says_so(
        self,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.chdir(tmp_path)
        Path("a.proto").write_text(self.PROTO)
        assert cli.main(["scaffold", "a.proto", "--out", "app"]) == 0
        said = "wrote app/handlers.py: Handlers (1 method)\n"
        unwritten = "to be written in app/handlers.py: Handlers.greet\n"
        assert capsys.readouterr() == (f"{said}{unwritten}", "")
        assert "class Handlers(AHandlers):" in Path("app/handlers.py").read_text()

    def test_warnings_about_the_schema_are_on_stderr(
        self,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.chdir(tmp_path)
        empty = "message Empty {\n  option (sessionstream.v1.message) = {};\n}\n"
        Path("a.proto").write_text(f"{self.PROTO}{empty}")
        assert cli.main(["scaffold", "a.proto", "--out", "app"]) == 0
        out, err = capsys.readouterr()
        assert out.startswith("wrote app/handlers.py: Handlers (1 method)\n")
        assert err.startswith("a.proto:6:3: warning: [SS104] ")
        assert len(err.splitlines()) == 1

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["b.proto", "--out", "app"], "b.proto: No such file or directory"),
            (["a.proto", "--out", "a.proto"], "File exists"),
            (["broken.proto", "--out", "app"], "broken.proto:1:1: Expected top-level statement"),
        ],
    )
    def test_a_mistake_is_told_on_stderr(
        self,
        arguments: list[str],
        said: str,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.chdir(tmp_path)
        Path("a.proto").write_text(self.PROTO)
        Path("broken.proto").write_text("nonsense")
        assert cli.main(["scaffold", *arguments]) == 1
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("sessionstream: ")
        assert said in err
        assert "Traceback" not in err

    def test_without_the_generator_it_names_the_extra(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "jinja2", None)
        for name in [name for name in sys.modules if name.startswith("sessionstream_codegen.")]:
            monkeypatch.delitem(sys.modules, name)
        assert cli.main(["scaffold", "a.proto", "--out", "app"]) == 1
        assert capsys.readouterr().err == (
            'sessionstream: scaffold needs jinja2; run: pip install "sessionstream[codegen]"\n'
        )
