"""The app module as code: what is committed, what linters say, and its names."""

from __future__ import annotations

import ast
import itertools
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from sessionstream_codegen.generate import generate

from tests.codegen import pyright_runs
from tests.codegen.app_trees import ROOT, WHOLE
from tests.codegen.compiling import request_for
from tests.codegen.golden_trees import REPOSITORY, run

IMPORT = 'import "sessionstream/v1/options.proto";'
RUFF = f"--config={REPOSITORY / 'pyproject.toml'}"
ROLE = "option (sessionstream.v1.message)"


def source(path: str, *imports: str, prefix: str = "") -> str:
    """A file with a command, an event and an entity of names that no other file has."""
    own = path.replace("/", "__").replace(".", "_")
    lines = [
        'syntax = "proto3";',
        f"package {own};",
        IMPORT,
        *(f'import "{one}";' for one in imports),
        f'option (sessionstream.v1.file).name = "{prefix}";' if prefix else "",
        f'message Do {{ {ROLE}.command = {{name: "do.{own}"}}; }}',
        f'message Did {{ {ROLE}.event = {{name: "did.{own}"}}; }}',
        f'message Done {{ {ROLE}.entity = {{kind: "done.{own}"}};',
        "  string id = 1 [(sessionstream.v1.field).key = true]; }",
    ]
    return "\n".join(lines)


def app_module(files: Mapping[str, str], order: Sequence[str] = ()) -> str:
    """The app module of these files."""
    request = request_for(files, parameter="app=desk")
    if order:
        request.file_to_generate[:] = order
    response = generate(request)
    assert not response.error
    return next(file.content for file in response.file if file.name == "desk.py")


def parameters(code: str) -> list[str]:
    """What ``install`` takes besides the Hub, in order."""
    for node in ast.parse(code).body:
        if isinstance(node, ast.FunctionDef) and node.name == "install":
            return [argument.arg for argument in node.args.kwonlyargs]
    raise AssertionError("the module has no install")


class TestGolden:
    @pytest.mark.parametrize("path", WHOLE)
    def test_the_plugin_writes_what_is_committed(
        self, path: str, desk: Path, request: pytest.FixtureRequest
    ) -> None:
        """`make golden` writes it anew; the diff is reviewed as code."""
        written = (desk / path).read_text(encoding="utf-8")
        if request.config.getoption("--update-golden", default=False):
            (ROOT / path).write_text(written, encoding="utf-8")
        assert written == (ROOT / path).read_text(encoding="utf-8")

    def test_it_is_written_only_where_it_is_asked_for(self) -> None:
        response = generate(request_for({"a.proto": source("a.proto")}))
        assert [file.name for file in response.file] == ["a_sessionstream.py"]

    def test_a_run_without_roles_has_none(self) -> None:
        """Such a run is what buf makes of folders without roles."""
        text = 'syntax = "proto3"; message Plain {}'
        assert not generate(request_for({"a.proto": text}, parameter="app=desk")).file


