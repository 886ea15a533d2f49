"""Runs protoc for buf, so that message modules are those that protoc writes from the sources.

buf hands protoc descriptors in which it has filled in the JSON name of every
field, and protoc embeds them in the module. The names that follow from the
fields' own are taken out again: both ways of generating give the same bytes.
A script, because buf.gen.yaml names a command to run as protoc.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)

_OPTION = "--descriptor_set_in="


def main(arguments: list[str]) -> int:
    """Runs protoc with the arguments, on a cleaned copy of the descriptor set; its exit status."""
    with tempfile.TemporaryDirectory() as folder:
        cleaned = Path(folder) / "image.binpb"
        rewritten = [
            f"{_OPTION}{_clean(Path(argument.removeprefix(_OPTION)), cleaned)}"
            if argument.startswith(_OPTION)
            else argument
            for argument in arguments
        ]
        return subprocess.call([sys.executable, "-m", "grpc_tools.protoc", *rewritten])


def _clean(source: Path, target: Path) -> Path:
    image = FileDescriptorSet.FromString(source.read_bytes())
    for file in image.file:
        for field in _fields_of_file(file):
            if field.json_name == _json_name(field.name):
                field.ClearField("json_name")
    target.write_bytes(image.SerializeToString())
    return target


def _fields_of_file(file: FileDescriptorProto) -> Iterator[FieldDescriptorProto]:
    yield from file.extension
    for message in file.message_type:
        yield from _fields_of(message)


def _fields_of(message: DescriptorProto) -> Iterator[FieldDescriptorProto]:
    yield from message.field
    yield from message.extension
    for nested in message.nested_type:
        yield from _fields_of(nested)


def _json_name(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in others)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
