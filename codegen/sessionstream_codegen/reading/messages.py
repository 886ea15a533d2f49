"""The messages of a file: what their options say they are, and where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto

from sessionstream.v1 import options_pb2
from sessionstream_codegen import options
from sessionstream_codegen.model import MessageDecl, Position
from sessionstream_codegen.reading.fields import read_fields
from sessionstream_codegen.reading.source import Path, Source
from sessionstream_codegen.reading.visibility import is_local
from sessionstream_codegen.reading.walking import Walked
from sessionstream_codegen.roles import CommandRole, EntityRole, EventRole, UIEventRole


def read_messages(
    file: FileDescriptorProto, walked: Iterable[Walked], source: Source
) -> Iterator[MessageDecl]:
    """Yields the messages in the order of the file."""
    yield from _with_homonyms([_message(file, found, source) for found in walked])


def _with_homonyms(messages: Sequence[MessageDecl]) -> Iterator[MessageDecl]:
    count = Counter(message.name for message in messages if message.roles)
    for message in messages:
        yield replace(message, homonym=True) if count[message.name] > 1 else message


def _message(file: FileDescriptorProto, found: Walked, source: Source) -> MessageDecl:
    message, path, scope = found
    declared = options.message_options(message)
    full_name = ".".join(filter(None, (file.package, *scope)))
    # The compilers place no entry of a map; the message around it has to do.
    position = source.position((*path, DescriptorProto.NAME_FIELD_NUMBER), path, path[:-2])
    return MessageDecl(
        full_name=full_name,
        scope=scope,
        comment=source.comment(path),
        position=position,
        positions=_positions(declared, path, source, position),
        command=_command(declared),
        event=_event(declared),
        ui_event=_ui_event(declared),
        entity=_entity(declared),
        fields=tuple(read_fields(file, message, full_name, source, path)),
        is_map_entry=message.options.map_entry,
        is_local=is_local(file, message, nested=len(scope) > 1),
        is_deprecated=message.options.deprecated or file.options.deprecated,
    )


def _positions(
    declared: options_pb2.MessageOptions, path: Path, source: Source, otherwise: Position
) -> Mapping[str, Position]:
    whole = (*path, DescriptorProto.OPTIONS_FIELD_NUMBER)
    return {name: source.option(whole, part) or otherwise for name, part in options.parts(declared)}


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


def _ui_event(declared: options_pb2.MessageOptions) -> UIEventRole | None:
    if not declared.HasField("ui_event"):
        return None
    return UIEventRole(tuple(declared.ui_event.names))


def _entity(declared: options_pb2.MessageOptions) -> EntityRole | None:
    return EntityRole(declared.entity.kind) if declared.HasField("entity") else None
