"""The command ``sessionstream``; tests/test_packaging.py runs it as installed."""

from __future__ import annotations

import pytest

from sessionstream import cli
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

        monkeypatch.setattr(cli, "include_dir", missing)
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
