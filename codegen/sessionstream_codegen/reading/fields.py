"""The fields of messages: what they are, and which are marked as keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FeatureSet,
    FieldDescriptorProto,
    FileDescriptorProto,
)

from sessionstream_codegen import options
from sessionstream_codegen.model import FieldSpec, KeyField, Label
from sessionstream_codegen.reading.source import Path, Source

_MESSAGES = frozenset({FieldDescriptorProto.TYPE_MESSAGE, FieldDescriptorProto.TYPE_GROUP})
_NO_SCALARS = frozenset(
    {
        *_MESSAGES,
        FieldDescriptorProto.TYPE_ENUM,
        FieldDescriptorProto.TYPE_BYTES,
        FieldDescriptorProto.TYPE_BOOL,
        FieldDescriptorProto.TYPE_FLOAT,
        FieldDescriptorProto.TYPE_DOUBLE,
    }
)


def read_fields(
    file: FileDescriptorProto,
    message: DescriptorProto,
    full_name: str,
    source: Source,
    path: Path,
) -> Iterator[FieldSpec]:
    """Yields the fields of a message in the order of the file."""
    entries = _map_entries(message, full_name)
    for index, field in enumerate(message.field):
        here = (*path, DescriptorProto.FIELD_FIELD_NUMBER, index)
        entry = entries.get(field.type_name)
        yield FieldSpec(
            name=field.name,
            number=field.number,
            type=_map_type(entry) if entry else _type(field),
            label=Label.MAP if entry else _label(file, field),
            oneof=_oneof(message, field),
            is_message=field.type in _MESSAGES and entry is None,
            has_presence=_has_presence(file, field),
            comment=source.comment_beside(here),
            position=source.position((*here, FieldDescriptorProto.NAME_FIELD_NUMBER), here),
        )


def read_keys(
    message: DescriptorProto, full_name: str, source: Source, path: Path
) -> Iterator[KeyField]:
    """Yields the fields of a message that are marked as key."""
    entries = _map_entries(message, full_name)
    for index, field in enumerate(message.field):
        if options.is_key(field):
            yield read_key(
                field,
                source,
                (*path, DescriptorProto.FIELD_FIELD_NUMBER, index),
                type_name="map" if field.type_name in entries else _type(field),
                oneof=_oneof(message, field),
            )


def read_key(
    field: FieldDescriptorProto, source: Source, path: Path, *, type_name: str, oneof: str = ""
) -> KeyField:
    """Returns a field that is marked as key."""
    return KeyField(
        name=field.name,
        type=type_name,
        scalar=field.type not in _NO_SCALARS,
        repeated=field.label == FieldDescriptorProto.LABEL_REPEATED and type_name != "map",
        oneof=oneof,
        position=source.position((*path, FieldDescriptorProto.NAME_FIELD_NUMBER), path),
    )


def _map_entries(message: DescriptorProto, full_name: str) -> Mapping[str, DescriptorProto]:
    """Returns the messages that protoc makes for map fields, by the names of their types."""
    return {
        f".{full_name}.{nested.name}": nested
        for nested in message.nested_type
        if nested.options.map_entry
    }


def _map_type(entry: DescriptorProto) -> str:
    return f"map<{', '.join(_type(field) for field in entry.field)}>"


def _type(field: FieldDescriptorProto) -> str:
    scalar = FieldDescriptorProto.Type.Name(field.type).removeprefix("TYPE_").lower()
    return field.type_name.lstrip(".") or scalar


def _oneof(message: DescriptorProto, field: FieldDescriptorProto) -> str:
    if not field.HasField("oneof_index") or field.proto3_optional:
        return ""
    return message.oneof_decl[field.oneof_index].name


def _label(file: FileDescriptorProto, field: FieldDescriptorProto) -> Label:
    """Returns the label as it is written; editions write a required field as a feature."""
    if field.label == FieldDescriptorProto.LABEL_REPEATED:
        return Label.REPEATED
    presence = field.options.features.field_presence
    if (
        field.label == FieldDescriptorProto.LABEL_REQUIRED
        or presence == FeatureSet.FieldPresence.LEGACY_REQUIRED
    ):
        return Label.REQUIRED
    is_proto2 = file.syntax in {"", "proto2"} and not field.HasField("oneof_index")
    return Label.OPTIONAL if field.proto3_optional or is_proto2 else Label.SINGULAR


def _has_presence(file: FileDescriptorProto, field: FieldDescriptorProto) -> bool:
    """Says whether protobuf tracks if the field is set: in editions, unless told otherwise."""
    if field.label == FieldDescriptorProto.LABEL_REPEATED:
        return False
    if field.HasField("oneof_index") or field.type in _MESSAGES:
        return True
    if file.syntax != "editions":
        return file.syntax != "proto3"
    innermost = field.options if field.options.features.HasField("field_presence") else file.options
    return innermost.features.field_presence != FeatureSet.FieldPresence.IMPLICIT
