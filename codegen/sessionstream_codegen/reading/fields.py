"""The fields of messages: what they are, and which are marked as keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FeatureSet,
    FieldDescriptorProto,
    FileDescriptorProto,
)

from sessionstream_codegen import options
from sessionstream_codegen.model import FieldSpec, Label
from sessionstream_codegen.reading.source import Path, Source
from sessionstream_codegen.reading.walking import Walked, walk_extensions

_MESSAGES = frozenset({FieldDescriptorProto.TYPE_MESSAGE, FieldDescriptorProto.TYPE_GROUP})
_NO_KEYS = frozenset(
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
        found = read_field(file, field, source, here, oneof=_oneof(message, field))
        entry = entries.get(field.type_name)
        if entry is None:
            yield found
        else:
            yield replace(found, type=_map_type(entry), label=Label.MAP, is_message=False)


def read_field(
    file: FileDescriptorProto,
    field: FieldDescriptorProto,
    source: Source,
    path: Path,
    *,
    oneof: str = "",
) -> FieldSpec:
    """Returns a field, or an extension; the type of a map is that of its entries."""
    return FieldSpec(
        name=field.name,
        number=field.number,
        type=_type(field),
        label=_label(file, field),
        oneof=oneof,
        is_message=field.type in _MESSAGES,
        is_key=options.is_key(field),
        fits_key=field.type not in _NO_KEYS,
        has_presence=_has_presence(file, field),
        is_deprecated=field.options.deprecated,
        comment=source.comment_beside(path),
        position=source.position((*path, FieldDescriptorProto.NAME_FIELD_NUMBER), path),
    )


def read_stray_keys(
    file: FileDescriptorProto, walked: Iterable[Walked], source: Source
) -> Iterator[FieldSpec]:
    """Yields the extensions that are marked as key, which none can be."""
    for field, path in walk_extensions(file, walked):
        if options.is_key(field):
            yield read_field(file, field, source, path)


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
