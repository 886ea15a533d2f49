"""buf and protoc write the same code; `make check-gen` compares it with what is committed."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto

from tools import generate

ROOT = Path(__file__).parent.parent
SOURCES = ["proto", "examples", "tests/consumer"]
PLUGINS = ("python", "mypy", "sessionstream")


def run(*command: str) -> None:
    """Runs a command of this environment in the repository."""
    environ = dict(os.environ)
    environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environ["PATH"]])
    done = subprocess.run(
        command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def proto_files(source: str) -> list[str]:
    return sorted(
        path.relative_to(ROOT / source).as_posix() for path in (ROOT / source).rglob("*.proto")
    )


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


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
    run("python", "-m", "grpc_tools.protoc", *outs, *arguments)
    return tree(folder)


class TestProtoc:
    def test_it_writes_the_same_bytes_as_buf_from_a_descriptor_set(
        self, source: str, from_buf: dict[str, bytes], tmp_path: Path
    ) -> None:
        files, image = proto_files(source), tmp_path / "image.binpb"
        whole = [f"--descriptor_set_out={image}", "--include_imports", "--include_source_info"]
        run("python", "-m", "grpc_tools.protoc", f"-I{source}", "-Iproto", *whole, *files)
        written = from_protoc(tmp_path / "protoc", f"--descriptor_set_in={image}", *files)
        assert written == from_buf

    def test_from_the_sources_only_the_descriptors_json_names_are_missing(
        self, source: str, from_buf: dict[str, bytes], tmp_path: Path
    ) -> None:
        """The names are what buf adds; a reader derives the same ones."""
        arguments = [f"-I{source}", "-Iproto", *proto_files(source)]
        written = from_protoc(tmp_path / "protoc", *arguments)
        assert written.keys() == from_buf.keys()
        for name, content in written.items():
            if name.endswith("_pb2.py"):
                assert descriptor_in(content) == descriptor_in(from_buf[name])
            else:
                assert content == from_buf[name]


def descriptor_in(module: bytes) -> FileDescriptorProto:
    """The descriptor that a message module embeds, without its JSON names."""
    line = next(line for line in module.splitlines() if b"AddSerializedFile(" in line)
    literal = line.partition(b"AddSerializedFile(")[2].removesuffix(b")")
    file = FileDescriptorProto.FromString(ast.literal_eval(literal.decode()))
    todo = list(file.message_type)
    while todo:
        message = todo.pop()
        todo += message.nested_type
        for field in (*message.field, *message.extension):
            field.ClearField("json_name")
    for field in file.extension:
        field.ClearField("json_name")
    return file


class TestCheckGen:
    def test_it_names_each_file_that_is_not_current(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        committed, fresh = tmp_path / "committed", tmp_path / "fresh"
        monkeypatch.setattr(generate, "ROOT", committed)
        for root, files in (
            (committed, {"current": "1", "stale": "1", "orphan": "1"}),
            (fresh, {"current": "1", "stale": "2", "new": "1"}),
        ):
            (root / "examples" / "app").mkdir(parents=True)
            for name, content in files.items():
                (root / "examples" / "app" / f"{name}_sessionstream.py").write_text(content)
        assert generate.differences(fresh) == [
            "examples/app/stale_sessionstream.py: stale",
            "examples/app/new_sessionstream.py: missing",
            "examples/app/orphan_sessionstream.py: orphaned (no .proto file gives it)",
        ]
