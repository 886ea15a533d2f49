"""Fields and enums of every kind, as a compiler passes them on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FeatureSet,
    FieldDescriptorProto,
)
from hypothesis import strategies as st

TAKEN = ["class", "None", "self", "print", "async", "match", "list", "str", "object", "pb", "Hub"]
"""Names that Python, its library or a generated module has."""

_OPTIONAL = FieldDescriptorProto.LABEL_OPTIONAL
_REPEATED = FieldDescriptorProto.LABEL_REPEATED
_REQUIRED = FieldDescriptorProto.LABEL_REQUIRED
_MESSAGE = FieldDescriptorProto.TYPE_MESSAGE
_GROUP = FieldDescriptorProto.TYPE_GROUP
_ENUM = FieldDescriptorProto.TYPE_ENUM

SCALARS = sorted({*FieldDescriptorProto.Type.values()} - {_MESSAGE, _GROUP, _ENUM})
# Those of the keys of a map: neither bytes nor floating.
_MAP_KEYS = [FieldDescriptorProto.TYPE_STRING, FieldDescriptorProto.TYPE_SINT64]
_FIELD_NAMES = st.one_of(
    st.sampled_from(TAKEN), st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Types:
    """What a field may be of, besides scalars: full names, each with a dot before it."""

    syntax: str
    messages: Sequence[str]
    enums: Sequence[str]


def add_enum(draw: st.DrawFn, name: str, found: EnumDescriptorProto) -> None:
    """Makes this an enum whose values have names of their own: they belong to what is around it."""
    found.name = name
    for number in range(draw(st.integers(1, 3))):
        found.value.add(name=f"{name.upper()}_V{number}", number=number)


def fill(draw: st.DrawFn, message: DescriptorProto, full_name: str, types: Types) -> None:
    """Adds fields, with the oneofs and the entries of maps that they need.

    A message without options may get required fields.
    """
    names = (*(one.name for one in message.nested_type), *(one.name for one in message.field))
    taken = {_plain(name) for name in names}
    wanted = draw(st.lists(_FIELD_NAMES, max_size=5, unique_by=_plain))
    free = [name for name in wanted if _plain(name) not in taken]
    in_oneof = draw(st.integers(0, len(free)))
    if in_oneof:
        message.oneof_decl.add(name="one_of_these")
    for index, name in enumerate(free):
        field = message.field.add(name=name, number=index + 2, label=_OPTIONAL)
        if index < in_oneof:
            field.oneof_index = 0
            _give_type(draw, field, types)
        elif draw(st.integers(0, 4)) == 0:
            _make_map(draw, message.nested_type.add(), field, full_name, types)
        else:
            _give_type(draw, field, types)
            _give_label(draw, field, types.syntax, may_be_required=not message.HasField("options"))
    for field in message.field:
        # The compilers put these behind the oneofs that are written.
        if field.proto3_optional:
            field.oneof_index = len(message.oneof_decl)
            message.oneof_decl.add(name=f"_{field.name}")


def _give_type(draw: st.DrawFn, field: FieldDescriptorProto, types: Types) -> None:
    messages = [_MESSAGE, *([_GROUP] if types.syntax == "proto2" else [])] if types.messages else []
    found = draw(st.sampled_from([*SCALARS, *messages * 4, *([_ENUM] * 3 if types.enums else [])]))
    field.type = found
    if found not in SCALARS:
        names = types.enums if found == _ENUM else types.messages
        field.type_name = draw(st.sampled_from(names))


def _give_label(
    draw: st.DrawFn, field: FieldDescriptorProto, syntax: str, *, may_be_required: bool
) -> None:
    required = [_REQUIRED] if syntax == "proto2" and may_be_required else []
    field.label = draw(st.sampled_from([_OPTIONAL, _REPEATED, *required]))
    if field.label != _OPTIONAL or not draw(st.booleans()):
        return
    if syntax == "proto3":
        field.proto3_optional = True
    elif syntax == "editions" and field.type in SCALARS:
        field.options.features.field_presence = FeatureSet.IMPLICIT


def _make_map(
    draw: st.DrawFn,
    entry: DescriptorProto,
    field: FieldDescriptorProto,
    full_name: str,
    types: Types,
) -> None:
    entry.name = "".join(word.capitalize() for word in field.name.split("_")) + "Entry"
    entry.options.map_entry = True
    entry.field.add(name="key", number=1, label=_OPTIONAL, type=draw(st.sampled_from(_MAP_KEYS)))
    value = entry.field.add(name="value", number=2, label=_OPTIONAL)
    _give_type(draw, value, replace(types, syntax="", enums=()))
    field.label = _REPEATED
    field.type = _MESSAGE
    field.type_name = f"{full_name}.{entry.name}"


def _plain(name: str) -> str:
    """Returns what no two fields of a message share: the name in JSON, whatever its capitals."""
    return name.replace("_", "").lower()
