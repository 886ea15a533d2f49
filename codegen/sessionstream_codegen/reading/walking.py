"""The messages and extensions of a file, at every depth, with their paths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)

from sessionstream_codegen.reading.source import Path

Walked = tuple[DescriptorProto, Path, tuple[str, ...]]
"""A message, where it is in the file, and its name after those around it."""


def walk_messages(file: FileDescriptorProto) -> Iterator[Walked]:
    """Yields every message, one that holds others before them, in the order of the file."""
    # A stack: how deep messages lie in one another is up to the request.
    waiting = [*_with_paths(file.message_type, (FileDescriptorProto.MESSAGE_TYPE_FIELD_NUMBER,))]
    while waiting:
        message, path, scope = waiting.pop()
        yield message, path, scope
        nested = (*path, DescriptorProto.NESTED_TYPE_FIELD_NUMBER)
        waiting += _with_paths(message.nested_type, nested, scope)


def walk_extensions(
    file: FileDescriptorProto, walked: Iterable[Walked]
) -> Iterator[tuple[FieldDescriptorProto, Path]]:
    """Yields the extensions of a file, then those that its messages declare."""
    for index, field in enumerate(file.extension):
        yield field, (FileDescriptorProto.EXTENSION_FIELD_NUMBER, index)
    for message, path, _ in walked:
        for index, field in enumerate(message.extension):
            yield field, (*path, DescriptorProto.EXTENSION_FIELD_NUMBER, index)


def _with_paths(
    messages: Sequence[DescriptorProto], path: Path, scope: tuple[str, ...] = ()
) -> Iterator[Walked]:
    """Yields messages that lie side by side, the last one first."""
    for index in reversed(range(len(messages))):
        yield messages[index], (*path, index), (*scope, messages[index].name)
