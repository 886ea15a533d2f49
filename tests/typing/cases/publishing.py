"""Publishing what is no event."""

from __future__ import annotations

from everything.v1 import chat_pb2 as pb
from everything.v1 import chat_sessionstream as chat

from sessionstream import Event


async def no_event(publisher: chat.ChatPublisher) -> None:
    await publisher.publish(pb.StopInference())
    # E: Argument 1 to "publish" of "ChatPublisher" has incompatible type "StopInference"; expected
    #    "InferenceStarted | TokensDelta | Typing | MessageRemoved"  [arg-type]
    # P: Argument of type "StopInference" cannot be assigned to parameter "payload" of type
    #    "ChatEvent" in function "publish"  [reportArgumentType]
    await publisher.publish(pb.ChatMessageUpdate())
    # E: Argument 1 to "publish" of "ChatPublisher" has incompatible type "ChatMessageUpdate";
    #    expected "InferenceStarted | TokensDelta | Typing | MessageRemoved"  [arg-type]
    # P: Argument of type "ChatMessageUpdate" cannot be assigned to parameter "payload" of type
    #    "ChatEvent" in function "publish"  [reportArgumentType]


async def another_event(publisher: chat.ChatPublisher) -> None:
    await publisher.tokens_delta(pb.InferenceStarted())
    # E: Argument 1 to "tokens_delta" of "ChatPublisher" has incompatible type "InferenceStarted";
    #    expected "TokensDelta"  [arg-type]
    # P: Argument of type "InferenceStarted" cannot be assigned to parameter "payload" of type
    #    "TokensDelta" in function "tokens_delta"  [reportArgumentType]


async def no_such_event(publisher: chat.ChatPublisher) -> None:
    await publisher.inference_paused(pb.TokensDelta())
    # E: "ChatPublisher" has no attribute "inference_paused"; maybe "inference_started"?
    #    [attr-defined]
    # P: Cannot access attribute "inference_paused" for class "ChatPublisher"
    #    [reportAttributeAccessIssue]


async def no_such_field(publisher: chat.ChatPublisher) -> None:
    await publisher.tokens_delta(pb.TokensDelta(text=""))
    # E: Unexpected keyword argument "text" for "TokensDelta"  [call-arg]
    # P: No parameter named "text"  [reportCallIssue]


async def wrong_value(publisher: chat.ChatPublisher) -> None:
    await publisher.tokens_delta(pb.TokensDelta(chunk=7))
    # E: Argument "chunk" to "TokensDelta" has incompatible type "int"; expected "str"  [arg-type]
    # P: Argument of type "Literal[7]" cannot be assigned to parameter "chunk" of type "str" in
    #    function "__init__"  [reportArgumentType]


async def no_payload(publisher: chat.ChatPublisher) -> None:
    await publisher.tokens_delta()
    # E: Missing positional argument "payload" in call to "tokens_delta" of "ChatPublisher"
    #    [call-arg]
    # P: Argument missing for parameter "payload"  [reportCallIssue]
    await publisher.publish("chat.delta", pb.TokensDelta())
    # E: Too many arguments for "publish" of "ChatPublisher"  [call-arg]
    # E: Argument 1 to "publish" of "ChatPublisher" has incompatible type "str"; expected
    #    "InferenceStarted | TokensDelta | Typing | MessageRemoved"  [arg-type]
    # P: Expected 1 positional argument  [reportCallIssue]


async def another_result(publisher: chat.ChatPublisher) -> Event[pb.Typing]:
    return await publisher.tokens_delta(pb.TokensDelta())
    # E: Incompatible return value type (got "Event[TokensDelta]", expected "Event[Typing]")
    #    [return-value]
    # P: Type "Event[TokensDelta]" is not assignable to return type "Event[Typing]"
    #    [reportReturnType]
