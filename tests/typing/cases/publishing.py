"""Publishing what is no event."""

from __future__ import annotations

from everything.v1 import chat_pb2 as pb
from everything.v1 import chat_sessionstream as chat


async def no_event(publisher: chat.ChatPublisher) -> None:
    await publisher.publish(pb.StopInference())
    # E: Argument 1 to "publish" of "ChatPublisher" has incompatible type "StopInference"; expected
    #    "InferenceStarted | TokensDelta | Typing | MessageRemoved"  [arg-type]
    await publisher.publish(pb.ChatMessageUpdate())
    # E: Argument 1 to "publish" of "ChatPublisher" has incompatible type "ChatMessageUpdate";
    #    expected "InferenceStarted | TokensDelta | Typing | MessageRemoved"  [arg-type]


async def another_event(publisher: chat.ChatPublisher) -> None:
    await publisher.tokens_delta(pb.InferenceStarted())
    # E: Argument 1 to "tokens_delta" of "ChatPublisher" has incompatible type "InferenceStarted";
    #    expected "TokensDelta"  [arg-type]


async def no_such_event(publisher: chat.ChatPublisher) -> None:
    await publisher.inference_paused(pb.TokensDelta())
    # E: "ChatPublisher" has no attribute "inference_paused"; maybe "inference_started"?
    #    [attr-defined]


async def no_such_field(publisher: chat.ChatPublisher) -> None:
    await publisher.tokens_delta(pb.TokensDelta(text=""))
    # E: Unexpected keyword argument "text" for "TokensDelta"  [call-arg]
