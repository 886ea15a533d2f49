"""``sessionstream-lint`` and ``sessionstream lint``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sessionstream import cli
from sessionstream.lint import command
from tests.lint.conftest import configure, within
from tests.lint.test_running import FOUND

LINE = (
    "app.py:3:18: SV101 CommandType is given google.protobuf.Struct, which has no fields of its "
    "own that could be checked; declare a message for it, and use this type inside\n"
)


@pytest.fixture(autouse=True)
def app(tmp_path: Path, mypy_cache: Path) -> Iterator[Path]:
    """A project with one finding, in which the test works."""
    configure(tmp_path, mypy_cache)
    (tmp_path / "app.py").write_text(FOUND)
    (tmp_path / "fine.py").write_text("x = 1\n")
    with within(tmp_path):
        yield tmp_path


class TestFormats:
    def test_text_is_a_line_for_each_finding_and_one_that_counts(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert command.main(["app.py"]) == 1
        counted = "1 finding; sessionstream explain CODE says more\n"
        assert capsys.readouterr() == (LINE + counted, "")

    def test_json_is_a_list(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert command.main(["app.py", "--format", "json"]) == 1
        [found] = json.loads(capsys.readouterr().out)
        assert found.pop("message").startswith("CommandType is given")
        assert found == {"path": "app.py", "line": 3, "column": 18, "code": "SV101"}

    def test_github_gets_a_workflow_command_for_each(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert command.main(["app.py", "--format", "github"]) == 1
        out = capsys.readouterr().out
        assert out.startswith("::error file=app.py,line=3,col=18,title=SV101::CommandType is given")
        assert out.count("\n") == 1

    @pytest.mark.parametrize(
        ("kind", "said"), [("text", "nothing found\n"), ("json", "[]\n"), ("github", "")]
    )
    def test_without_findings_the_status_is_zero(
        self, kind: str, said: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert command.main(["fine.py", "--format", kind]) == 0
        assert capsys.readouterr() == (said, "")


class TestSelection:
    @pytest.mark.parametrize(
        ("options", "status"),
        [
            (["--select", "SV1"], 1),
            (["--select", "SV2,SV3"], 0),
            (["--ignore", "SV101"], 0),
            (["--ignore", "SV102"], 1),
        ],
    )
    def test_options_say_which_codes_are_told(self, options: list[str], status: int) -> None:
        assert command.main(["app.py", *options]) == status

    def test_what_is_selected_is_told_though_the_settings_ignore_it(self, app: Path) -> None:
        (app / "pyproject.toml").write_text('[tool.sessionstream.lint]\nignore = ["SV101"]\n')
        assert command.main(["app.py"]) == 0
        assert command.main(["app.py", "--select", "SV101"]) == 1


class TestGeneratedCode:
    def test_modules_that_are_not_there_are_named(
        self, app: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """What uses them can't be judged."""
        (app / "mypy.ini").write_text(
            (app / "mypy.ini").read_text().replace("ignore_missing_imports = True\n", "")
        )
        (app / "early.py").write_text(
            "import nowhere\nfrom note.v1 import note_pb2\n"
            "from note.v1.note_sessionstream import install\n"
        )
        assert command.main(["early.py"]) == 0
        said = "note.v1.note_sessionstream: not there, so that less is found; generate the code"
        assert said in capsys.readouterr().err


class TestMistakes:
    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["nowhere"], "nowhere does not exist"),
            (["app.py", "--select", "E501"], "--select: no rule has the code 'E501'"),
            (["app.py", "--ignore", ""], "--ignore: no rule has the code ''"),
        ],
    )
    @pytest.mark.parametrize("own", [True, False], ids=["sessionstream-lint", "sessionstream"])
    def test_they_are_one_line_and_status_2(
        self, arguments: list[str], said: str, own: bool, capsys: pytest.CaptureFixture[str]
    ) -> None:
        status = command.main(arguments) if own else cli.main(["lint", *arguments])
        out, err = capsys.readouterr()
        assert (status, out, err.count("\n")) == (2, "", 1)
        program = "sessionstream-lint" if own else "sessionstream"
        assert err.startswith(f"{program}: {said}")

    def test_without_mypy_it_says_how_to_install_it(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(command, "find_spec", lambda _: None)
        assert command.main(["app.py"]) == 2
        said = 'the linter needs mypy; run: pip install "sessionstream[lint]"'
        assert capsys.readouterr() == ("", f"sessionstream-lint: {said}\n")

    def test_without_a_path_it_says_how_it_is_called(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(SystemExit) as stopped:
            command.main([])
        assert stopped.value.code == 2
        assert capsys.readouterr().err.startswith("usage: sessionstream-lint")
