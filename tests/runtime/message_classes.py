"""Message classes made on the spot, each in a pool of its own: releases of one schema."""

from __future__ import annotations

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass


def message_class(full_name: str, **fields: int) -> type[Message]:
    """Returns a message class with string fields of these numbers."""
    package, _, name = full_name.rpartition(".")
    file = FileDescriptorProto(name=f"{name}.proto", package=package, syntax="proto3")
    message = file.message_type.add(name=name)
    for field, number in fields.items():
        message.field.add(
            name=field,
            number=number,
            type=FieldDescriptorProto.TYPE_STRING,
            label=FieldDescriptorProto.LABEL_OPTIONAL,
        )
    pool = DescriptorPool()
    pool.Add(file)
    return GetMessageClass(pool.FindMessageTypeByName(full_name))


def text_in(message: Message, field: str) -> str:
    """Returns the field, which a type checker can't know of."""
    value = getattr(message, field)
    assert isinstance(value, str)
    return value
