"""How commands end: for whoever calls them in a script."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from importlib.metadata import version

import pytest

from sessionstream import cli
from sessionstream.cli.main import COMMANDS
from sessionstream.cli.proto_path import ProtoPath


class TestEnding:
    @pytest.mark.parametrize("arguments", [["help"], ["explain"], ["proto-path"], ["--help"]])
    def test_a_reader_that_has_enough_is_no_error(self, arguments: list[str]) -> None:
        reads, writes = os.pipe()
        os.close(reads)
        ended = subprocess.run(
            [sys.executable, "-m", "sessionstream.cli", *arguments],
            stdout=writes,
            stderr=subprocess.PIPE,
            check=False,
        )
        os.close(writes)
        assert (ended.returncode, ended.stderr) == (0, b"")

    @pytest.mark.parametrize("closed", [0, 1, 2])
    def test_a_stream_that_is_closed_is_no_error(self, closed: int) -> None:
        command = f"{shlex.quote(sys.executable)} -m sessionstream.cli proto-path {closed}>&-"
        ended = subprocess.run(command, shell=True, capture_output=True, check=False)
        assert (ended.returncode, ended.stderr) == (0, b"")

    def test_what_is_json_is_utf_8_whatever_the_terminal_has(self) -> None:
        command = (sys.executable, "-m", "sessionstream.cli", "help", "user-guide", "--json")
        environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
        ended = subprocess.run(command, env=environment, capture_output=True, check=True)
        assert any(not each.isascii() for each in json.loads(ended.stdout)["text"])

    def test_ctrl_c_ends_any_command_without_a_traceback(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupted(*_: object) -> int:
            raise KeyboardInterrupt

        monkeypatch.setattr(ProtoPath, "run", interrupted)
        assert cli.main(["proto-path"]) == 130
        assert capsys.readouterr() == ("", "")

    def test_the_version_is_that_of_the_distribution(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(SystemExit) as ended:
            cli.main(["--version"])
        assert ended.value.code == 0
        assert capsys.readouterr().out == f"sessionstream {version('sessionstream')}\n"

    @pytest.mark.parametrize("command", [command.name for command in COMMANDS])
    def test_every_command_says_how_it_is_used(
        self, command: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(SystemExit) as ended:
            cli.main([command, "--help"])
        assert ended.value.code == 0
        assert f"usage: sessionstream {command}" in capsys.readouterr().out
