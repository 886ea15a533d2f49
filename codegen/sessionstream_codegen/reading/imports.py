"""The files whose names a file may use."""

from __future__ import annotations

from collections.abc import Mapping

from google.protobuf.descriptor_pb2 import FileDescriptorProto

from sessionstream_codegen.model import Position
from sessionstream_codegen.reading.source import Source


def read_imports(
    file: FileDescriptorProto, protos: Mapping[str, FileDescriptorProto], source: Source
) -> dict[str, Position]:
    """Returns a file's imports and what they make public, in that order.

    Each has the position of the import that brings it.
    """
    found: dict[str, Position] = {}
    for index, imported in enumerate(file.dependency):
        position = source.position((FileDescriptorProto.DEPENDENCY_FIELD_NUMBER, index))
        waiting = [imported]
        while waiting:
            path = waiting.pop(0)
            if path not in found and path != file.name and path in protos:
                found[path] = position
                other = protos[path]
                waiting[:0] = [other.dependency[public] for public in other.public_dependency]
    return found
