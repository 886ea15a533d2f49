"""Upcasters of stored events: from the old payload to the new one, and from nothing else."""

from __future__ import annotations

from everything.v1 import chat_pb2 as pb

from sessionstream import SchemaRegistry


def upgraded(old: pb.MessageRemoved) -> pb.TokensDelta:
    return pb.TokensDelta(message_id=old.message_id)


def from_another(old: pb.ChatMessage) -> pb.TokensDelta:
    return pb.TokensDelta(message_id=old.message_id)


def to_another(old: pb.MessageRemoved) -> pb.ChatMessage:
    return pb.ChatMessage(message_id=old.message_id)


def to_nothing(old: pb.MessageRemoved) -> None:
    """Forgets to return what it makes."""


def register(registry: SchemaRegistry) -> None:
    registry.register_upcaster("TokensDelta", pb.MessageRemoved, pb.TokensDelta, upgraded)
    registry.register_upcaster("TokensDelta", pb.MessageRemoved, pb.TokensDelta, from_another)
    # E: Argument 4 to "register_upcaster" of "SchemaRegistry" has incompatible type
    #    "Callable[[ChatMessage], TokensDelta]"; expected
    #    "Callable[[MessageRemoved], TokensDelta]"  [arg-type]
    # P: Argument of type "(old: ChatMessage) -> TokensDelta" cannot be assigned to parameter
    #    "upcast" of type "(O@register_upcaster) -> N@register_upcaster" in function
    #    "register_upcaster"  [reportArgumentType]
    registry.register_upcaster("TokensDelta", pb.MessageRemoved, pb.TokensDelta, to_another)
    # E: Argument 4 to "register_upcaster" of "SchemaRegistry" has incompatible type
    #    "Callable[[MessageRemoved], ChatMessage]"; expected
    #    "Callable[[MessageRemoved], TokensDelta]"  [arg-type]
    # P: nothing; pyright takes the new type for either of both; the first reading refuses it
    registry.register_upcaster("TokensDelta", pb.MessageRemoved, pb.TokensDelta, to_nothing)
    # E: Argument 4 to "register_upcaster" of "SchemaRegistry" has incompatible type
    #    "Callable[[MessageRemoved], None]"; expected
    #    "Callable[[MessageRemoved], TokensDelta]"  [arg-type]
    # P: Argument of type "(old: MessageRemoved) -> None" cannot be assigned to parameter
    #    "upcast" of type "(O@register_upcaster) -> N@register_upcaster" in function
    #    "register_upcaster"  [reportArgumentType]
    registry.register_upcaster("TokensDelta", "MessageRemoved", pb.TokensDelta, upgraded)
    # E: Argument 2 to "register_upcaster" of "SchemaRegistry" has incompatible type "str"; expected
    #    "type[MessageRemoved]"  [arg-type]
    # P: Argument of type "Literal['MessageRemoved']" cannot be assigned to parameter "old" of type
    #    "type[O@register_upcaster]" in function "register_upcaster"  [reportArgumentType]
    registry.register_upcaster(
        "TokensDelta",
        pb.MessageRemoved,
        pb.TokensDelta,
        lambda old: pb.TokensDelta(chunk=old.chunk),
        # E: "MessageRemoved" has no attribute "chunk"  [attr-defined]
        # P: Cannot access attribute "chunk" for class "MessageRemoved"
        #    [reportAttributeAccessIssue]
    )