class TestLinters:
    """The settings are the project's own; none is relaxed for generated code."""

    @pytest.mark.parametrize("command", [["check"], ["format", "--diff"]])
    def test_ruff_has_nothing_to_say(self, command: list[str], desk: Path) -> None:
        done = run("ruff", *command, RUFF, "--no-cache", desk)
        assert done.returncode == 0, done.stdout

    def test_mypy_is_content(self, desk: Path, request: pytest.FixtureRequest) -> None:
        cache = request.config.cache
        assert cache is not None
        where = f"--cache-dir={cache.mkdir('mypy-desk')}"
        done = run("mypy", "--strict", "--config-file=", where, "-m", "acme.desk", cwd=desk)
        assert done.returncode == 0, done.stdout

    def test_pyright_is_content_with_its_strictest_settings(
        self, desk: Path, tmp_path: Path
    ) -> None:
        shutil.copytree(desk, tmp_path / "project")
        said = pyright_runs.check(
            tmp_path / "project", typeCheckingMode="strict", include=["acme/desk.py"]
        )
        assert [str(report) for report in said] == []

    def test_type_checkers_do_not_report_that_it_names_deprecated_messages(self) -> None:
        """Its unions do; golden/deprecated shows the same of a file's own module."""
        pragma = "# pyright: reportDeprecated=false\n"
        text = source("a.proto")
        assert pragma not in app_module({"a.proto": text})
        marked = text.replace("message Done {", "message Done { option deprecated = true;")
        assert pragma in app_module({"a.proto": marked})

    def test_a_parameter_may_have_the_name_of_a_builtin(self, tmp_path: Path) -> None:
        code = app_module({path: source(path) for path in ("input.proto", "eval.proto")})
        assert parameters(code) == ["eval", "input"]
        (tmp_path / "desk.py").write_text(code, encoding="utf-8")
        done = run("ruff", "check", RUFF, "--no-cache", tmp_path)
        assert done.returncode == 0, done.stdout

    @pytest.mark.parametrize("times", range(13))
    @pytest.mark.parametrize("others", [[], ["b.proto"]])
    def test_long_names_are_laid_out_as_ruff_does(
        self, times: int, others: list[str], tmp_path: Path
    ) -> None:
        path = f"{'long_folder/' * 3}{'very_' * times}long_name.proto"
        code = app_module({one: source(one) for one in (path, *others)})
        (tmp_path / "desk.py").write_text(code, encoding="utf-8")
        for command in (["check"], ["format", "--diff"]):
            done = run("ruff", *command, RUFF, "--no-cache", tmp_path)
            assert done.returncode == 0, done.stdout


class TestOrder:
    def test_files_stand_by_their_paths(self) -> None:
        files = {path: source(path) for path in ("c.proto", "a.proto", "b.proto")}
        assert parameters(app_module(files)) == ["a", "b", "c"]

    def test_a_file_stands_behind_those_that_it_imports(self) -> None:
        files = {
            "a.proto": source("a.proto", "z.proto"),
            "b.proto": source("b.proto"),
            "z.proto": source("z.proto"),
        }
        assert parameters(app_module(files)) == ["z", "a", "b"]

    def test_also_where_a_file_without_roles_lies_between(self) -> None:
        files = {
            "a.proto": source("a.proto", "plain.proto"),
            "plain.proto": 'syntax = "proto3"; import "z.proto";',
            "z.proto": source("z.proto"),
        }
        assert parameters(app_module(files)) == ["z", "a"]

    def test_the_order_of_the_request_changes_nothing(self) -> None:
        files = {path: source(path) for path in ("x/a.proto", "y/a.proto", "z/b.proto")}
        codes = {app_module(files, order) for order in itertools.permutations(files)}
        assert len(codes) == 1


def union(code: str, name: str) -> list[str]:
    """The members of a union of the module, as they are written."""
    for node in ast.parse(code).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            assert isinstance(node.value, ast.Subscript)
            found = node.value.slice
            members = found.elts if isinstance(found, ast.Tuple) else [found]
            return [ast.unparse(member) for member in members]
    raise AssertionError(f"the module has no {name}")


