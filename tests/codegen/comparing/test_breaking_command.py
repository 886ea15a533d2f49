"""``sessionstream breaking`` as it is called, over files and over git."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sessionstream_codegen.targets.lock.file import FILE_NAME, render

from sessionstream import cli
from tests.codegen import golden_trees
from tests.codegen.comparing.breaking_changes import APP, named
from tests.codegen.comparing.releases import lock_of

REMOVED = named("an event was removed").new
WARNED = named("a command is not idempotent any more").new


def write(path: Path, text: str = APP) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(lock_of(text), {}), encoding="utf-8")


@pytest.fixture(autouse=True)
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


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    done = golden_trees.run("git", *identity, *arguments, cwd=folder)
    assert done.returncode == 0, done.stderr


def breaking(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """The exit status, and what was written to stdout and stderr."""
    status = cli.main(["breaking", *arguments])
    return status, *capsys.readouterr()


class TestAgainstAFile:
    def test_what_breaks_is_told_and_fails(
        self, project: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        write(project / FILE_NAME, REMOVED)
        write(project / "old.json")
        status, out, err = breaking(capsys, "--against", "old.json")
        assert (status, err) == (1, "")
        assert out.startswith('a.proto: error: [SS501] the event "Noted" is gone\n  why: ')
        assert out.splitlines()[3:] == [
            "1 error, 0 warnings, compared with old.json; sessionstream explain CODE says more"
        ]

    def test_no_change_is_one_line(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        write(project / FILE_NAME)
        said = breaking(capsys, "--against", FILE_NAME)
        assert said == (0, f"nothing breaks, compared with {FILE_NAME}\n", "")

    @pytest.mark.parametrize(("flags", "status"), [([], 0), (["--strict"], 1)])
    def test_warnings_fail_where_they_are_meant_to(
        self, flags: list[str], status: int, project: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        write(project / FILE_NAME, WARNED)
        write(project / "old.json")
        outcome, out, _ = breaking(capsys, "--against", "old.json", *flags)
        assert outcome == status
        assert "a.proto: warning: [SS513] " in out

    def test_tools_read_json(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        write(project / FILE_NAME, REMOVED)
        write(project / "old.json")
        status, out, _ = breaking(capsys, "--against", "old.json", "--json")
        said = json.loads(out)
        assert (status, said["errors"], said["warnings"]) == (1, 1, 0)
        [finding] = said["findings"]
        assert (finding["code"], finding["role"]) == ("SS501", "event")
        assert set(finding) == {
            *("code", "severity", "role", "name", "proto", "message", "why", "remedy")
        }

    def test_without_a_lock_file_it_says_how_to_get_one(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        status, out, err = breaking(capsys, "--against", "old.json")
        assert (status, out) == (1, "")
        assert err.startswith(f"sessionstream: there is no {FILE_NAME}; write it with ")

    @pytest.mark.parametrize(
        ("data", "said"),
        [
            (b"{", "old.json is no JSON ("),
            (b"\xff\xfe", "old.json is no UTF-8; generate it again"),
            (b'{"format": 9}', "old.json has format 9; this release reads formats up to 1: "),
        ],
    )
    def test_what_is_no_lock_file_is_one_line(
        self, data: bytes, said: str, project: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        write(project / FILE_NAME)
        (project / "old.json").write_bytes(data)
        status, out, err = breaking(capsys, "--against", "old.json")
        assert (status, out) == (1, "")
        assert err.startswith(f"sessionstream: {said}")
        assert err.count("\n") == 1


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

    def test_a_file_that_a_commit_does_not_have_is_one_line(
        self, repository: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        status, _, err = breaking(capsys, "--against", f"v1:nowhere/{FILE_NAME}")
        assert (status, err.count("\n")) == (1, 1)
        assert f"nowhere/{FILE_NAME}" in err

    def test_a_file_wins_over_a_branch(
        self, repository: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        write(repository / FILE_NAME, REMOVED)
        write(repository / "main", REMOVED)
        assert breaking(capsys, "--against", "main")[0] == 0
        assert breaking(capsys, "--against", "refs/heads/main")[0] == 1

    def test_an_unknown_commit_is_one_line_that_thinks_of_ci(
        self, repository: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        status, out, err = breaking(capsys, "--against", "origin/main")
        assert (status, out) == (1, "")
        assert err == (
            "sessionstream: there is no file origin/main, and git knows no such commit; fetch it "
            "where it is of a remote: CI often has the newest commit alone\n"
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
