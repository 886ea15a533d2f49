"""``sessionstream breaking`` over commits of git."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sessionstream_codegen.targets.lock.file import FILE_NAME

from tests.codegen.comparing.breaking_calls import REMOVED, breaking, git, one_line, write

pytestmark = pytest.mark.usefixtures("project")


class TestAgainstACommit:
    @pytest.mark.parametrize("ref", ["main", "HEAD", "v1", "main~0", "refs/heads/main"])
    def test_any_name_of_a_commit_will_do(
        self, ref: str, repository: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        write(repository / FILE_NAME, REMOVED)
        status, out, _ = breaking(capsys, "--against", ref)
        assert status == 1
        assert f", compared with {ref};" in out

    def test_a_branch_of_a_remote_will_do(
        self, repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        git(repository, "clone", "--quiet", ".", "clone")
        monkeypatch.chdir(repository / "clone")
        assert breaking(capsys, "--against", "origin/main")[0] == 0

    def test_a_lock_file_in_a_folder_is_found_from_anywhere(
        self, repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(repository / "backend" / FILE_NAME, REMOVED)
        (repository / "elsewhere").mkdir()
        monkeypatch.chdir(repository / "elsewhere")
        lock = f"../backend/{FILE_NAME}"
        assert breaking(capsys, "--against", "v1", "--lock", lock)[0] == 1
        assert breaking(capsys, "--against", "v1", "--lock", f"../{FILE_NAME}")[0] == 0

    def test_a_hook_of_git_changes_nothing(
        self, repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GIT_DIR", ".git")
        monkeypatch.setenv("GIT_INDEX_FILE", ".git/index.lock")
        lock = f"backend/{FILE_NAME}"
        assert breaking(capsys, "--against", "HEAD", "--lock", lock)[0] == 0

    def test_a_commit_without_a_lock_file_is_told_and_fails_nothing(
        self, repository: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The first one could never pass otherwise."""
        said = f"HEAD~1 has no {FILE_NAME} yet: nothing to compare with\n"
        assert breaking(capsys, "--against", "HEAD~1") == (0, "", said)
        status, out, err = breaking(capsys, "--against", "HEAD~1", "--json")
        assert (status, json.loads(out)["compared"], err) == (0, False, said)

    def test_a_file_that_was_moved_is_not_taken_for_a_new_one(
        self, repository: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A check that finds nothing to compare with would pass for good."""
        write(repository / "server" / FILE_NAME, REMOVED)
        (repository / "backend" / FILE_NAME).unlink()
        lock = ["--lock", f"server/{FILE_NAME}"]
        status, out, err = breaking(capsys, "--against", "v1", *lock)
        assert (status, out) == (1, "")
        assert err == (
            f"sessionstream: v1 has no {FILE_NAME} in this folder, but backend/{FILE_NAME}, which "
            f"is gone: if it was moved, compare with v1:backend/{FILE_NAME}\n"
        )
        status, out, _ = breaking(capsys, "--against", f"v1:backend/{FILE_NAME}", *lock)
        assert status == 1
        assert "[SS501]" in out

    def test_a_second_app_has_a_first_lock_file(
        self, repository: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        write(repository / "second" / FILE_NAME)
        status, _, err = breaking(capsys, "--against", "v1", "--lock", f"second/{FILE_NAME}")
        assert (status, err) == (0, f"v1 has no {FILE_NAME} yet: nothing to compare with\n")

    @pytest.mark.parametrize("place", ["nowhere/x.json", "backend", f"./{FILE_NAME}x"])
    def test_a_path_that_a_commit_does_not_have_is_one_line(
        self, place: str, repository: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert one_line(capsys, "--against", f"v1:{place}") == (
            f"v1 has no file {place}; name it by its path from the top of the repository"
        )

    def test_a_path_without_a_commit_is_refused(
        self, repository: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Git takes it for the file that is staged."""
        line = one_line(capsys, "--against", f":{FILE_NAME}")
        assert line == f":{FILE_NAME} names no commit; write COMMIT:PATH"

    def test_a_path_that_is_no_lock_file_is_one_line(
        self, repository: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (repository / "a.json").write_text("{}")
        git(repository, "add", ".")
        git(repository, "commit", "--quiet", "--message=Add a file")
        assert one_line(capsys, "--against", "main:a.json") == (
            "main:a.json is no lock file: format should be a number; name the path of a lock file"
        )

    def test_a_file_wins_over_a_branch(
        self, repository: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        write(repository / FILE_NAME, REMOVED)
        write(repository / "main", REMOVED)
        assert breaking(capsys, "--against", "main")[0] == 0
        assert breaking(capsys, "--against", "refs/heads/main")[0] == 1

    def test_a_file_that_hides_a_branch_is_told_of_where_it_is_no_lock_file(
        self, repository: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (repository / "main").write_text("#!/bin/sh\n")
        line = one_line(capsys, "--against", "main")
        assert line.startswith("main is no lock file: it is no JSON (")
        assert line.endswith("; where the commit is meant that is called so, too, write main~0")
        assert breaking(capsys, "--against", "main~0")[0] == 0

    def test_a_branch_wins_over_a_folder(
        self, repository: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (repository / "main").mkdir()
        assert breaking(capsys, "--against", "main")[0] == 0

    def test_an_unknown_commit_is_one_line_that_thinks_of_ci(
        self, repository: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        status, out, err = breaking(capsys, "--against", "origin/main")
        assert (status, out) == (1, "")
        assert err == (
            "sessionstream: there is no file origin/main, and git knows no commit origin/main; "
            "fetch it where it is of a remote: CI often has the newest commit alone\n"
        )

    @pytest.mark.parametrize("ref", ["--all", "-n1", "", " ", "main\nmain", "a\0b"])
    def test_what_git_could_take_for_something_else_is_refused(
        self, ref: str, repository: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        status, out, err = breaking(capsys, f"--against={ref}")
        assert (status, out) == (1, "")
        assert err == f"sessionstream: {ref!r} is neither a file nor a commit\n"

    def test_without_a_repository_it_says_what_git_does(
        self, project: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        write(project / FILE_NAME)
        status, _, err = breaking(capsys, "--against", "main")
        assert status == 1
        assert err.startswith("sessionstream: there is no file main, and no commit: fatal: not a")
        assert err.count("\n") == 1

    def test_without_git_it_says_so(
        self, repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", "")
        status, _, err = breaking(capsys, "--against", "main")
        assert status == 1
        assert "git is missing; install it, or name a file to compare with" in err
