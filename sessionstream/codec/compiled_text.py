"""Messages as JSON objects, by a function that is made for their type.

This is where encoding spends its time; a loop over the fields takes a seventh
longer. For the frame of a UI event the function is::

    def write(message, opening=""):
        text = ""
        if value := message.session_id:
            text += ',"sessionId":' + write_1(value)
        if value := message.event_ordinal:
            text += ',"eventOrdinal":' + '"' + str(value) + '"'
        if value := message.name:
            text += ',"name":' + write_3(value)
        if has_field(message, "payload"):
            text += ',"payload":' + write_4(message.payload)
        return f"{opening}{text}}}" if opening else f"{{{text[1:]}}}"

``opening`` is what the object begins with inside an Any.
"""

from __future__ import annotations

from collections.abc import Sequence
from keyword import iskeyword
from math import copysign

from google.protobuf.descriptor import Descriptor, FieldDescriptor, OneofDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from sessionstream.codec.field_text import WriterOf, field_writer
from sessionstream.codec.message_text import head_of
from sessionstream.codec.scalar_text import Writer

_FLOATS = (FieldDescriptor.CPPTYPE_FLOAT, FieldDescriptor.CPPTYPE_DOUBLE)
_QUOTED = (FieldDescriptor.CPPTYPE_INT64, FieldDescriptor.CPPTYPE_UINT64)

_FUNCTION = """
def write(message, opening=""):
    text = ""{lines}
    return f"{{opening}}{{text}}}}}}" if opening else f"{{{{{{text[1:]}}}}}}"
"""
_FIELD = """
    if {condition}:
        text += {head!r} + {text}"""
_ONEOF = """
    if member := which_oneof(message, {name!r}):
        head, write_member = members_{index}[member]
        text += head + write_member(getattr(message, member))"""


def compiled_writer(descriptor: Descriptor, names: dict[str, object]) -> Writer:
    """Returns what writes messages of a type.

    ``names`` are its globals. They need what `names_in_writer` gives before it
    is called, not before it is made: a type may hold itself.
    """
    fields = sorted(descriptor.fields, key=lambda field: field.number)
    lines = dict.fromkeys(_lines(field, fields) for field in fields)  # a oneof comes once
    exec(_FUNCTION.format(lines="".join(lines)), names)
    writer = names["write"]
    assert callable(writer)
    return writer


def names_in_writer(descriptor: Descriptor, writer_of: WriterOf) -> dict[str, object]:
    """Returns the globals of the function for a type."""
    # A method of the class is found at once; one of a message is looked up
    # among its fields first.
    message_class = GetMessageClass(descriptor)
    return {
        "has_field": message_class.HasField,
        "which_oneof": message_class.WhichOneof,
        "is_not_zero": _is_not_zero,
        **{f"write_{field.number}": field_writer(field, writer_of) for field in descriptor.fields},
        **{f"members_{oneof.index}": _members(oneof, writer_of) for oneof in descriptor.oneofs},
    }


def _lines(field: FieldDescriptor, fields: Sequence[FieldDescriptor]) -> str:
    """Returns the lines that write a field, or the oneof that it is in."""
    oneof = field.containing_oneof
    if oneof is not None and _is_together(oneof, fields):
        return _ONEOF.format(name=oneof.name, index=oneof.index)
    name = field.name
    value = f"getattr(message, {name!r})" if iskeyword(name) else f"message.{name}"
    if field.has_presence:
        condition = f"has_field(message, {name!r})"
    elif field.cpp_type in _FLOATS and not field.is_repeated:
        condition = f"is_not_zero(message, {name!r})"
    else:
        condition, value = f"value := {value}", "value"
    text = f"write_{field.number}({value})"
    if field.cpp_type in _QUOTED and not field.is_repeated:
        text = f"""'"' + str({value}) + '"'"""
    return _FIELD.format(condition=condition, head=head_of(field), text=text)


def _is_together(oneof: OneofDescriptor, fields: Sequence[FieldDescriptor]) -> bool:
    """Whether a oneof has several members and no other field has a number between theirs."""
    places = [place for place, field in enumerate(fields) if field.containing_oneof is oneof]
    return 1 < len(places) == places[-1] - places[0] + 1


def _members(oneof: OneofDescriptor, writer_of: WriterOf) -> dict[str, tuple[str, Writer]]:
    return {field.name: (head_of(field), field_writer(field, writer_of)) for field in oneof.fields}


def _is_not_zero(message: Message, name: str) -> bool:
    """Whether a float is set that has no presence: -0.0 is, though it is nothing to Python."""
    value: float = getattr(message, name)
    return bool(value) or copysign(1, value) < 0
