"""The linter over a project, and in mypy's own runs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from sessionstream.lint import mypy_plugin, running
from sessionstream.lint.findings import Reported
from sessionstream.lint.running import LintError, lint
from tests.lint.conftest import configure, within

STRUCT = """\
from google.protobuf.struct_pb2 import Struct
from sessionstream import CommandType
{line}
"""
FOUND = STRUCT.format(line='CommandType("A", Struct)')
_ERROR = re.compile(r"(?P<path>[^:]+):(?P<line>\d+): error: (?P<message>.+)  \[(?P<code>SV\d+)\]")


@pytest.fixture
def here(tmp_path: Path, mypy_cache: Path) -> Path:
    """An empty project."""
    configure(tmp_path, mypy_cache)
    return tmp_path


def found_in(folder: Path, *paths: str) -> list[tuple[str, str]]:
    with within(folder):
        return [(one.path, one.code) for one in lint([Path(path) for path in paths]).findings]


class TestLint:
    def test_a_second_run_finds_the_same_from_the_cache(self, here: Path) -> None:
        (here / "cached.py").write_text(FOUND)
        assert found_in(here, "cached.py") == [("cached.py", "SV101")]
        assert found_in(here, "cached.py") == [("cached.py", "SV101")]

    def test_a_file_that_changed_is_judged_anew(self, here: Path) -> None:
        (here / "changing.py").write_text(FOUND)
        assert found_in(here, ".") == [("changing.py", "SV101")]
        (here / "changing.py").write_text(FOUND.replace("Struct)", "Struct)  # noqa: SV101"))
        assert found_in(here, ".") == []

    def test_a_class_that_another_file_passes_on_is_known_again_when_that_changes(
        self, here: Path
    ) -> None:
        (here / "kinds.py").write_text("from google.protobuf.struct_pb2 import Struct as Kind\n")
        (here / "using.py").write_text(
            "from kinds import Kind\nfrom sessionstream import CommandType\n"
            'CommandType("A", Kind)\n'
        )
        assert found_in(here, "using.py") == [("using.py", "SV101")]
        (here / "kinds.py").write_text(
            "from google.protobuf.timestamp_pb2 import Timestamp as Kind\n"
        )
        assert found_in(here, "using.py") == []

    def test_only_what_was_asked_for_is_told(self, here: Path) -> None:
        (here / "inner.py").write_text(FOUND)
        (here / "outer.py").write_text("import inner\n")
        assert found_in(here, "outer.py") == []
        assert found_in(here, "outer.py", str(here / "inner.py")) == [("inner.py", "SV101")]

    def test_errors_of_types_are_not_told_and_hide_nothing(self, here: Path) -> None:
        (here / "wrong.py").write_text(f"{FOUND}x: int = 'a'\nimport nowhere\n")
        assert found_in(here, "wrong.py") == [("wrong.py", "SV101")]

    def test_modules_of_which_mypy_tells_nothing_are_judged(self, here: Path) -> None:
        (here / "legacy.py").write_text(FOUND)
        with (here / "mypy.ini").open("a") as config:
            config.write("[mypy-legacy]\nignore_errors = True\n")
        assert found_in(here, "legacy.py") == [("legacy.py", "SV101")]

    def test_a_file_in_another_encoding_is_read_as_it_says(self, here: Path) -> None:
        text = "# -*- coding: latin-1 -*-\n" + FOUND.replace('"A"', '"\xfc"')
        (here / "latin.py").write_bytes(text.encode("latin-1"))
        assert found_in(here, "latin.py") == [("latin.py", "SV101")]

    @pytest.mark.parametrize("letter", ["ü", "…", "😀"])
    def test_letters_beyond_ascii_move_no_place(self, here: Path, letter: str) -> None:
        line = f'print("{letter}"); CommandType("{letter}{letter}", Struct); print("{letter}")'
        (here / "letters.py").write_text(STRUCT.format(line=line), encoding="utf-8")
        with within(here):
            [found] = lint([Path("letters.py")]).findings
        assert (found.code, found.column) == ("SV101", line.index("Struct") + 1)


class TestErrors:
    def test_a_path_that_does_not_exist_is_named(self, here: Path) -> None:
        with within(here), pytest.raises(LintError, match=r"^nowhere\.py does not exist$"):
            lint([Path("nowhere.py")])

    def test_a_file_that_is_not_python_is_named_with_its_line(self, here: Path) -> None:
        (here / "broken.py").write_text("x = 1\ndef (:\n")
        with within(here), pytest.raises(LintError, match=r"^broken\.py:2: .+") as raised:
            lint([Path("broken.py")])
        assert "\n" not in str(raised.value)

    def test_a_folder_without_python_is_told(self, here: Path) -> None:
        (here / "empty").mkdir()
        with within(here), pytest.raises(LintError, match=r"no \.py"):
            lint([Path("empty")])

    def test_missing_types_of_protobuf_are_told(self, here: Path) -> None:
        (here / "app.py").write_text(FOUND)
        with (here / "mypy.ini").open("a") as config:
            config.write("[mypy-google.protobuf.*]\nfollow_imports = skip\n")
            config.write("follow_imports_for_stubs = True\n")
        with within(here), pytest.raises(LintError, match=r"^google\.protobuf has no types here"):
            lint([Path("app.py")])

    def test_an_older_mypy_is_told(self, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(running, "__version__", "2.3.0")
        with (
            within(here),
            pytest.raises(LintError, match=r"mypy 2\.3\.0 is too old"),
        ):
            lint([Path()])


class TestPlugin:
    def test_mypy_finds_what_the_linter_does(self, project: Path, linted: list[Reported]) -> None:
        """In a process of its own, and again from its cache."""
        wanted = {(one.path, one.line, one.code, one.message) for one in linted}
        unused = {one for one in wanted if 'Unused "type: ignore' in one[3]}  # mypy's own code
        for _ in range(2):
            assert mypy_says(project) == wanted - unused

    def test_letters_beyond_ascii_move_no_place(self, here: Path) -> None:
        """Whether they take two, three or four bytes."""
        letters = {"two.py": "ü", "three.py": "…", "four.py": "😀"}
        for name, each in letters.items():
            line = f'print("{each}"); CommandType("{each}{each}", Struct); print("{each}")'
            (here / name).write_text(STRUCT.format(line=line), encoding="utf-8")
        found = {(path, line, code) for path, line, code, _ in mypy_says(here)}
        assert found == {(name, 3, "SV101") for name in letters}

    def test_the_settings_of_the_project_hold(self, here: Path) -> None:
        (here / "set.py").write_text(FOUND)
        assert {code for _, _, code, _ in mypy_says(here)} == {"SV101"}
        (here / "pyproject.toml").write_text('[tool.sessionstream.lint]\nignore = ["SV1"]\n')
        assert mypy_says(here) == set()

    def test_settings_that_are_wrong_end_the_run_with_one_line(self, here: Path) -> None:
        (here / "pyproject.toml").write_text('[tool.sessionstream.lint]\nignore = ["SV9"]\n')
        (here / "any.py").write_text("")
        done = mypy(here)
        assert done.returncode == 2
        assert done.stderr.startswith("sessionstream.lint: ")
        assert done.stderr.count("\n") == 1

    def test_an_older_mypy_is_told(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as stopped:
            mypy_plugin.plugin("2.3.0")
        assert stopped.value.code == 2
        said = "sessionstream.lint: it needs mypy 2.4 or newer; this is 2.3.0\n"
        assert capsys.readouterr().err == said


def mypy(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mypy", "--no-pretty", "."]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def mypy_says(folder: Path) -> set[tuple[str, int, str, str]]:
    """The findings among mypy's errors."""
    done = mypy(folder)
    assert done.returncode in {0, 1}, done.stderr
    matches = map(_ERROR.fullmatch, done.stdout.splitlines())
    return {
        (match["path"], int(match["line"]), match["code"], match["message"])
        for match in matches
        if match
    }
