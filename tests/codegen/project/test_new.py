"""`sessionstream new`: where it writes, what it refuses, what it says."""

from __future__ import annotations

import errno
import os
import shlex
import subprocess
from pathlib import Path

import pytest
from sessionstream_codegen.project import NewProject, ProjectError, new

from sessionstream import cli
from tests.codegen.golden_trees import tree


class TestWriting:
    def test_an_empty_folder_is_filled_and_stays_the_same_folder(self, tmp_path: Path) -> None:
        """A shell may be in it."""
        before = tmp_path.stat().st_ino
        NewProject(folder=tmp_path, package="groceries").write()
        assert tmp_path.stat().st_ino == before
        assert (tmp_path / "Makefile").is_file()

    @pytest.mark.parametrize("package", [None, "game"])
    def test_the_package_is_named_after_the_folder_unless_it_is_given(
        self, package: str | None, tmp_path: Path
    ) -> None:
        written = NewProject(folder=tmp_path / "to do", package=package).write()
        assert written == (package or "to_do")
        proto = tmp_path / f"to do/proto/{written}/v1/checklist.proto"
        assert f"package {written}.v1;" in proto.read_text()

    def test_a_folder_that_holds_only_dot_files_is_filled_and_keeps_them(
        self, tmp_path: Path
    ) -> None:
        """`git init` came first, or `python -m venv .venv`; another workflow is no hindrance."""
        there = {".git/HEAD": b"ref", ".venv/pyvenv.cfg": b"", ".github/workflows/a.yml": b"a"}
        for name, content in there.items():
            (tmp_path / name).parent.mkdir(parents=True)
            (tmp_path / name).write_bytes(content)
        NewProject(folder=tmp_path, package="groceries").write()
        after = tree(tmp_path)
        assert after.items() >= there.items()
        assert {"README.md", ".github/workflows/ci.yml"} <= after.keys()

    @pytest.mark.parametrize("taken", [".gitignore", ".github/workflows/ci.yml", ".github"])
    def test_no_file_is_overwritten_and_all_in_the_way_are_named(
        self, taken: str, tmp_path: Path
    ) -> None:
        (tmp_path / taken).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / taken).write_text("mine")
        with pytest.raises(ProjectError, match=f"has {taken} already.*; move that away"):
            NewProject(folder=tmp_path, package="groceries").write()
        assert tree(tmp_path) == {taken: b"mine"}

    @pytest.mark.parametrize("name", ["full", "file", "missing/new", "買い物", "dangling", "loop"])
    def test_what_is_refused_changes_nothing(self, name: str, tmp_path: Path) -> None:
        (tmp_path / "full").mkdir()
        (tmp_path / "full" / "LICENSE").touch()
        (tmp_path / "file").touch()
        (tmp_path / "dangling").symlink_to("file")
        (tmp_path / "loop").symlink_to("loop")
        before = sorted(tmp_path.rglob("*"))
        with pytest.raises(ProjectError, match=name):
            NewProject(folder=tmp_path / name).write()
        assert sorted(tmp_path.rglob("*")) == before

    @pytest.mark.parametrize("name", ["a\tb", "a\nb", "a'b", "$a b", "a\\b"])
    def test_a_path_that_no_program_can_begin_with_is_refused(
        self, name: str, tmp_path: Path
    ) -> None:
        with pytest.raises(ProjectError, match="holds a quote, a dollar sign"):
            NewProject(folder=tmp_path / name).write()
        assert list(tmp_path.iterdir()) == []

    def test_a_name_that_no_file_system_takes_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(ProjectError, match="File name too long; name another folder"):
            NewProject(folder=tmp_path / ("a" * 300), package="a").write()

    @pytest.mark.parametrize("exists", [False, True])
    def test_a_file_that_cant_be_written_leaves_the_folder_as_it_was(
        self, exists: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        files = {"a/b/c": "", "b" * 300: ""}  # no file system takes that name
        monkeypatch.setattr(new, "project_files", lambda package: files)
        if exists:
            (tmp_path / "groceries").mkdir()
        before = list(tmp_path.rglob("*"))
        with pytest.raises(ProjectError, match="groceries can't be written: File name too long"):
            NewProject(folder=tmp_path / "groceries").write()
        assert list(tmp_path.rglob("*")) == before

    def test_an_interrupt_leaves_nothing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        mkdir = Path.mkdir

        def interrupted(path: Path, mode: int = 0o777) -> None:
            if path.name == "c":
                raise KeyboardInterrupt
            mkdir(path, mode)

        monkeypatch.setattr(new, "project_files", lambda package: {"a/b": "", "c/d": ""})
        monkeypatch.setattr(Path, "mkdir", interrupted)
        with pytest.raises(KeyboardInterrupt):
            NewProject(folder=tmp_path / "groceries").write()
        assert list(tmp_path.iterdir()) == []


class TestTheCommand:
    @pytest.fixture(autouse=True)
    def _here(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)

    def test_says_what_to_do_next(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["new", "my list"]) == 0
        first, _, *steps = capsys.readouterr().out.splitlines()
        assert first == "wrote my list with the package my_list; now:"
        assert shlex.split(steps[0]) == ["cd", "my list"]
        assert steps[1].split()[:2] == ["make", "dev"]

    @pytest.mark.parametrize("name", ["-y", "-", "~a", "a b"])
    def test_says_how_to_go_to_a_folder_with_an_odd_name(
        self, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert cli.main(["new", "--package", "groceries", "--", name]) == 0
        step = capsys.readouterr().out.splitlines()[2]
        went = subprocess.run(["sh", "-c", f"{step} && pwd"], capture_output=True, check=True)
        assert went.stdout.decode().strip() == str(tmp_path / name)

    def test_does_not_say_to_go_where_one_is(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["new", ".", "--package", "groceries"]) == 0
        assert "cd " not in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (
                ["full"],
                "full holds file; name a folder that is not there yet, or one with nothing but "
                "dot files",
            ),
            (
                ["a", "--package", ""],
                "'' can't name a package: that takes lower-case letters of a to z, digits and "
                "single underscores, a letter first",
            ),
            (
                ["a" * 300, "--package", "a"],
                f"{'a' * 300} can't be written: {os.strerror(errno.ENAMETOOLONG)}; "
                "name another folder",
            ),
        ],
    )
    def test_tells_of_a_mistake_with_one_line(
        self,
        arguments: list[str],
        said: str,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        (tmp_path / "full").mkdir()
        (tmp_path / "full" / "file").touch()
        assert cli.main(["new", *arguments]) == 1
        assert capsys.readouterr() == ("", f"sessionstream: {said}\n")
