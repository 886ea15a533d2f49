"""Code that does not answer every UI event, every event, or every command."""

from __future__ import annotations

from typing import assert_never

from everything.v1 import chat_pb2 as pb
from everything.v1 import chat_sessionstream as chat


def shown(event: chat.ChatUIEvent) -> str:
    match event:
        case chat.ChatMessageStarted(payload) | chat.ChatMessageAppended(payload):
            return payload.text
        case chat.Typing(payload):
            return payload.text
            # E: Returning Any from function declared to return "str"  [no-any-return]
            # E: "Typing" has no attribute "text"  [attr-defined]
            # P: Cannot access attribute "text" for class "Typing"  [reportAttributeAccessIssue]
        case _:
            assert_never(event)
            # E: Argument 1 to "assert_never" has incompatible type "ChatMessageRemoved"; expected
            #    "Never"  [arg-type]
            # P: Argument of type "ChatMessageRemoved" cannot be assigned to parameter "arg" of type
            #    "Never" in function "assert_never"  [reportArgumentType]


def shown_by_name(event: chat.ChatUIEvent) -> str:
    if event.name == "ChatMessageOpened":
        # E: Non-overlapping equality check (left operand type: "Literal['Typing',
        #    'ChatMessageRemoved', 'ChatMessageStarted', 'ChatMessageAppended']", right operand
        #    type: "Literal['ChatMessageOpened']")  [comparison-overlap]
        # P: nothing; it is reportUnnecessaryComparison, of pyright's strict settings
        return ""
    return event.payload.text
    # E: Item "Typing" of "Typing | MessageRemoved | ChatMessageUpdate" has no attribute "text"
    #    [union-attr]
    # E: Item "MessageRemoved" of "Typing | MessageRemoved | ChatMessageUpdate" has no attribute
    #    "text"  [union-attr]
    # P: Cannot access attribute "text" for class "Typing"  [reportAttributeAccessIssue]
    # P: Cannot access attribute "text" for class "MessageRemoved"  [reportAttributeAccessIssue]


def told(payload: chat.ChatEvent) -> str:
    match payload:
        case pb.InferenceStarted() | pb.MessageRemoved():
            return payload.message_id
        case pb.Typing():
            return "…"
        case _:
            assert_never(payload)
            # E: Argument 1 to "assert_never" has incompatible type "TokensDelta"; expected "Never"
            #    [arg-type]
            # P: Argument of type "TokensDelta" cannot be assigned to parameter "arg" of type
            #    "Never" in function "assert_never"  [reportArgumentType]


def asked(payload: chat.ChatCommand) -> str:
    if isinstance(payload, pb.StartInference):
        return payload.prompt
    assert_never(payload)
    # E: Argument 1 to "assert_never" has incompatible type "StopInference"; expected "Never"
    #    [arg-type]
    # P: Argument of type "StopInference" cannot be assigned to parameter "arg" of type "Never" in
    #    function "assert_never"  [reportArgumentType]
