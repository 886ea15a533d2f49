"""CodeGeneratorRequest -> Run: descriptors in, the model out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest
from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto

from sessionstream.v1 import options_pb2
from sessionstream_codegen import options
from sessionstream_codegen.model import (
    CommandRole,
    EntityRole,
    EventRole,
    FileDecl,
    MessageDecl,
    Run,
    UIEventRole,
)
from sessionstream_codegen.reading.enums import read_enums
from sessionstream_codegen.reading.fields import read_field, read_fields
from sessionstream_codegen.reading.odd_options import read_foreign_extensions, read_odd_options
from sessionstream_codegen.reading.source import Path, Source
from sessionstream_codegen.reading.visibility import is_local
from sessionstream_codegen.reading.walking import walk_extensions, walk_messages


def read(request: CodeGeneratorRequest) -> Run:
    """Returns the model of a request whose options are known.

    Where the request has ``source_file_descriptors``, those win over the
    others: they hold the options that are kept in source only as well.
    """
    protos = {file.name: file for file in request.proto_file}
    protos.update({file.name: file for file in request.source_file_descriptors})
    return Run(
        files={path: _file(file, protos) for path, file in protos.items()},
        # One that is named twice to protoc is asked for twice.
        generate=tuple(dict.fromkeys(request.file_to_generate)),
    )


def _file(file: FileDescriptorProto, protos: Mapping[str, FileDescriptorProto]) -> FileDecl:
    source = Source(file)
    position = source.position(
        (FileDescriptorProto.SYNTAX_FIELD_NUMBER,), (FileDescriptorProto.EDITION_FIELD_NUMBER,)
    )
    visible = _visible(file, protos)
    walked = tuple(walk_messages(file))
    declared = [_message(file, source, *found) for found in walked]
    return FileDecl(
        path=file.name,
        package=file.package,
        prefix=options.file_options(file).name,
        comment=source.header(),
        position=position,
        prefix_position=source.option((FileDescriptorProto.OPTIONS_FIELD_NUMBER,)) or position,
        messages=tuple(_with_homonyms([m for m in declared if m.roles or m.keys])),
        others=tuple(message for message in declared if not (message.roles or message.keys)),
        enums=tuple(read_enums(file, walked, source)),
        visible=tuple(visible),
        import_positions={
            path: source.position((FileDescriptorProto.DEPENDENCY_FIELD_NUMBER, index))
            for path, index in visible.items()
        },
        stray_keys=tuple(
            read_field(file, field, source, path)
            for field, path in walk_extensions(file, walked)
            if options.is_key(field)
        ),
        foreign_extensions=tuple(read_foreign_extensions(file, walked, source)),
        odd_options=tuple(read_odd_options(file, walked, source)),
        garbled_comments=tuple(sorted(source.garbled_comments())),
        is_deprecated=file.options.deprecated,
    )


def _with_homonyms(messages: Sequence[MessageDecl]) -> Iterator[MessageDecl]:
    count = Counter(message.name for message in messages if message.roles)
    for message in messages:
        yield replace(message, homonym=count[message.name] > 1)


def _message(
    file: FileDescriptorProto,
    source: Source,
    message: DescriptorProto,
    path: Path,
    scope: tuple[str, ...],
) -> MessageDecl:
    declared = options.message_options(message)
    full_name = ".".join(filter(None, (file.package, *scope)))
    # The compilers place no entry of a map; the message around it has to do.
    position = source.position((*path, DescriptorProto.NAME_FIELD_NUMBER), path, path[:-2])
    return MessageDecl(
        full_name=full_name,
        scope=scope,
        comment=source.comment(path),
        position=position,
        positions={
            name: source.option((*path, DescriptorProto.OPTIONS_FIELD_NUMBER), part) or position
            for name, part in options.parts(declared)
        },
        command=_command(declared),
        event=_event(declared),
        ui_event=UIEventRole(tuple(declared.ui_event.names))
        if declared.HasField("ui_event")
        else None,
        entity=EntityRole(declared.entity.kind) if declared.HasField("entity") else None,
        fields=tuple(read_fields(file, message, full_name, source, path)),
        is_map_entry=message.options.map_entry,
        is_local=is_local(file, message, nested=len(scope) > 1),
        is_deprecated=message.options.deprecated or file.options.deprecated,
    )


def _command(declared: options_pb2.MessageOptions) -> CommandRole | None:
    if not declared.HasField("command"):
        return None
    command = declared.command
    return CommandRole(
        name=command.name, aliases=tuple(command.aliases), idempotent=command.idempotent
    )


def _event(declared: options_pb2.MessageOptions) -> EventRole | None:
    if not declared.HasField("event"):
        return None
    event = declared.event
    return EventRole(name=event.name, aliases=tuple(event.aliases), ephemeral=event.ephemeral)


def _visible(
    file: FileDescriptorProto, protos: Mapping[str, FileDescriptorProto]
) -> dict[str, int]:
    """Returns the files whose names this one may use: its imports and what they make public.

    Each has the index of the import that brings it, and they are in that order.
    """
    found: dict[str, int] = {}
    for index, imported in enumerate(file.dependency):
        waiting = [imported]
        while waiting:
            path = waiting.pop(0)
            if path not in found and path != file.name and path in protos:
                found[path] = index
                other = protos[path]
                waiting[:0] = [other.dependency[public] for public in other.public_dependency]
    return found
