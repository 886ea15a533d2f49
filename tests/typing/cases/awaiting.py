"""Forgetting to await."""

from __future__ import annotations

from everything.v1 import chat_pb2 as pb
from everything.v1 import chat_sessionstream as chat


async def publish(publisher: chat.ChatPublisher) -> None:
    publisher.tokens_delta(pb.TokensDelta())
    # E: Value of type "Coroutine[Any, Any, Event[TokensDelta]]" must be used  [unused-coroutine]
    # P: Result of async function call is not used; use "await" or assign result to variable
    #    [reportUnusedCoroutine]
    publisher.publish(pb.TokensDelta())
    # E: Value of type "Coroutine[Any, Any, Event[InferenceStarted | TokensDelta | Typing |
    #    MessageRemoved]]" must be used  [unused-coroutine]
    # P: Result of async function call is not used; use "await" or assign result to variable
    #    [reportUnusedCoroutine]


async def submit(client: chat.ChatClient) -> None:
    client.start_inference("session-1", pb.StartInference())
    # E: Value of type "Coroutine[Any, Any, None]" must be used  [unused-coroutine]
    # P: Result of async function call is not used; use "await" or assign result to variable
    #    [reportUnusedCoroutine]


async def use_without_await(publisher: chat.ChatPublisher) -> int:
    return publisher.tokens_delta(pb.TokensDelta()).ordinal
    # E: Returning Any from function declared to return "int"  [no-any-return]
    # E: "Coroutine[Any, Any, Event[TokensDelta]]" has no attribute "ordinal"  [attr-defined]
    # P: Cannot access attribute "ordinal" for class "CoroutineType[Any, Any, Event[TokensDelta]]"
    #    [reportAttributeAccessIssue]
