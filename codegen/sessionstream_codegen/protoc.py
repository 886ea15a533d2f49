"""Runs protoc without a plugin: what it would hand to one."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from sessionstream.protos import include_dir
from sessionstream_codegen.checking.remedies import environment_path
from sessionstream_codegen.rules.encoding import not_utf8


class ProtocError(Exception):
    """protoc is missing, or refuses the files; the text says what it said."""


def compile_request(protos: Sequence[str], includes: Sequence[Path]) -> CodeGeneratorRequest:
    """Returns what protoc would hand to the plugin.

    ``protos`` are paths of files below ``includes``, however they are written, and of folders
    of them.

    Raises:
        ProtocError: protoc is missing, or refuses the files, or one is not
            UTF-8 and protobuf reads nothing else.
    """
    if importlib.util.find_spec("grpc_tools") is None:
        raise ProtocError('protoc is missing; run: pip install "sessionstream[codegen]"')
    searched = (*includes, include_dir())
    files = (file for named in protos for file in _files(named))
    asked = list(dict.fromkeys(_virtual(file, searched) for file in files))
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder) / "image.binpb"
        wanted = (f"--descriptor_set_out={image}", "--include_imports", "--include_source_info")
        _run(searched, *wanted, *asked)
        try:
            found = FileDescriptorSet.FromString(image.read_bytes())
        except UnicodeDecodeError as error:
            raise ProtocError(f"protobuf can't read it:\n{not_utf8(error.object)}") from error
    return CodeGeneratorRequest(file_to_generate=asked, proto_file=found.file)


def compile_messages(names: Iterable[str], includes: Sequence[Path]) -> Mapping[str, bytes]:
    """Returns the modules of messages and their stubs, by their paths below an output folder.

    ``names`` are those by which protoc knows the files: their paths below an include.

    Raises:
        ProtocError: protoc or mypy-protobuf is missing, or refuses the files.
    """
    with tempfile.TemporaryDirectory() as folder:
        outputs = (f"--python_out={folder}", f"--mypy_out=quiet:{folder}")
        _run((*includes, include_dir()), *outputs, *names)
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in Path(folder).rglob("*")
            if path.is_file()
        }


def _run(searched: Iterable[Path], *arguments: str) -> None:
    command = [
        *(sys.executable, "-m", "grpc_tools.protoc"),
        *(f"-I{path}" for path in searched),
        *arguments,
    ]
    # Plugins are found on PATH: those of this environment.
    environment = {**os.environ, "PATH": environment_path()}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ProtocError(f"protoc refuses the files:\n{done.stderr.strip()}")


def _files(named: str) -> list[str]:
    """Returns the .proto files that are meant: those of a folder, in the order of their names."""
    if not Path(named).is_dir():
        return [named]
    found = sorted(str(path) for path in Path(named).rglob("*.proto"))
    if not found:
        raise ProtocError(f"{named} holds no .proto file; name another folder, or files")
    return found


def _virtual(proto: str, includes: Sequence[Path]) -> str:
    """Returns protoc's name for a file: its path below the first directory that has it.

    Raises:
        ProtocError: There is no such file, or it is below none of them, or
            protoc would read another one.
    """
    path = Path(os.path.realpath(proto))
    if not path.is_file():
        why = "it is no file; name .proto files" if path.exists() else "No such file or directory"
        raise ProtocError(f"{proto}: {why}")
    for include in includes:
        folder = Path(os.path.realpath(include))
        if path.is_relative_to(folder):
            name = path.relative_to(folder).as_posix()
            first = next(one / name for one in includes if (one / name).exists())
            if not first.samefile(path):
                raise ProtocError(f"{proto} is hidden by {first}; name its directory first")
            return name
    raise ProtocError(
        f"{proto} is below none of the directories given with -I: "
        f"{', '.join(str(include) for include in includes[:-1])}"
    )
