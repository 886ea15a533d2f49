"""The message types that the codec is tried on.

Some come from `.proto` files beside this one, some from the chat demo and the
frames, and where protobuf's conformance runner was fetched, those of its
schemas, which have every kind of field in every edition of the language.
"""

from __future__ import annotations

from pathlib import Path

from chatdemo.v1 import chat_pb2
from google.protobuf import descriptor_pool
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from sessionstream.v1 import transport_pb2
from tests.codegen.compiling import descriptors
from tools import conformance

_FOLDER = Path(__file__).parent / "schemas"
_CONFORMANCE = (
    "protobuf_test_messages.proto2.TestAllTypesProto2",
    "protobuf_test_messages.proto3.TestAllTypesProto3",
    "protobuf_test_messages.editions.TestAllTypesEdition2023",
    "protobuf_test_messages.editions.proto2.TestAllTypesProto2",
    "protobuf_test_messages.editions.proto3.TestAllTypesProto3",
)


def _load_own() -> list[Descriptor]:
    files = {path.name: path.read_text(encoding="utf-8") for path in _FOLDER.glob("*.proto")}
    conformance.load(descriptors(files))
    found = [descriptor_pool.Default().FindFileByName(name) for name in sorted(files)]
    return [descriptor for file in found for descriptor in file.message_types_by_name.values()]


def _load_conformance() -> list[Descriptor]:
    if conformance.runner() is None:
        return []
    conformance.load_schemas()
    return [descriptor_pool.Default().FindMessageTypeByName(name) for name in _CONFORMANCE]


def message_class(name: str) -> type[Message]:
    """The class of a message type by its full name."""
    return GetMessageClass(descriptor_pool.Default().FindMessageTypeByName(name))


OWN = _load_own()
DEMO = [
    *chat_pb2.DESCRIPTOR.message_types_by_name.values(),
    *transport_pb2.DESCRIPTOR.message_types_by_name.values(),
]
CONFORMANCE = _load_conformance()
