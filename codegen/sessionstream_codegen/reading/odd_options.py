"""Reads which of our options say nothing, or what the plugin can't read, and whose they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto

from sessionstream_codegen import options
from sessionstream_codegen.model import OddOption, OptionFault, Position
from sessionstream_codegen.reading.source import Path, Source
from sessionstream_codegen.reading.walking import Walked, walk_extensions

_EXTENDED = frozenset(
    f".google.protobuf.{name}" for name in ("FileOptions", "MessageOptions", "FieldOptions")
)
_FILE = (FileDescriptorProto.OPTIONS_FIELD_NUMBER,)
_FIELD = DescriptorProto.FIELD_FIELD_NUMBER


def read_odd_options(
    file: FileDescriptorProto, walked: Iterable[Walked], source: Source
) -> Iterator[OddOption]:
    """Yields them: those of the file, then of its messages and their fields."""
    for fault, part in options.faults(file.options, options.file_options(file)):
        position = source.option(_FILE) or source.position(_FILE)
        yield OddOption(fault=fault, element=file.name, part=part, position=position)
    for message, path, scope in walked:
        name = ".".join(filter(None, (file.package, *scope)))
        yield from _of_message(message, path, name, source)
        yield from _of_fields(message, path, name, source)


def read_foreign_extensions(
    file: FileDescriptorProto, walked: Iterable[Walked], source: Source
) -> Iterator[tuple[str, Position]]:
    """Yields the extensions of another package that have our number, with their places."""
    for field, path in walk_extensions(file, walked):
        if field.number == options.EXTENSION_NUMBER and field.extendee in _EXTENDED:
            name = f"{file.package}.{field.name}".lstrip(".")
            if file.package != options.PACKAGE:
                yield name, source.position((*path, 1), path)


def _of_message(
    message: DescriptorProto, path: Path, name: str, source: Source
) -> Iterator[OddOption]:
    declared = options.message_options(message)
    found = [*options.faults(message.options, declared)]
    if not found and options.has_options(message) and not declared.ListFields():
        found.append((OptionFault.EMPTY, ""))
    for fault, part in found:
        option = source.option((*path, DescriptorProto.OPTIONS_FIELD_NUMBER))
        position = option or source.position((*path, DescriptorProto.NAME_FIELD_NUMBER), path)
        yield OddOption(fault=fault, element=name, part=part, position=position)


def _of_fields(
    message: DescriptorProto, path: Path, name: str, source: Source
) -> Iterator[OddOption]:
    for index, field in enumerate(message.field):
        if field.HasField("options"):
            for fault, part in options.faults(field.options, options.field_options(field)):
                here = (*path, _FIELD, index)
                position = source.position((*here, DescriptorProto.NAME_FIELD_NUMBER), here)
                element = f"{name}.{field.name}"
                yield OddOption(fault=fault, element=element, part=part, position=position)
