"""What a comment suppresses, and what it does not."""

from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp

from sessionstream import CommandType, SchemaRegistry


def register(registry: SchemaRegistry) -> None:
    registry.register_command("A", Struct)  # noqa: SV101
    registry.register_command("A", Struct)  # noqa
    registry.register_command("A", Struct)  # noqa: E501, SV101 (the old name)
    registry.register_command("A", Struct)  # type: ignore[SV101]
    registry.register_command("A", Struct)  # noqa: SV102  # E: SV101, SV001 noqa: SV102 suppresses nothing
    registry.register_command("A", Struct)  # noqa: E501  # E: SV101
    registry.register_command("A", Struct)  # noqa: none  # E: SV101
    registry.register_command("A", SchemaRegistry)  # type: ignore[SV101, arg-type]  # E: SV001
    registry.register_command("A", Timestamp)  # type: ignore[SV101]  # E: SV001
    registry.register_command("A", Timestamp)  # type: ignore[arg-type]
    registry.register_command("# noqa: SV101", Struct)  # E: SV101
    CommandType(
        "A",
        Struct,  # noqa: SV101
    )
    print()  # noqa: SV999  # E: SV001 no rule has this code
    print()  # noqa
