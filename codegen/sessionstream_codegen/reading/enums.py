"""The enums of a file, with their values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FileDescriptorProto,
)

from sessionstream_codegen.model import EnumDecl, EnumValue
from sessionstream_codegen.reading.source import Path, Source


def read_enums(
    file: FileDescriptorProto,
    messages: Iterable[tuple[DescriptorProto, Path, tuple[str, ...]]],
    source: Source,
) -> Iterator[EnumDecl]:
    """Yields the enums of a file, then those of its messages."""
    top = (FileDescriptorProto.ENUM_TYPE_FIELD_NUMBER,)
    yield from _enums(file.enum_type, top, file.package, source)
    for message, path, scope in messages:
        inside = (*path, DescriptorProto.ENUM_TYPE_FIELD_NUMBER)
        name = ".".join(filter(None, (file.package, *scope)))
        yield from _enums(message.enum_type, inside, name, source)


def _enums(
    enums: Iterable[EnumDescriptorProto], path: Path, parent: str, source: Source
) -> Iterator[EnumDecl]:
    for index, enum in enumerate(enums):
        here = (*path, index)
        values = (*here, EnumDescriptorProto.VALUE_FIELD_NUMBER)
        yield EnumDecl(
            full_name=f"{parent}.{enum.name}".lstrip("."),
            comment=source.comment(here),
            values=tuple(
                EnumValue(value.name, value.number, source.comment_beside((*values, number)))
                for number, value in enumerate(enum.value)
            ),
        )
