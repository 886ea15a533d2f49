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
from sessionstream_codegen.reading.walking import Walked


def read_enums(
    file: FileDescriptorProto, messages: Iterable[Walked], source: Source
) -> Iterator[EnumDecl]:
    """Yields the enums of a file, then those of its messages."""
    for parent, enums, path in _parents(file, messages):
        for index, enum in enumerate(enums):
            here = (*path, index)
            yield EnumDecl(
                full_name=f"{parent}.{enum.name}".lstrip("."),
                comment=source.comment(here),
                position=source.position((*here, EnumDescriptorProto.NAME_FIELD_NUMBER), here),
                is_deprecated=enum.options.deprecated or file.options.deprecated,
                values=tuple(_values(enum, here, source)),
            )


def _parents(
    file: FileDescriptorProto, messages: Iterable[Walked]
) -> Iterator[tuple[str, Iterable[EnumDescriptorProto], Path]]:
    """Yields what may hold enums: its full name, its enums, and where these are in the file."""
    yield file.package, file.enum_type, (FileDescriptorProto.ENUM_TYPE_FIELD_NUMBER,)
    for message, path, scope in messages:
        name = ".".join(filter(None, (file.package, *scope)))
        yield name, message.enum_type, (*path, DescriptorProto.ENUM_TYPE_FIELD_NUMBER)


def _values(enum: EnumDescriptorProto, path: Path, source: Source) -> Iterator[EnumValue]:
    for index, value in enumerate(enum.value):
        here = (*path, EnumDescriptorProto.VALUE_FIELD_NUMBER, index)
        yield EnumValue(
            name=value.name,
            number=value.number,
            comment=source.comment_beside(here),
            is_deprecated=value.options.deprecated,
        )
