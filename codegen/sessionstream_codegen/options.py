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
from google.protobuf.message import Message
from google.protobuf.unknown_fields import UnknownFieldSet

from sessionstream.v1 import options_pb2
from sessionstream_codegen.model import OptionFault

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


def has_options(message: DescriptorProto) -> bool:
    """Says whether the message has ``(sessionstream.v1.message)``, though it may be empty."""
    return message.options.HasExtension(options_pb2.message)


def faults(container: Message, ours: Message) -> Iterator[tuple[OptionFault, str]]:
    """Yields what of the options can't be read: the fault, and the field that it is about.

    ``ours`` are our options in a ``container`` of all options.
    """
    if EXTENSION_NUMBER in _unknown(container):
        yield OptionFault.MISREAD, ""
    yield from ((OptionFault.UNKNOWN, part) for part in _unknown_parts(ours, ""))


def _unknown_parts(message: Message, prefix: str) -> Iterator[str]:
    yield from (f"{prefix}{number}" for number in _unknown(message))
    for field, value in message.ListFields():
        if isinstance(value, Message):
            yield from _unknown_parts(value, f"{prefix}{field.name}.")


def _unknown(message: Message) -> list[int]:
    """Returns the numbers of the fields that are not known, or have another wire type."""
    found = UnknownFieldSet(message)
    return sorted({int(found[index].field_number) for index in range(len(found))})


def field_options(field: FieldDescriptorProto) -> options_pb2.FieldOptions:
    """Returns ``(sessionstream.v1.field)``, empty where the field has none."""
    return field.options.Extensions[options_pb2.field]


def is_key(field: FieldDescriptorProto) -> bool:
    """Says whether the field is marked with ``(sessionstream.v1.field).key``."""
    return field_options(field).key