class TestUnions:
    def test_what_several_modules_may_use_stands_in_them_once(self) -> None:
        """In the order of the files, whoever imports it."""
        files = {
            "kept.proto": source("kept.proto"),
            "one.proto": source("one.proto", "kept.proto"),
            "two.proto": source("two.proto", "kept.proto"),
        }
        code = app_module(files)
        assert union(code, "DeskEvent") == ["kept_pb2.Did", "one_pb2.Did", "two_pb2.Did"]
        assert union(code, "DeskEntity") == [
            f"TimelineEntity[{name}_pb2.Done]" for name in ("kept", "one", "two")
        ]

    def test_they_hold_what_the_modules_import_from_beyond_the_run(self) -> None:
        files = {
            "kept.proto": source("kept.proto"),
            "x/kept.proto": source("x/kept.proto"),
            "shown.proto": f"""\
syntax = "proto3";
package shown;
{IMPORT}
import "kept.proto";
import "x/kept.proto";
message Seen {{ {ROLE}.event = {{}}; }}""",
        }
        code = app_module(files, ["shown.proto"])
        assert union(code, "DeskEvent") == ["shown_pb2.Seen", "kept_pb2.Did", "x_kept_pb2.Did"]
        assert "\nfrom x import kept_pb2 as x_kept_pb2\n" in code

    def test_one_name_of_a_file_hides_no_module_of_another(self) -> None:
        """A parameter of ``install`` is called after the file kept_pb2.proto."""
        files = {
            "kept_pb2.proto": source("kept_pb2.proto"),
            "kept.proto": source("kept.proto"),
        }
        code = app_module(files)
        assert parameters(code) == ["kept", "kept_pb2"]
        assert union(code, "DeskEvent") == ["kept_pb2_.Did", "kept_pb2_pb2.Did"]

    def test_they_hold_what_the_modules_build(self) -> None:
        """A module that only shows what it imports builds no entities."""
        shown = [
            'syntax = "proto3";',
            "package shown;",
            IMPORT,
            'import "kept.proto";',
            f"message Seen {{ {ROLE}.ui_event = {{}}; }}",
            f"message Passing {{ {ROLE}.event = {{ephemeral: true}}; }}",
        ]
        files = {"kept.proto": source("kept.proto"), "shown.proto": "\n".join(shown)}
        assert union(app_module(files), "DeskEntity") == ["TimelineEntity[kept_pb2.Done]"]
        assert "DeskEntity" not in app_module(files, ["shown.proto"])


class TestNames:
    def test_a_file_is_called_after_its_prefix(self) -> None:
        files = {"a.proto": source("a.proto", prefix="HTTPChat"), "b.proto": source("b.proto")}
        code = app_module(files)
        assert parameters(code) == ["http_chat", "b"]
        assert "class HTTPChatParts:" in code

    def test_files_of_one_prefix_are_called_after_their_folders_too(self) -> None:
        paths = ("acme/people/v1/types.proto", "acme/billing/v1/types.proto", "acme/a.proto")
        code = app_module({path: source(path) for path in paths})
        assert parameters(code) == ["a", "billing_types", "people_types"]
        assert "class BillingTypesParts:" in code
        assert "self.people_types: Final = people_types_sessionstream.TypesClient" in code

    def test_and_after_versions_where_nothing_else_differs(self) -> None:
        paths = ("chat/v1/chat.proto", "chat/v2/chat.proto")
        code = app_module({path: source(path) for path in paths})
        assert parameters(code) == ["v1_chat", "v2_chat"]

    def test_files_of_one_prefix_and_one_folder_are_called_after_themselves_too(self) -> None:
        paths = ("acme/v1/adding.proto", "acme/v1/moving.proto")
        code = app_module({path: source(path, prefix="Desk") for path in paths})
        assert parameters(code) == ["desk_adding", "desk_moving"]

    def test_a_longer_name_that_is_taken_gives_way_to_one_longer_still(self) -> None:
        paths = ("x/a/types.proto", "x/b/types.proto", "z/a_types.proto")
        code = app_module({path: source(path) for path in paths})
        assert parameters(code) == ["xa_types", "b_types", "za_types"]

    @pytest.mark.parametrize(
        ("path", "parameter"), [("class.proto", "class_"), ("hub.proto", "hub_")]
    )
    def test_one_that_is_taken_in_python_gets_an_underscore(
        self, path: str, parameter: str
    ) -> None:
        files = {path: source(path)}
        assert parameters(app_module(files)) == [parameter]

    def test_no_parameter_hides_a_module(self) -> None:
        paths = ("chat.proto", "chat_sessionstream.proto")
        code = app_module({path: source(path) for path in paths})
        assert parameters(code) == ["chat", "chat_sessionstream"]
        assert "chat_sessionstream_.install(hub, handlers=chat.handlers, " in code
