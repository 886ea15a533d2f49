"""Finds, in a request that can't be read with our options, the options at fault."""

from __future__ import annotations

from collections.abc import Iterator

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest
from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto
from google.protobuf.message import DecodeError, EncodeError, Message

from sessionstream_codegen.diagnostics import Diagnostic
from sessionstream_codegen.model import Position
from sessionstream_codegen.reading.odd_options import read_foreign_extensions
from sessionstream_codegen.reading.soundness import UNREADABLE
from sessionstream_codegen.reading.source import Source
from sessionstream_codegen.reading.walking import walk_messages
from sessionstream_codegen.rules.options import foreign_extension, misread_option


def unreadable(request: CodeGeneratorRequest) -> list[Diagnostic]:
    """SS003: returns the options at fault and the extensions that they may be of; or SS005."""
    found: list[Diagnostic] = []
    for file in request.proto_file:
        source = Source(file)
        declared = read_foreign_extensions(file, walk_messages(file), source)
        found += [foreign_extension(name, position) for name, position in declared]
        found += [misread_option(name, position) for name, position in _misread(file, source)]
    return found or [UNREADABLE]


def _misread(file: FileDescriptorProto, source: Source) -> Iterator[tuple[str, Position]]:
    if not _is_readable(file.options):
        whole = (FileDescriptorProto.OPTIONS_FIELD_NUMBER,)
        yield file.name, source.option(whole) or source.position(whole)
    for message, path, scope in walk_messages(file):
        name = ".".join(filter(None, (file.package, *scope)))
        if not _is_readable(message.options):
            option = source.option((*path, DescriptorProto.OPTIONS_FIELD_NUMBER))
            yield name, option or source.position((*path, DescriptorProto.NAME_FIELD_NUMBER), path)
        for index, field in enumerate(message.field):
            if not _is_readable(field.options):
                here = (*path, DescriptorProto.FIELD_FIELD_NUMBER, index)
                named = (*here, DescriptorProto.NAME_FIELD_NUMBER)
                yield f"{name}.{field.name}", source.position(named, here)


def _is_readable(container: Message) -> bool:
    try:
        type(container).FromString(container.SerializeToString())
    except (DecodeError, EncodeError):
        return False
    return True
