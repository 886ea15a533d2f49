"""buf and protoc write the same code; `make check-gen` compares it with what is committed."""

from __future__ import annotations

from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)
from sessionstream_codegen.checking.files import State
from sessionstream_codegen.targets.header import GENERATED_BY

from tests.codegen import golden_trees
from tests.codegen.golden_trees import tree
from tools import generate, protoc

ROOT = Path(__file__).parent.parent
SOURCES = ["proto", "examples", "tests/consumer"]
PLUGINS = ("python", "mypy", "sessionstream")


def run(*command: str) -> None:
    """Runs a command of this environment in the repository."""
    done = golden_trees.run(*command)
    assert done.returncode == 0, done.stderr


def proto_files(source: str) -> list[str]:
    return sorted(
        path.relative_to(ROOT / source).as_posix() for path in (ROOT / source).rglob("*.proto")
    )


@pytest.fixture(params=SOURCES)
def source(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def from_buf(source: str, tmp_path: Path) -> dict[str, bytes]:
    run("buf", "generate", source, "-o", str(tmp_path / "buf"))
    return tree(tmp_path / "buf")


def from_protoc(folder: Path, *arguments: str) -> dict[str, bytes]:
    folder.mkdir()
    outs = [f"--{plugin}_out={folder}" for plugin in PLUGINS]
    options = ["--sessionstream_opt=version=false"]  # as in buf.gen.yaml
    run("python", "-m", "grpc_tools.protoc", *outs, *options, *arguments)
    return tree(folder)


class TestProtoc:
    def test_it_writes_the_same_bytes_as_buf(
        self, source: str, from_buf: dict[str, bytes], tmp_path: Path
    ) -> None:
        arguments = [f"-I{source}", "-Iproto", *proto_files(source)]
        assert from_protoc(tmp_path / "protoc", *arguments) == from_buf


class TestJSONNames:
    """buf fills them in; protoc keeps those that the sources spell out."""

    def test_a_name_that_follows_from_the_fields_own_is_taken_out(self, tmp_path: Path) -> None:
        assert json_names(tmp_path, chat_id="chatId", _x__y_1="XY1") == ["", ""]

    def test_a_name_that_was_chosen_stays(self, tmp_path: Path) -> None:
        assert json_names(tmp_path, chat_id="id") == ["id"]


def json_names(folder: Path, **names: str) -> list[str]:
    """The JSON names that protoc is given of fields with these."""
    fields = [FieldDescriptorProto(name=name, json_name=json) for name, json in names.items()]
    inner = DescriptorProto(name="Inner", field=fields)
    file = FileDescriptorProto(
        name="a.proto", message_type=[DescriptorProto(name="Outer", nested_type=[inner])]
    )
    (folder / "given").write_bytes(FileDescriptorSet(file=[file]).SerializeToString())
    cleaned = protoc._clean(folder / "given", folder / "cleaned")
    [seen] = FileDescriptorSet.FromString(cleaned.read_bytes()).file
    return [field.json_name for field in seen.message_type[0].nested_type[0].field]


class TestCheckGen:
    def test_it_names_each_file_that_is_not_current(self, tmp_path: Path) -> None:
        app = tmp_path / "examples" / "app"
        app.mkdir(parents=True)
        for name in ("current_sessionstream.py", "stale_sessionstream.py", "orphan_pb2.pyi"):
            (app / name).write_text("1")
        (app / "sessionstream.lock.json").write_text(f'{{\n  "generated": "{GENERATED_BY}."\n}}')
        (app / "handlers.py").write_text("1")
        fresh = {
            app / "current_sessionstream.py": b"1",
            app / "stale_sessionstream.py": b"2",
            app / "new_sessionstream.py": b"1",
        }
        found = {one.path.name: one.state for one in generate.differences(tmp_path, fresh)}
        assert found == {
            "new_sessionstream.py": State.MISSING,
            "orphan_pb2.pyi": State.ORPHANED,
            "sessionstream.lock.json": State.ORPHANED,
            "stale_sessionstream.py": State.STALE,
        }

    def test_what_covers_an_app_has_a_template_of_its_own(self) -> None:
        """One run over all of ``examples`` would mix the names of different apps."""
        [examples] = [module for module in generate.MODULES if module.apps]
        runs = [run.generate() for run in examples.runs()]
        written = {path.relative_to(ROOT).as_posix() for files in runs for path in files}
        assert "examples/chatdemo/sessionstream.lock.json" in written
        assert "examples/chatdemo/v1/chat_sessionstream.py" in written
