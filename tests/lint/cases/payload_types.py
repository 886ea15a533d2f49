"""Payload types without a shape, and wrappers, however they are spelled."""

import functools

from google.protobuf import any_pb2, empty_pb2, struct_pb2
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import ListValue, Struct
from google.protobuf.struct_pb2 import Value as Anything
from google.protobuf.timestamp_pb2 import Timestamp
from google.protobuf.wrappers_pb2 import BoolValue, StringValue

from chatdemo.v1 import chat_pb2 as pb
from sessionstream import CommandType, EntityType, EventType, SchemaRegistry, UIEventType
from sessionstream.schema import SchemaRegistry as Names

Loose = Struct
Held: type[Struct] = Struct
Generic = CommandType[Message]


class Registry(SchemaRegistry):
    pass


class Loud(Registry):
    def register_event(self, name: str, message_type: type[Message]) -> None:
        print(name)
        super().register_event(name, message_type)


def methods(registry: SchemaRegistry) -> None:
    registry.register_command("A", Struct)  # E: SV101 register_command is given google.protobuf.Struct
    registry.register_event("A", struct_pb2.Value)  # E: SV101 google.protobuf.Value
    registry.register_ui_event("A", ListValue)  # E: SV101 register_ui_event
    registry.register_timeline_entity("A", empty_pb2.Empty)  # E: SV101 google.protobuf.Empty
    registry.register_timeline_entity(kind="A", message_type=any_pb2.Any)  # E: SV101
    registry.register_command("A", StringValue)  # E: SV102 google.protobuf.StringValue
    registry.register_command("B", Timestamp)
    registry.register_command("C", pb.StartInference)


def declared() -> None:
    CommandType("A", Struct)  # E: SV101 CommandType is given google.protobuf.Struct
    EventType("A", Anything)  # E: SV101 EventType
    UIEventType("A", message_type=BoolValue)  # E: SV102 UIEventType
    EntityType[Struct]("A", Struct, key="a")  # E: SV101 EntityType
    Generic("A", Struct)  # E: SV101
    CommandType(
        "A",
        Struct,  # E: SV101
    )
    CommandType("A", pb.StartInference)


def spelled(registry: Registry, loud: Loud, either: Names | None, known: bool) -> None:
    registry.register_command("A", Loose)  # E: SV101
    loud.register_event("A", Held)  # E: SV101
    register = registry.register_command
    register("A", Struct)  # E: SV101
    shout = loud.register_event
    shout("A", Struct)  # E: SV101 register_event
    local = Struct
    if either is not None:
        either.register_command("A", local)  # E: SV101
    SchemaRegistry.register_event(registry, "A", Struct)  # E: SV101
    registry.register_event("A", Struct if known else pb.StartInference)  # E: SV101
    pair = ("A", Struct)
    registry.register_event(*pair)  # E: SV101
    for name, kind in [("A", Struct), ("B", Struct)]:
        registry.register_event(name, kind)  # E: SV101
    registry.add(CommandType("ü", Struct), CommandType("ü", pb.StopInference))  # E: SV101


def untyped(registry, kind):  # type: ignore[no-untyped-def]
    SchemaRegistry().register_event("A", Struct)  # E: SV101
    registry.register_event("A", Struct)


def unknown(registry: SchemaRegistry, kind: type[Message]) -> None:
    registry.register_event("A", kind)
    functools.partial(registry.register_event, "A")(pb.StartInference)
    functools.partial(registry.register_event, "A", Struct)()  # E: SV101 register_event
    functools.partial(CommandType, message_type=Struct)("A")  # E: SV101 CommandType
    functools.partial(print, Struct)()
    pb.ChatMessage()


class Other:
    def register_event(self, name: str, message_type: type[Message]) -> None: ...


def elsewhere(other: Other) -> None:
    other.register_event("A", Struct)
