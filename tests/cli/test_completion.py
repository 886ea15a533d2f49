from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sessionstream import cli


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("completion") / "sessionstream.bash"
    command = [sys.executable, "-m", "sessionstream.cli", "completion", "bash"]
    path.write_bytes(subprocess.run(command, capture_output=True, check=True).stdout)
    return path


def completed(script: Path, line: str, cwd: Path) -> set[str]:
    """What a real bash offers for the last word of a line."""
    code = """\
        source "$1"; shift
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
        _shtab_sessionstream
        printf '%s\\n' "${COMPREPLY[@]}"
    """
    words = ["sessionstream", *line.split(" ")]
    done = subprocess.run(
        ["bash", "-c", code, "bash", script, *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=True,
    )
    return {each.strip() for each in done.stdout.splitlines()} - {""}


class TestBash:
    @pytest.mark.parametrize(
        ("line", "offered"),
        [
            ("in", {"inspect"}),
            ("inspect app.db ver", {"verify"}),
            ("check --te", {"--template"}),
            ("inspect app.db events --fo", {"--follow"}),
            ("help sessionstream-getting", {"sessionstream-getting-started"}),
            ("completion z", {"zsh"}),
            ("explain SV20", {"SV201", "SV202", "SV203"}),
            ("help SV20", set()),
            ("inspect app.db errors --source ti", {"timeline"}),
            ("inspect ap", {"app.db"}),
        ],
    )
    def test_it_completes(self, line: str, offered: set[str], script: Path, tmp_path: Path) -> None:
        (tmp_path / "app.db").touch()
        assert completed(script, line, tmp_path) == offered


class TestScripts:
    @pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "tcsh"])
    def test_each_shell_has_one_that_knows_every_command(
        self, shell: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert cli.main(["completion", shell]) == 0
        script = capsys.readouterr().out
        assert all(name in script for name in ("inspect", "scaffold", "proto-path"))

    def test_without_shtab_it_says_what_to_install(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "shtab", None)
        assert cli.main(["completion", "bash"]) == 1
        assert 'pip install "sessionstream[cli]"' in capsys.readouterr().err
