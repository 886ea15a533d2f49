"""The files that a user fills in: written when missing, for the .proto files that were named."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
from sessionstream_codegen.scaffold import Scaffold, ScaffoldError

from tests.codegen import pyright_runs
from tests.codegen.golden_trees import ROOT, proto_files, run
from tests.codegen.scaffolding.helpers import (
    CHAT,
    folder_of,
    mypy_strict,
    ruff_settings,
    scaffold,
)

KEYWORD_FOLDER = "async/import/v1/self.proto"


class TestMissingFiles:
    def test_they_are_written(self, tmp_path: Path) -> None:
        assert scaffold(tmp_path / "new" / "chat") == [
            "wrote handlers.py: Handlers (2 methods)",
            "wrote projections.py: LiveEvents (2 methods), StoredEntities (3 methods)",
        ]

    def test_a_dry_run_writes_nothing(self, tmp_path: Path) -> None:
        assert scaffold(tmp_path, "commands_only/v1/jobs.proto", dry_run=True) == [
            "would write handlers.py: Handlers (1 method)"
        ]
        assert list(tmp_path.iterdir()) == []

    def test_only_what_the_module_leaves_open_is_asked_for(self, tmp_path: Path) -> None:
        assert scaffold(tmp_path, "entities_only/v1/profile.proto") == [
            "nothing to write: no command, and no event that could be projected"
        ]

    def test_a_file_that_is_named_twice_is_one(self, tmp_path: Path) -> None:
        assert scaffold(tmp_path, CHAT, CHAT)[0] == "wrote handlers.py: Handlers (2 methods)"

    def test_what_is_not_written_yet_fails_and_says_where(self, tmp_path: Path) -> None:
        scaffold(tmp_path, "commands_only/v1/jobs.proto", CHAT)
        text = (tmp_path / "chat_handlers.py").read_text()
        assert text.count("NotImplementedError(") == text.count("def ")
        assert 'NotImplementedError("write stop_inference in chat_handlers.py")' in text

    def test_a_folder_stands_for_every_file_in_it(self, tmp_path: Path) -> None:
        said = scaffold(tmp_path / "app", "same")
        each = [f"same/{name}/v1/{name}.proto" for name in ("app", "billing", "rooms")]
        assert said == scaffold(tmp_path / "other" / "app", *each)
        with pytest.raises(ScaffoldError, match=f"{tmp_path} holds no .proto file; name another"):
            scaffold(tmp_path / "app", "", root=tmp_path)

    def test_imports_are_relative_below_a_folder_that_is_a_keyword(self, tmp_path: Path) -> None:
        scaffold(tmp_path / "async" / "import", KEYWORD_FOLDER)
        text = (tmp_path / "async" / "import" / "handlers.py").read_text()
        assert "from .v1 import self_pb2 as pb\n" in text

    def test_elsewhere_nothing_is_written_for_one(self, tmp_path: Path) -> None:
        with pytest.raises(ScaffoldError, match="write the files into the folder async/import,"):
            scaffold(tmp_path, KEYWORD_FOLDER)
        assert list(tmp_path.iterdir()) == []


class TestWriting:
    def test_a_link_stays_one(self, tmp_path: Path) -> None:
        """Also one whose target is yet to come."""
        link = tmp_path / "handlers.py"
        link.symlink_to(tmp_path / "other" / "real.py")
        scaffold(tmp_path)
        assert link.is_symlink()
        assert (tmp_path / "other" / "real.py").read_text().startswith('"""Handles')

    def test_permissions_stay_and_no_other_file_does(self, tmp_path: Path) -> None:
        path = tmp_path / "handlers.py"
        path.touch()
        path.chmod(0o750)
        scaffold(tmp_path, add_missing=True)
        assert path.stat().st_mode & 0o777 == 0o750
        assert sorted(os.listdir(tmp_path)) == ["handlers.py", "projections.py"]

    def test_new_files_have_the_permissions_of_any_new_file(self, tmp_path: Path) -> None:
        (tmp_path / "any").touch()
        scaffold(tmp_path)
        mode = (tmp_path / "any").stat().st_mode
        assert (tmp_path / "handlers.py").stat().st_mode == mode

    def test_nothing_is_written_where_one_file_is_at_fault(self, tmp_path: Path) -> None:
        """All of them are named."""
        (tmp_path / "projections.py").write_text("class :\n")
        (tmp_path / "jobs_handlers.py").write_text("(\n")
        with pytest.raises(ScaffoldError, match=r"(?s)projections.*\n.*jobs_handlers"):
            scaffold(tmp_path, CHAT, "commands_only/v1/jobs.proto", add_missing=True)
        assert not (tmp_path / "handlers.py").exists()


