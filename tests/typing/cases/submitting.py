"""Submitting the payload of another command."""

from __future__ import annotations

from everything.v1 import chat_pb2 as pb
from everything.v1 import chat_sessionstream as chat


async def another_command(client: chat.ChatClient) -> None:
    await client.start_inference("session-1", pb.StopInference())
    # E: Argument 2 to "start_inference" of "ChatClient" has incompatible type "StopInference";
    #    expected "StartInference"  [arg-type]
    # P: Argument of type "StopInference" cannot be assigned to parameter "payload" of type
    #    "StartInference" in function "start_inference"  [reportArgumentType]


async def no_session(client: chat.ChatClient) -> None:
    await client.start_inference(pb.StartInference())
    # E: Missing positional argument "payload" in call to "start_inference" of "ChatClient"
    #    [call-arg]
    # E: Argument 1 to "start_inference" of "ChatClient" has incompatible type "StartInference";
    #    expected "str"  [arg-type]
    # P: Argument missing for parameter "payload"  [reportCallIssue]
