"""Compiles inline .proto text to what protoc hands to a plugin."""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest, Version
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from sessionstream_codegen.generate import generate

from sessionstream.protos import include_dir

HEAD = """\
syntax = "proto3";
package acme.v1;
import "sessionstream/v1/options.proto";
"""
"""Three lines: a message that follows begins on the fourth."""


def descriptors(files: Mapping[str, str], encoding: str = "utf-8") -> FileDescriptorSet:
    """Compiles the files, with all that they import, their source options and places."""
    protoc = importlib.import_module("grpc_tools.protoc")
    bundled = Path(str(importlib.import_module("grpc_tools").__file__)).parent / "_proto"
    with tempfile.TemporaryDirectory() as folder:
        root, image = Path(folder) / "src", Path(folder) / "image"
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding=encoding)
        includes = [f"-I{path}" for path in (root, include_dir(), bundled)]
        whole = ["--include_imports", "--include_source_info", "--retain_options"]
        status = cast(
            int, protoc.main(["protoc", *includes, f"--descriptor_set_out={image}", *whole, *files])
        )
        assert status == 0, "protoc refused the .proto text; it has said why on stderr"
        return FileDescriptorSet.FromString(image.read_bytes())


def request_for(
    files: Mapping[str, str],
    *,
    only: Sequence[str] = (),
    parameter: str = "",
    encoding: str = "utf-8",
) -> CodeGeneratorRequest:
    """Returns protoc's request for these files, or for ``only`` some of them."""
    asked = list(only or files)
    found = descriptors(files, encoding)
    return CodeGeneratorRequest(
        file_to_generate=asked,
        parameter=parameter,
        compiler_version=Version(major=6),
        proto_file=found.file,
        source_file_descriptors=[file for file in found.file if file.name in asked],
    )


def generated(files: Mapping[str, str], *, only: Sequence[str] = ()) -> dict[str, str]:
    """Returns the generated files by their paths."""
    response = generate(request_for(files, only=only))
    assert not response.error
    return {file.name: file.content for file in response.file}


def errors(text: str, **others: str) -> list[str]:
    """Returns the diagnostics of ``a.proto``: three lines of head, then this text.

    ``others`` are whole files that it may import: ``b=…`` is ``b.proto``.
    """
    files = {f"{name}.proto": other for name, other in others.items()}
    return errors_of({**files, "a.proto": HEAD + text})


def errors_of(files: Mapping[str, str], *, only: Sequence[str] = ()) -> list[str]:
    """Returns the diagnostics of a run over whole files."""
    response = generate(request_for(files, only=only))
    assert not response.error or not response.file, "code is generated for what is in order only"
    return response.error.splitlines()
