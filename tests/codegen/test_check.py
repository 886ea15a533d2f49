"""``sessionstream check`` in projects as users have them, under real buf and real protoc."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from sessionstream_codegen.check_files import excluded

from sessionstream import cli
from sessionstream.protos import include_dir
from tests.codegen import golden_trees
from tests.codegen.compiling import HEAD
from tests.codegen.projects import buf_generate, template, tree, write_project

PROTO = HEAD + "message Done { option (sessionstream.v1.message).event = {}; }\n"
OTHER = PROTO.replace("acme", "other").replace("Done", "Over")
FILES = {"acme/v1/a.proto": PROTO, "other/v1/b.proto": OTHER}
TEMPLATE = template("sessionstream out=gen")
WITH_MESSAGES = template("python out=gen", "mypy out=gen", "sessionstream out=gen")
MODULE = "gen/acme/v1/a_sessionstream.py"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose generated files are current."""
    folder = write_project(tmp_path_factory.mktemp("built"), FILES, TEMPLATE)
    done = buf_generate(folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def project(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, the current folder."""
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[str], str]:
    """The exit status, the lines of stdout, and stderr; the project is as it was."""
    before = tree(Path.cwd())
    status = cli.main(["check", *arguments])
    out, err = capsys.readouterr()
    assert tree(Path.cwd()) == before, "nothing is written or deleted"
    return status, out.splitlines(), err


def mend(lines: Sequence[str]) -> None:
    """Runs the commands that a check named, as one does in a shell."""
    begin = lines.index("mend it with:") + 1
    for command in lines[begin:]:
        done = golden_trees.run("sh", "-c", command, cwd=Path.cwd())
        assert done.returncode == 0, done.stderr


class TestWithBuf:
    def test_current_files_are_one_line(
        self, project: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert check(capsys) == (0, ["2 generated files are current"], "")

    def test_files_that_are_not_current_are_named_and_mended(
        self, project: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (project / "buf.gen.yaml").write_text(WITH_MESSAGES)
        assert buf_generate(project).returncode == 0
        (project / "proto/acme/v1/a.proto").write_text(PROTO.replace("Done", "Ended"))
        (project / "proto/other/v1/b.proto").rename(project / "proto/other/v1/c.proto")
        status, lines, err = check(capsys)
        assert (status, err) == (1, "")
        assert lines == [
            "gen/acme/v1/a_pb2.py: stale",
            "gen/acme/v1/a_pb2.pyi: stale",
            "gen/acme/v1/a_sessionstream.py: stale",
            "gen/other/v1/b_pb2.py: orphaned (no .proto file gives it)",
            "gen/other/v1/b_pb2.pyi: orphaned (no .proto file gives it)",
            "gen/other/v1/b_sessionstream.py: orphaned (no .proto file gives it)",
            "gen/other/v1/c_pb2.py: missing",
            "gen/other/v1/c_pb2.pyi: missing",
            "gen/other/v1/c_sessionstream.py: missing",
            "mend it with:",
            "  buf generate",
            "  rm gen/other/v1/b_pb2.py gen/other/v1/b_pb2.pyi gen/other/v1/b_sessionstream.py",
        ]
        mend(lines)
        assert check(capsys)[0] == 0

    def test_a_diff_shows_what_would_change(
        self, project: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        text = (project / MODULE).read_text()
        (project / MODULE).write_text(text.replace("Do not edit", "Edit"))
        _, lines, _ = check(capsys, "--diff")
        assert lines[:3] == [f"{MODULE}: stale", f"--- {MODULE}", f"+++ {MODULE} (generated now)"]
        assert [line for line in lines if line.startswith("-Generated") or "+Generated" in line]

    def test_other_line_endings_are_told_as_such(
        self, project: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """As git leaves them that converts them."""
        (project / MODULE).write_bytes((project / MODULE).read_bytes().replace(b"\n", b"\r\n"))
        assert check(capsys)[1][0] == f"{MODULE}: stale (other line endings)"

    def test_output_folders_anywhere_are_looked_at_and_left_alone(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """``clean: true`` and folders outside of the project, by relative and absolute paths."""
        here, beside, far = tmp_path / "here", tmp_path / "beside", tmp_path / "far"
        lines = template("sessionstream out=../beside", f"sessionstream out={far}").splitlines()
        write_project(here, FILES, "\n".join([lines[0], "clean: true", *lines[1:]]))
        assert buf_generate(here).returncode == 0
        (beside / "old.py").write_text('"""Generated by protoc-gen-sessionstream. Do not edit."""')
        (far / "acme/v1/a_sessionstream.py").unlink()
        (far / "mine.txt").write_text("mine")
        before = tree(tmp_path)
        monkeypatch.chdir(here)
        assert check(capsys)[:2] == (
            1,
            [
                "../beside/old.py: orphaned (no .proto file gives it)",
                "../far/acme/v1/a_sessionstream.py: missing",
                "mend it with:",
                "  buf generate",
                "  rm ../beside/old.py",
            ],
        )
        assert tree(tmp_path) == before

    def test_orphans_are_looked_for_in_what_is_the_users(
        self, project: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        header = '"""A.\n\nGenerated by protoc-gen-sessionstream 0.1.0. Do not edit.\n"""\n'
        for path in (".tox/a.py", "node_modules/x/a.py", "env/lib/a.py", "kept/a.py", "app/a.py"):
            (project / "gen" / path).parent.mkdir(parents=True, exist_ok=True)
            (project / "gen" / path).write_text(header)
        (project / "gen/env/pyvenv.cfg").touch()
        (project / "gen/quoting.py").write_text(f"TEXT = '''{header}'''\n")
        (project / "gen/broken.py").write_bytes(b"\xff" + header.encode())
        (project / "elsewhere.py").write_text(header)
        status, lines, _ = check(capsys, "--exclude", "gen/kept")
        assert status == 1
        assert lines[0] == "gen/app/a.py: orphaned (no .proto file gives it)"
        assert lines[1:] == ["mend it with:", "  rm gen/app/a.py"]

    def test_globs_leave_out_what_would_be_missing(
        self, project: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (project / MODULE).unlink()
        assert check(capsys, "--exclude", "*/a_session*")[0] == 0

    def test_several_templates_are_one_project(
        self, project: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        plugin = "sessionstream out=gen strategy=all opt=target=lock"
        (project / "lock.gen.yaml").write_text(template(plugin))
        arguments = ["--template", "buf.gen.yaml", "--template", "lock.gen.yaml"]
        status, lines, _ = check(capsys, *arguments)
        assert lines == [
            "gen/sessionstream.lock.json: missing",
            "mend it with:",
            "  buf generate",
            "  buf generate --template lock.gen.yaml",
        ]
        assert status == 1
        mend(lines)
        assert check(capsys, *arguments)[0] == 0

    def test_an_input_and_a_template_in_json_are_bufs(
        self, project: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        plugin = (
            '{"version": "v2", "plugins": [{"local": "protoc-gen-sessionstream", "out": "a b"}]}'
        )
        status, lines, _ = check(capsys, "--template", plugin, "--input", "proto")
        assert (status, lines[0]) == (1, "a b/acme/v1/a_sessionstream.py: missing")
        mend(lines)
        assert check(capsys, "--template", plugin, "--input", "proto")[0] == 0


class TestBufThatFails:
    @pytest.mark.parametrize(
        ("path", "text", "said"),
        [
            ("proto/acme/v1/a.proto", "nonsense", "proto/acme/v1/a.proto:1:1:"),
            (
                "proto/acme/v1/a.proto",
                PROTO.replace("{}", '{name: "1 x"}'),
                "acme/v1/a.proto:4:16: error: [SS301]",
            ),
            ("buf.gen.yaml", template("unheard-of out=gen"), "protoc-gen-unheard-of"),
            ("buf.gen.yaml", "version: v9", "buf generate failed:\n"),
        ],
    )
    def test_what_it_says_is_shown(
        self,
        path: str,
        text: str,
        said: str,
        project: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        (project / "buf.gen.yaml").write_text(WITH_MESSAGES)
        (project / path).write_text(text)
        status, lines, err = check(capsys)
        assert (status, lines) == (1, [])
        assert err.startswith("sessionstream: buf generate failed:\n")
        assert said in err
        assert "Writing mypy" not in err

    def test_without_a_template_it_says_what_can_be_done(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.chdir(tmp_path)
        assert check(capsys) == (
            1,
            [],
            "sessionstream: buf.gen.yaml can't be read here; run this in the folder that has it, "
            "say where it is with --template, or name .proto files and --out\n",
        )

    def test_without_buf_it_says_so(
        self, project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("PATH", "")
        monkeypatch.setattr(sys, "executable", str(project / "bin" / "python"))
        status, _, err = check(capsys)
        assert status == 1
        assert err == (
            "sessionstream: buf is not on PATH; install it, or name the .proto files and --out\n"
        )


class TestWithProtoc:
    ARGUMENTS = ("-I", "proto", "--out", "out", "--opt", "version=false")

    @pytest.fixture(autouse=True)
    def generated(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write_project(tmp_path, FILES, TEMPLATE)
        monkeypatch.chdir(tmp_path)
        Path("out").mkdir()

    def test_what_is_missing_is_named_and_mended(self, capsys: pytest.CaptureFixture[str]) -> None:
        arguments = [*self.ARGUMENTS, *(f"proto/{path}" for path in FILES)]
        status, lines, err = check(capsys, *arguments)
        assert (status, err) == (1, "")
        assert lines == [
            "out/acme/v1/a_sessionstream.py: missing",
            "out/other/v1/b_sessionstream.py: missing",
            "mend it with:",
            '  python -m grpc_tools.protoc -I proto -I "$(sessionstream proto-path)" '
            "--sessionstream_out=out --sessionstream_opt=version=false "
            "proto/acme/v1/a.proto proto/other/v1/b.proto",
        ]
        mend(lines)
        assert check(capsys, *arguments)[:2] == (0, ["2 generated files are current"])

    @pytest.mark.parametrize("options", [["target=lock"], ["app=desk"], ["target=markdown"], []])
    def test_every_target_is_what_protoc_writes(
        self, options: list[str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        given = [f"--sessionstream_opt={option}" for option in options]
        protoc = [sys.executable, "-m", "grpc_tools.protoc", "-Iproto", f"-I{include_dir()}"]
        done = golden_trees.run(*protoc, "--sessionstream_out=out", *given, *FILES, cwd=Path.cwd())
        assert done.returncode == 0, done.stderr
        flags = [part for option in options for part in ("--opt", option)]
        protos = [f"proto/{path}" for path in FILES]
        status, lines, _ = check(capsys, "-I", "proto", "--out", "out", *flags, *protos)
        assert (status, len(lines)) == (0, 1)

    def test_what_another_target_wrote_is_no_orphan(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        lock = '{\n  "generated": "Generated by protoc-gen-sessionstream (target=lock)."\n}\n'
        Path("out/sessionstream.lock.json").write_text(lock)
        Path("out/old_sessionstream.py").write_text('"""Generated by protoc-gen-sessionstream."""')
        Path("out/old_pb2.py").touch()
        _, lines, _ = check(capsys, *self.ARGUMENTS, "proto/acme/v1/a.proto")
        assert [line for line in lines if "orphaned" in line] == [
            "out/old_sessionstream.py: orphaned (no .proto file gives it)"
        ]

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["--out", "out", "nowhere.proto"], "nowhere.proto: No such file or directory"),
            (["--out", "out", "broken.proto"], "broken.proto:1:1: Expected top-level statement"),
            (["--out", "out", "odd.proto"], "odd.proto:4:16: error: [SS301] "),
            (["--out", "out", "--opt", "x=1", "broken.proto"], "broken.proto:1:1: "),
            (["--out", "out", "--opt", "x=1", "good.proto"], '[SS001] unknown parameter "x"'),
        ],
    )
    def test_a_mistake_is_told_on_stderr(
        self, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        Path("broken.proto").write_text("nonsense")
        Path("odd.proto").write_text(PROTO.replace("{}", '{name: "1 x"}'))
        Path("good.proto").write_text(PROTO)
        status, lines, err = check(capsys, *arguments)
        assert (status, lines) == (1, [])
        assert err.startswith("sessionstream: ")
        assert said in err


class TestExclude:
    @pytest.mark.parametrize(
        ("glob", "matches"),
        [
            ("gen/a/x.py", True),
            ("*.py", True),
            ("gen/*/x.py", True),
            ("gen", True),
            ("gen/", True),
            ("g*", True),
            ("*/a", True),
            ("a", False),
            ("x.py", False),
            (".", False),
        ],
    )
    def test_a_glob_names_files_or_folders_from_here(self, glob: str, matches: bool) -> None:
        assert excluded(Path("/p/gen/a/x.py"), Path("/p"), [glob]) is matches


class TestUsage:
    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["a.proto"], "say with --out where their generated files are"),
            (["a.proto", "--out", "x", "--template", "t"], "--template and --input are buf's"),
            (["--out", "x"], "--out, --opt and -I need .proto files"),
        ],
    )
    def test_what_belongs_to_buf_and_to_protoc_is_not_mixed(
        self, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(SystemExit) as stopped:
            cli.main(["check", *arguments])
        assert stopped.value.code == 2
        assert said in capsys.readouterr().err
