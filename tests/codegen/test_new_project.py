"""`sessionstream new`: what it names, writes, refuses; tests/test_new_project.py installs one."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from importlib.metadata import Distribution
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sessionstream_codegen.present import PRESENT
from sessionstream_codegen.project import NewProject, ProjectError
from sessionstream_codegen.project.generated import generated_files
from sessionstream_codegen.project.naming import MAX_LENGTH, checked_package_name, package_name
from sessionstream_codegen.project.origin import install_origin, local_settings

from tests.codegen import golden_trees
from tests.codegen.golden_trees import tree

LONGEST = "p" * MAX_LENGTH


def run(*command: str | Path, cwd: Path, path: Path | str = "") -> str:
    """Runs a command of this environment and returns its output; a failure shows all of it."""
    done = golden_trees.run(*command, cwd=cwd, PYTHONPATH=str(path))
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


class TestThePackagesName:
    @pytest.mark.parametrize(
        ("folder", "package"),
        [
            ("groceries", "groceries"),
            ("my-list", "my_list"),
            ("My List.v2", "my_list_v2"),
            ("MyList", "my_list"),
            ("Café Übersicht", "cafe_ubersicht"),
            ("2048", "app_2048"),
            ("class", "class_app"),
            ("json", "json_app"),
            ("test", "test_app"),
            ("tests", "tests_app"),
            ("sessionstream", "sessionstream_app"),
            ("websockets", "websockets_app"),
            ("__init__", "init"),
        ],
    )
    def test_is_made_of_the_folders(self, folder: str, package: str) -> None:
        assert package_name(folder) == package

    @pytest.mark.parametrize("folder", ["", "...", "買い物", "p" * (MAX_LENGTH + 1)])
    def test_is_to_be_given_where_none_can_be_made(self, folder: str) -> None:
        with pytest.raises(ProjectError, match="--package"):
            package_name(folder)

    @given(st.text())
    def test_is_one_that_could_have_been_given_whatever_the_folders(self, folder: str) -> None:
        try:
            package = package_name(folder)
        except ProjectError:
            return
        assert checked_package_name(package) == package
        assert package.isidentifier()

    def test_is_none_that_hides_what_is_there(self) -> None:
        for name in PRESENT:
            with pytest.raises(ProjectError):
                checked_package_name(name)

    @pytest.mark.parametrize("name", ["My", "a-b", "2a", "a__b", "_a", "a.b", "é", "json", "a\n"])
    def test_is_refused_where_it_is_none_or_is_taken(self, name: str) -> None:
        with pytest.raises(ProjectError):
            checked_package_name(name)


def write_project(folder: Path, package: str) -> Path:
    NewProject(folder=folder, package=package).write()
    # What `make setup` would install is installed here already.
    (folder / ".venv").symlink_to(sys.prefix)
    return folder


@pytest.fixture(scope="module", params=["p", LONGEST])
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a short name, or the longest, in a folder with a space in its name."""
    return write_project(tmp_path_factory.mktemp("new") / "a project", str(request.param))


@pytest.fixture(scope="module")
def groceries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose name is neither, for what no name changes."""
    return write_project(tmp_path_factory.mktemp("new") / "groceries", "groceries")


class TestTheProject:
    def test_has_the_code_that_buf_generates(self, project: Path) -> None:
        before = tree(project)
        run("buf", "generate", cwd=project)
        assert tree(project) == before

    def test_passes_its_own_tests(self, project: Path) -> None:
        run("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=project, path=project)

    def test_is_linted_and_laid_out(self, project: Path) -> None:
        run("ruff", "check", "--no-cache", cwd=project)
        run("ruff", "format", "--no-cache", "--check", cwd=project)
        run("buf", "lint", cwd=project)

    def test_lacks_nothing_that_scaffold_would_add(self, groceries: Path) -> None:
        arguments = ["-I", "proto", "proto", "--out", "groceries", "--dry-run"]
        said = run("sessionstream", "scaffold", *arguments, cwd=groceries)
        assert all(line.endswith("lacks nothing") for line in said.splitlines())

    def test_lists_its_targets_with_make_help(self, groceries: Path) -> None:
        listed = {line.split()[0] for line in run("make", "help", cwd=groceries).splitlines()}
        assert {"setup", "dev", "test", "gen", "types", "check"} <= listed

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["--port", "65536"], "port 65536 can't be used: 65535 is the last one"),
            (["--db", "README.md/lists.db"], "README.md"),
            (["--db", "."], "it is a folder"),
        ],
    )
    def test_ends_with_one_line_where_it_cant_serve(
        self, groceries: Path, arguments: list[str], said: str, tmp_path: Path
    ) -> None:
        database = [] if "--db" in arguments else ["--db", str(tmp_path / "lists.db")]
        done = subprocess.run(
            [sys.executable, "-m", "groceries", *arguments, *database],
            cwd=groceries,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert said in done.stderr
        assert done.stderr.startswith("groceries: ")
        assert done.stderr.count("\n") == 1


PRICES = """\
syntax = "proto3";

