"""Installing what is not the module's, or not all that it needs."""

from __future__ import annotations

from typing import final

from everything.v1 import chat_sessionstream as chat
from imports.app.v1 import app_sessionstream as meeting
from passed_through.v1 import progress_sessionstream as progress

from sessionstream import Hub, SchemaRegistry


@final
class Live(chat.ChatUIProjectionPartial):
    """Shows what passes through."""


@final
class Stored(chat.ChatTimelineProjectionPartial):
    """Changes nothing."""


def install(
    hub: Hub, handlers: chat.ChatHandlers, others: meeting.MeetingHandlers, live: Live
) -> None:
    chat.install(hub)
    # E: Missing named argument "handlers" for "install"  [call-arg]
    # P: Argument missing for parameter "handlers"  [reportCallIssue]
    chat.install(hub, handlers)
    # E: Too many positional arguments for "install"  [call-arg]
    # P: Expected 1 positional argument  [reportCallIssue]
    chat.install(hub, handlers=None)
    # E: Argument "handlers" to "install" has incompatible type "None"; expected "ChatHandlers"
    #    [arg-type]
    # P: Argument of type "None" cannot be assigned to parameter "handlers" of type "ChatHandlers"
    #    in function "install"  [reportArgumentType]
    chat.install(hub, handlers=others)
    # E: Argument "handlers" to "install" has incompatible type "MeetingHandlers"; expected
    #    "ChatHandlers"  [arg-type]
    # P: Argument of type "MeetingHandlers" cannot be assigned to parameter "handlers" of type
    #    "ChatHandlers" in function "install"  [reportArgumentType]
    chat.install(hub, handlers=handlers, ui=Live)
    # E: Argument "ui" to "install" has incompatible type "type[Live]"; expected "ChatUIProjection |
    #    None"  [arg-type]
    # P: Argument of type "type[Live]" cannot be assigned to parameter "ui" of type
    #    "ChatUIProjection | None" in function "install"  [reportArgumentType]
    chat.install(hub, handlers=handlers, ui=Stored())
    # E: Argument "ui" to "install" has incompatible type "Stored"; expected "ChatUIProjection |
    #    None"  [arg-type]
    # P: Argument of type "Stored" cannot be assigned to parameter "ui" of type "ChatUIProjection |
    #    None" in function "install"  [reportArgumentType]
    chat.install(hub, handlers=handlers, timeline=live)
    # E: Argument "timeline" to "install" has incompatible type "Live"; expected
    #    "ChatTimelineProjection | None"  [arg-type]
    # P: Argument of type "Live" cannot be assigned to parameter "timeline" of type
    #    "ChatTimelineProjection | None" in function "install"  [reportArgumentType]
    chat.install(hub, handlers=handlers, timelines=Stored())
    # E: Unexpected keyword argument "timelines" for "install"; did you mean "timeline"?  [call-arg]
    # P: No parameter named "timelines"  [reportCallIssue]
    chat.install(SchemaRegistry(), handlers=handlers)
    # E: Argument 1 to "install" has incompatible type "SchemaRegistry"; expected "Hub"  [arg-type]
    # P: Argument of type "SchemaRegistry" cannot be assigned to parameter "hub" of type "Hub" in
    #    function "install"  [reportArgumentType]
    progress.install(hub, handlers=handlers)
    # E: Unexpected keyword argument "handlers" for "install"  [call-arg]
    # P: No parameter named "handlers"  [reportCallIssue]
    progress.install(hub, ui=live)
    # E: Argument "ui" to "install" has incompatible type "Live"; expected "ProgressUIProjection |
    #    None"  [arg-type]
    # P: Argument of type "Live" cannot be assigned to parameter "ui" of type "ProgressUIProjection
    #    | None" in function "install"  [reportArgumentType]


def client(registry: SchemaRegistry) -> chat.ChatClient:
    return chat.ChatClient(registry)
    # E: Argument 1 to "ChatClient" has incompatible type "SchemaRegistry"; expected
    #    "SessionClient"  [arg-type]
    # P: Argument of type "SchemaRegistry" cannot be assigned to parameter "client" of type
    #    "SessionClient" in function "__init__"  [reportArgumentType]
