"""Schemas that nobody here wrote: what packages on PyPI ship."""

from __future__ import annotations

import ast
import importlib
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import files
from importlib.util import find_spec
from pathlib import Path
from typing import cast

from google.protobuf.descriptor import FileDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.protobuf.message import DecodeError


@dataclass(frozen=True, slots=True)
class Schema:
    """The files of a package, each behind those that it imports; ``own`` are those it ships."""

    protos: tuple[FileDescriptorProto, ...]
    own: tuple[str, ...]

    def image(self) -> bytes:
        """Returns what protoc takes instead of the .proto files."""
        return FileDescriptorSet(file=self.protos).SerializeToString()


@cache
def googleapis() -> Schema:
    """googleapis-common-protos: the .proto files that it ships, with their comments."""
    shipped = files("googleapis-common-protos") or []
    paths = sorted(str(path) for path in shipped if path.suffix == ".proto")
    return _compiled(paths, Path(str(shipped[0].locate())).parents[len(shipped[0].parts) - 1])


@cache
def bundled() -> Schema:
    """grpcio-tools: the .proto files of protobuf itself, which its protoc brings."""
    paths = sorted(path.relative_to(_BUNDLED).as_posix() for path in _BUNDLED.rglob("*.proto"))
    return _compiled(paths, _BUNDLED)


@cache
def opentelemetry() -> Schema:
    """opentelemetry-proto: descriptors of its modules, which have no source."""
    shipped = files("opentelemetry-proto") or []
    modules = sorted(str(path) for path in shipped if path.name.endswith("_pb2.py"))
    return of_modules(path.removesuffix(".py").replace("/", ".") for path in modules)


@cache
def protovalidate() -> Schema:
    """protovalidate: buf's rules, out of a module that is written for another library."""
    spec = find_spec("protovalidate")
    assert spec is not None
    assert spec.origin is not None
    module = Path(spec.origin).parent / "_gen" / "buf" / "validate" / "validate_pb.py"
    [file] = _descriptors_in(module.read_text(encoding="utf-8"))
    imported = (proto for proto in bundled().protos if proto.name in file.dependency)
    return Schema((*imported, file), (file.name,))


SCHEMAS: Mapping[str, Callable[[], Schema]] = {
    "googleapis": googleapis,
    "bundled": bundled,
    "opentelemetry": opentelemetry,
    "protovalidate": protovalidate,
}
"""By a short name of the package."""

_BUNDLED = Path(str(importlib.import_module("grpc_tools").__file__)).parent / "_proto"


def of_modules(names: Iterator[str]) -> Schema:
    """Returns the schema of modules that protoc has written."""
    found: dict[str, FileDescriptorProto] = {}

    def add(file: FileDescriptor) -> None:
        for imported in file.dependencies:
            add(imported)
        if file.name not in found:
            found[file.name] = FileDescriptorProto()
            file.CopyToProto(found[file.name])

    own = []
    for name in names:
        descriptor = importlib.import_module(name).DESCRIPTOR
        add(descriptor)
        own.append(descriptor.name)
    return Schema(tuple(found.values()), tuple(own))


def _compiled(paths: list[str], root: Path) -> Schema:
    assert paths, "the package ships no .proto file; is it installed?"
    protoc = importlib.import_module("grpc_tools.protoc")
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder) / "image"
        whole = [f"--descriptor_set_out={image}", "--include_imports", "--include_source_info"]
        command = ["protoc", f"-I{root}", f"-I{_BUNDLED}", *whole, *paths]
        assert cast(int, protoc.main(command)) == 0
        return Schema(tuple(FileDescriptorSet.FromString(image.read_bytes()).file), tuple(paths))


def _descriptors_in(code: str) -> Iterator[FileDescriptorProto]:
    """Yields the descriptors of files that a module holds as bytes; it is not run."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Constant) and isinstance(node.value, bytes):
            try:
                found = FileDescriptorProto.FromString(node.value)
            except DecodeError:
                continue
            if found.name.endswith(".proto"):
                yield found