@pytest.fixture(scope="module")
def project(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the scaffolds of every golden tree."""
    project = tmp_path_factory.mktemp("scaffolds") / "project"
    shutil.copytree(built, project)
    (project / "ruff.toml").write_text(ruff_settings())
    for out, protos in scaffolds(project).items():
        scaffold(out, *protos)
    return project


def scaffolds(project: Path) -> dict[Path, list[str]]:
    """Returns the golden trees by where their scaffolds go: below a keyword, and all others."""
    found: dict[Path, list[str]] = {}
    for proto in proto_files():
        found.setdefault(folder_of(proto, project).parent, []).append(proto)
    return found


class TestGoldenTrees:
    def test_they_pass_ruff(self, project: Path) -> None:
        checked = run("ruff", "check", "--no-cache", "app", "async/import/app", cwd=project)
        assert checked.returncode == 0, checked.stdout

    def test_ruff_would_lay_nothing_out_differently(self, project: Path) -> None:
        folders = ("app", "async/import/app")
        done = run("ruff", "format", "--no-cache", "--diff", *folders, cwd=project)
        assert done.returncode == 0, done.stdout

    def test_they_pass_mypy(self, project: Path) -> None:
        typed = mypy_strict(project, "app", "async/import/app")
        assert typed.returncode == 0, typed.stdout

    def test_they_pass_pyright(self, project: Path) -> None:
        found = pyright_runs.check(project, include=["app", "async/import/app"])
        assert not found, "\n".join(map(str, found))

    def test_there_is_nothing_to_add_to_them(self, project: Path) -> None:
        for out, protos in scaffolds(project).items():
            for line in scaffold(out, *protos, add_missing=True):
                assert line.endswith("lacks nothing")


class TestErrors:
    def asked(self, folder: Path, text: str, *protos: str) -> list[str]:
        (folder / "a.proto").write_text(text)
        paths = [str(folder / proto) for proto in protos or ["a.proto"]]
        return list(Scaffold(protos=paths, out=folder / "out", includes=[folder]).run())

    def test_refused_annotations_are_shown_with_their_places(self, tmp_path: Path) -> None:
        text = (
            'syntax = "proto3";\nimport "sessionstream/v1/options.proto";\n'
            "message A { option (sessionstream.v1.message).entity = {}; }\n"
            "message B { option (sessionstream.v1.message).entity = {}; }\n"
        )
        with pytest.raises(ScaffoldError, match=r"(?s)\na\.proto:3:9: error: .*\na\.proto:4:9: er"):
            self.asked(tmp_path, text)

    def test_text_that_keeps_protobuf_from_reading_anything_is_shown(self, tmp_path: Path) -> None:
        text = 'syntax = "proto3"; // caf\u00e9\nmessage A {}\n'
        (tmp_path / "a.proto").write_text(text, encoding="latin-1")
        scaffold = (sys.executable, "-m", "sessionstream.cli", "scaffold", "a.proto", "--out", "x")
        done = run(*scaffold, cwd=tmp_path, PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION="python")
        assert (done.returncode, done.stderr) == (
            1,
            "sessionstream: protobuf can't read it:\nerror: [SS008] a .proto file is not UTF-8: "
            'it holds "caf\ufffd"; save the file as UTF-8\n',
        )

    def test_all_that_protoc_refuses_is_shown(self, tmp_path: Path) -> None:
        text = 'syntax = "proto3";\nmessage A { B b = 1; C c = 2; }\n'
        with pytest.raises(ScaffoldError, match=r'(?s)\S*a\.proto:2:13: "B".*:2:22: "C"'):
            self.asked(tmp_path, text)

    def test_what_is_no_file_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(ScaffoldError, match=r"b\.proto: No such file"):
            self.asked(tmp_path, "", "b.proto")

    def test_one_outside_of_all_directories_is_named_with_them(self, tmp_path: Path) -> None:
        (tmp_path / "a.proto").touch()
        proto = ROOT / CHAT
        work = Scaffold(protos=[str(proto)], out=tmp_path, includes=[tmp_path])
        with pytest.raises(ScaffoldError, match=f"none of the directories .* {tmp_path}$"):
            list(work.run())

    def test_one_that_another_directory_hides_is_not_taken_for_it(self, tmp_path: Path) -> None:
        for folder in ("first", "second"):
            (tmp_path / folder).mkdir()
            (tmp_path / folder / "a.proto").write_text('syntax = "proto3";\n')
        includes = [tmp_path / "first", tmp_path / "second"]
        asked = [str(tmp_path / "second" / "a.proto")]
        with pytest.raises(ScaffoldError, match=r"second/a\.proto is hidden by .*first/a\.proto"):
            list(Scaffold(protos=asked, out=tmp_path, includes=includes).run())

    def test_a_path_may_be_written_in_any_way(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """For protoc itself it must begin as the directory is written."""
        monkeypatch.chdir(ROOT.parent)
        work = Scaffold(protos=[str(ROOT / CHAT)], out=tmp_path, includes=[Path("golden")])
        assert next(iter(work.run())).startswith("wrote ")
