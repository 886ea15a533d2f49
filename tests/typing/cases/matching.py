"""A client that does not answer every UI event."""

from __future__ import annotations

from typing import assert_never

from everything.v1 import chat_sessionstream as chat


def shown(event: chat.ChatUIEvent) -> str:
    match event:
        case chat.ChatMessageStarted(payload) | chat.ChatMessageAppended(payload):
            return payload.text
        case chat.Typing(payload):
            return payload.text
            # E: Returning Any from function declared to return "str"  [no-any-return]
            # E: "Typing" has no attribute "text"  [attr-defined]
        case _:
            assert_never(event)
            # E: Argument 1 to "assert_never" has incompatible type "ChatMessageRemoved"; expected
            #    "Never"  [arg-type]


def shown_by_name(event: chat.ChatUIEvent) -> str:
    if event.name == "ChatMessageOpened":
        # E: Non-overlapping equality check (left operand type: "Literal['Typing',
        #    'ChatMessageRemoved', 'ChatMessageStarted', 'ChatMessageAppended']", right operand
        #    type: "Literal['ChatMessageOpened']")  [comparison-overlap]
        return ""
    return event.payload.text
    # E: Item "Typing" of "Typing | MessageRemoved | ChatMessageUpdate" has no attribute "text"
    #    [union-attr]
    # E: Item "MessageRemoved" of "Typing | MessageRemoved | ChatMessageUpdate" has no attribute
    #    "text"  [union-attr]
