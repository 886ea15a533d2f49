"""What the shape of a message type in protobuf JSON depends on."""

from __future__ import annotations

from google.protobuf.descriptor import Descriptor, FieldDescriptor

ANY = "google.protobuf.Any"
LIST_VALUE = "google.protobuf.ListValue"
STRUCT = "google.protobuf.Struct"
VALUE = "google.protobuf.Value"
NULL_VALUE = "google.protobuf.NullValue"
# Their Python classes write and read the one string that they are in JSON.
TEXT_TYPES = frozenset(f"google.protobuf.{name}" for name in ("Duration", "FieldMask", "Timestamp"))

_SPECIAL = TEXT_TYPES | {ANY, LIST_VALUE, STRUCT, VALUE}
_WRAPPERS_FILE = "google/protobuf/wrappers.proto"


def is_map(field: FieldDescriptor) -> bool:
    """Whether the field is a map."""
    entry = field.message_type
    return entry is not None and entry.has_options and entry.GetOptions().map_entry


def is_wrapper(descriptor: Descriptor) -> bool:
    """Whether the type is one of those that wrap a scalar, and are that scalar in JSON."""
    return descriptor.file.name == _WRAPPERS_FILE


def has_own_form(descriptor: Descriptor) -> bool:
    """Whether JSON knows the type as something else than an object of its fields.

    Inside an Any such a value stands under the name ``value``.
    """
    return descriptor.full_name in _SPECIAL or is_wrapper(descriptor)


def is_null_value(field: FieldDescriptor) -> bool:
    """Whether the field's values are the one of the enum that JSON writes as null."""
    return field.enum_type is not None and field.enum_type.full_name == NULL_VALUE


def holds_value(field: FieldDescriptor) -> bool:
    """Whether the field's values are of the type that can be anything, null too."""
    return field.message_type is not None and field.message_type.full_name == VALUE
