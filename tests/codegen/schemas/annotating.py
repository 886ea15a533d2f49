"""Gives the messages of any schema roles: which, a checksum of their names decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from zlib import crc32

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest, Version
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)
from sessionstream_codegen.reading.walking import walk_messages

from sessionstream.v1 import options_pb2

_ROLES = [("command",), ("event",), ("ui_event",), ("event", "ui_event"), ("entity",)]
_KEY_TYPES = frozenset(
    {
        FieldDescriptorProto.TYPE_STRING,
        FieldDescriptorProto.TYPE_INT32,
        FieldDescriptorProto.TYPE_INT64,
        FieldDescriptorProto.TYPE_UINT32,
        FieldDescriptorProto.TYPE_UINT64,
    }
)
# No message of these can have a role.
_WITHOUT_ROLES = "google.protobuf"


def annotated(
    protos: Iterable[FileDescriptorProto], own: Collection[str]
) -> list[FileDescriptorProto]:
    """Returns copies of the files; every message of the ``own`` ones has a role.

    A simple name that two messages have is no name of either: their full names
    are. So is that of one that is nested, every other time.
    """
    found = []
    for proto in protos:
        copy = FileDescriptorProto()
        copy.CopyFrom(proto)
        found.append(copy)
    files = [file for file in found if file.name in own and file.package != _WITHOUT_ROLES]
    named = Counter(scope[-1] for file in files for _, _, scope in _messages(file))
    for file in files:
        for message, _, scope in _messages(file):
            full_name = ".".join(filter(None, (file.package, *scope)))
            number = crc32(full_name.encode())
            long = named[message.name] > 1 or (len(scope) > 1 and number % 2)
            _annotate(message, number, full_name if long else "")
        if not any(_options(message).HasField("ui_event") for message, _, _ in _messages(file)):
            for message, _, _ in _messages(file):
                if _options(message).event.ephemeral:
                    _options(message).event.ephemeral = False
    return found


def request_of(
    protos: Sequence[FileDescriptorProto], asked: Sequence[str], parameter: str = ""
) -> CodeGeneratorRequest:
    """Returns the request that protoc would make: what is asked for, and what that imports."""
    needed = set(asked)
    for file in reversed(protos):
        needed.update(file.dependency if file.name in needed else [])
    return CodeGeneratorRequest(
        file_to_generate=asked,
        proto_file=[file for file in protos if file.name in needed],
        parameter=parameter,
        compiler_version=Version(major=6),
        source_file_descriptors=[file for file in protos if file.name in asked],
    )


def _messages(
    file: FileDescriptorProto,
) -> Iterator[tuple[DescriptorProto, tuple[int, ...], tuple[str, ...]]]:
    return (found for found in walk_messages(file) if not found[0].options.map_entry)


def _options(message: DescriptorProto) -> options_pb2.MessageOptions:
    return message.options.Extensions[options_pb2.message]


def _annotate(message: DescriptorProto, number: int, name: str) -> None:
    key = next(filter(_may_be_key, message.field), None)
    roles = _ROLES[number // 2 % (len(_ROLES) if key else len(_ROLES) - 1)]
    options = _options(message)
    if "command" in roles:
        options.command.name = name
        options.command.idempotent = bool(number & 64)
    if "event" in roles:
        options.event.name = name
        options.event.ephemeral = bool(number & 64)
        options.event.aliases.extend([f"{name or message.name}.older"] if number & 128 else [])
    if "ui_event" in roles:
        shown = [name or message.name, f"{name or message.name}.Changed"]
        options.ui_event.names.extend(shown[: 1 + number // 64 % 2])
    if "entity" in roles and key:
        options.entity.kind = name
    if key and ("entity" in roles or ("ui_event" in roles and number & 64)):
        key.options.Extensions[options_pb2.field].key = True


def _may_be_key(field: FieldDescriptorProto) -> bool:
    return (
        field.type in _KEY_TYPES
        and field.label != FieldDescriptorProto.LABEL_REPEATED
        and not field.HasField("oneof_index")
    )