package groceries.v1;

import "groceries/v1/checklist.proto";
import "sessionstream/v1/options.proto";

message SetPrice {
  option (sessionstream.v1.message).command = {};
}
"""


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a command in a file more; it was generated and scaffolded anew."""
    folder = write_project(tmp_path_factory.mktemp("grown") / "groceries", "groceries")
    (folder / "proto/groceries/v1/prices.proto").write_text(PRICES)
    run("buf", "generate", cwd=folder)
    [line] = [line for line in (folder / "Makefile").read_text().splitlines() if "--out" in line]
    command = line.strip().removeprefix("@$(BIN)/").replace("$(CODE)", "groceries")
    run(*shlex.split(command), cwd=folder)
    return folder


class TestASecondProtoFile:
    def test_gets_handlers_of_its_own(self, grown: Path) -> None:
        assert (
            "class Handlers(PricesHandlers)" in (grown / "groceries/prices_handlers.py").read_text()
        )

    def test_is_linted_with_them_even_where_it_imports_for_roles_alone(self, grown: Path) -> None:
        run("buf", "lint", cwd=grown)
        run("ruff", "check", "--no-cache", cwd=grown)
        run("ruff", "format", "--no-cache", "--check", cwd=grown)

    def test_is_missed_by_mypy_until_its_parts_are_installed(self, grown: Path) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "mypy", "groceries"],
            cwd=grown,
            capture_output=True,
            text=True,
            check=False,
        )
        [error] = [line for line in done.stdout.splitlines() if ": error: " in line]
        assert error.startswith("groceries/app.py:")
        assert error.endswith('Missing named argument "prices" for "install"  [call-arg]')


@pytest.mark.parametrize("package", ["message", "option", "optional", "rpc", "app_2048", "a1"])
def test_a_word_of_protobuf_can_name_the_package(package: str) -> None:
    text = f'syntax = "proto3"; package {package}.v1; message A {{ A a = 1; }}'
    assert f"{package}/v1/a_pb2.py" in generated_files(f"{package}/v1/a.proto", text)


class TestWhereSessionstreamComesFrom:
    @pytest.mark.parametrize(
        ("recorded", "origin"),
        [
            ({"url": "file:///a%20b/%23", "dir_info": {"editable": True}}, "/a b/#"),
            ({"url": "file:///d/x.whl", "archive_info": {}}, "/d/x.whl"),
            ({"url": "file:///d", "dir_info": {}, "subdirectory": "e"}, "/d/e"),
            ({"url": "https://a.example/x.whl", "archive_info": {}}, "https://a.example/x.whl"),
            (
                {
                    "url": "https://a.example/r.git",
                    "vcs_info": {"vcs": "git", "commit_id": "c0ffee", "requested_revision": "main"},
                    "subdirectory": "python",
                },
                "git+https://a.example/r.git@c0ffee#subdirectory=python",
            ),
        ],
    )
    def test_it_is_what_pip_has_recorded(
        self, recorded: dict[str, object], origin: str, tmp_path: Path
    ) -> None:
        (tmp_path / "direct_url.json").write_text(json.dumps(recorded))
        assert install_origin(Distribution.at(tmp_path)) == origin

    def test_it_is_the_package_index_where_pip_has_recorded_nothing(self, tmp_path: Path) -> None:
        assert install_origin(Distribution.at(tmp_path)) == ""
        assert "SESSIONSTREAM" not in local_settings(Distribution.at(tmp_path))

    @pytest.mark.parametrize("folder", ["a b", "a#b", "a$b", "a$(b)", "it's", 'a"b', "é", "a\\b"])
    def test_make_reads_it_as_it_is(self, folder: str, tmp_path: Path) -> None:
        recorded = {"url": (tmp_path / folder).as_uri(), "dir_info": {}}
        (tmp_path / "direct_url.json").write_text(json.dumps(recorded))
        (tmp_path / "local.mk").write_text(local_settings(Distribution.at(tmp_path)))
        rule = '-include local.mk\nexport SESSIONSTREAM\nall:\n\t@printf %s "$$SESSIONSTREAM"\n'
        (tmp_path / "Makefile").write_text(rule)
        assert run("make", "-s", "all", cwd=tmp_path) == str(tmp_path / folder)
