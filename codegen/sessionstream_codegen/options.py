"""Reads sessionstream's options off descriptors, whatever was imported first.

A descriptor that was parsed before `options_pb2` was imported carries our
options as unknown fields. Importing that module here and parsing the bytes
again makes them known.
"""

from __future__ import annotations

from collections.abc import Iterator

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)

from sessionstream.v1 import options_pb2

EXTENSION_NUMBER = options_pb2.MESSAGE_FIELD_NUMBER
"""Ours, on every kind of options."""

PACKAGE = "sessionstream.v1"


def with_known_options(request: CodeGeneratorRequest) -> CodeGeneratorRequest:
    """Returns a copy of the request whose options can be read.

    Raises:
        google.protobuf.message.DecodeError: A field of our number holds
            something else.
    """
    return CodeGeneratorRequest.FromString(request.SerializeToString())


def file_options(file: FileDescriptorProto) -> options_pb2.FileOptions:
    """Returns ``(sessionstream.v1.file)``, empty where the file has none."""
    return file.options.Extensions[options_pb2.file]


def message_options(message: DescriptorProto) -> options_pb2.MessageOptions:
    """Returns ``(sessionstream.v1.message)``, empty where the message has none."""
    return message.options.Extensions[options_pb2.message]


def parts(declared: options_pb2.MessageOptions) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yields what is set of a message's options: its name, and its field numbers and indexes.

    ``event``, ``event.name``, and ``event.aliases.0`` for the first alias.
    """
    for role, options in declared.ListFields():
        yield role.name, (role.number,)
        for field, value in options.ListFields():
            part, numbers = f"{role.name}.{field.name}", (role.number, field.number)
            if isinstance(value, (str, bool)):
                yield part, numbers
            else:
                yield from ((f"{part}.{index}", (*numbers, index)) for index in range(len(value)))


def is_key(field: FieldDescriptorProto) -> bool:
    """Says whether the field is marked with ``(sessionstream.v1.field).key``."""
    return field.options.Extensions[options_pb2.field].key
