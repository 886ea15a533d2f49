"""Names, and the values of the module's classes, are what they are."""

from __future__ import annotations

from everything.v1 import chat_pb2 as pb
from everything.v1 import chat_sessionstream as chat
from google.protobuf.message import Message

from sessionstream import CommandType, EventType


def take(event_type: EventType[pb.TokensDelta]) -> None:
    """Takes the one event."""


def take_any(event_type: EventType[Message]) -> None:
    """Takes events of any payload: none of the module's, since the type is invariant."""


def use() -> None:
    take(chat.TOKENS_DELTA)
    take(chat.INFERENCE_STARTED)
    # E: Argument 1 to "take" has incompatible type "EventType[InferenceStarted]"; expected
    #    "EventType[TokensDelta]"  [arg-type]
    # P: Argument of type "EventType[InferenceStarted]" cannot be assigned to parameter "event_type"
    #    of type "EventType[TokensDelta]" in function "take"  [reportArgumentType]
    take(chat.START_INFERENCE)
    # E: Argument 1 to "take" has incompatible type "CommandType[StartInference]"; expected
    #    "EventType[TokensDelta]"  [arg-type]
    # P: Argument of type "CommandType[StartInference]" cannot be assigned to parameter "event_type"
    #    of type "EventType[TokensDelta]" in function "take"  [reportArgumentType]
    take_any(chat.TOKENS_DELTA)
    # E: Argument 1 to "take_any" has incompatible type "EventType[TokensDelta]"; expected
    #    "EventType[Message]"  [arg-type]
    # P: Argument of type "EventType[TokensDelta]" cannot be assigned to parameter "event_type" of
    #    type "EventType[Message]" in function "take_any"  [reportArgumentType]


def change() -> None:
    chat.START_INFERENCE = CommandType("Another", pb.StartInference)
    # E: Cannot assign to final name "START_INFERENCE"  [misc]
    # P: nothing; pyright lets other modules assign to a module's final names
    chat.START_INFERENCE.name = "Another"
    # E: Property "name" defined in "CommandType" is read-only  [misc]
    # P: Cannot assign to attribute "name" for class "CommandType[StartInference]"
    #    [reportAttributeAccessIssue]
    chat.ChatEntities.usage = chat.ChatEntities.usage
    # E: Cannot assign to final attribute "usage"  [misc]
    # P: Cannot assign to attribute "usage" for class "type[ChatEntities]"
    #    [reportAttributeAccessIssue]
    chat.ChatUI.typing(pb.Typing()).payload = pb.Typing()
    # E: Property "payload" defined in "Typing" is read-only  [misc]
    # P: Cannot assign to attribute "payload" for class "Typing"  [reportAttributeAccessIssue]


class Another(chat.ChatMessageStarted):
    # E: Cannot inherit from final class "ChatMessageStarted"  [misc]
    # P: Base class "ChatMessageStarted" is marked final and cannot be subclassed
    #    [reportGeneralTypeIssues]
    """A UI event's class is final: a match on it is complete."""


def build() -> None:
    chat.ChatMessageStarted()
    # E: Missing positional argument "payload" in call to "ChatMessageStarted"  [call-arg]
    # P: Argument missing for parameter "payload"  [reportCallIssue]
    chat.ChatMessageStarted(pb.ChatMessage())
    # E: Argument 1 to "ChatMessageStarted" has incompatible type "ChatMessage"; expected
    #    "ChatMessageUpdate"  [arg-type]
    # P: Argument of type "ChatMessage" cannot be assigned to parameter "payload" of type
    #    "ChatMessageUpdate" in function "__init__"  [reportArgumentType]
    chat.ChatMessageStarted(pb.ChatMessageUpdate(), "ChatMessageAppended")
    # E: Too many arguments for "ChatMessageStarted"  [call-arg]
    # P: Expected 1 positional argument  [reportCallIssue]
