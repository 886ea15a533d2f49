"""An app module of several files, of which one was forgotten or mistaken for another."""

from __future__ import annotations

import meetings
from imports.app.v1 import app_pb2
from imports.app.v1 import app_sessionstream as meeting
from imports.shared.v1 import common_sessionstream as shared
from passed_through.v1 import progress_sessionstream as progress

from sessionstream import Hub


def parts(handlers: meeting.MeetingHandlers) -> None:
    meetings.MeetingParts()
    # E: Missing named argument "handlers" for "MeetingParts"  [call-arg]
    # P: Argument missing for parameter "handlers"  [reportCallIssue]
    meetings.MeetingParts(handlers=None)
    # E: Argument "handlers" to "MeetingParts" has incompatible type "None"; expected
    #    "MeetingHandlers"  [arg-type]
    # P: Argument of type "None" cannot be assigned to parameter "handlers" of type
    #    "MeetingHandlers" in function "__init__"  [reportArgumentType]
    meetings.MeetingParts(handlers=handlers, ui=shared.CommonUIProjectionPartial())
    # E: Argument "ui" to "MeetingParts" has incompatible type "CommonUIProjectionPartial"; expected
    #    "MeetingUIProjection | None"  [arg-type]
    # P: Argument of type "CommonUIProjectionPartial" cannot be assigned to parameter "ui" of type
    #    "MeetingUIProjection | None" in function "__init__"  [reportArgumentType]
    meetings.CommonParts(handlers=handlers)
    # E: Unexpected keyword argument "handlers" for "CommonParts"  [call-arg]
    # P: No parameter named "handlers"  [reportCallIssue]
    meetings.ProgressParts(ui=progress.ProgressUIProjectionPartial(), timeline=None)
    # E: Unexpected keyword argument "timeline" for "ProgressParts"  [call-arg]
    # P: No parameter named "timeline"  [reportCallIssue]


def install(hub: Hub, of_meeting: meetings.MeetingParts, of_common: meetings.CommonParts) -> None:
    meetings.install(hub, meeting=of_meeting, common=of_common)
    # E: Missing named argument "progress" for "install"  [call-arg]
    # P: Argument missing for parameter "progress"  [reportCallIssue]
    meetings.install(hub, meeting=of_common, common=of_meeting, progress=meetings.ProgressParts())
    # E: Argument "meeting" to "install" has incompatible type "CommonParts"; expected
    #    "MeetingParts"  [arg-type]
    # E: Argument "common" to "install" has incompatible type "MeetingParts"; expected "CommonParts"
    #    [arg-type]
    # P: Argument of type "CommonParts" cannot be assigned to parameter "meeting" of type
    #    "MeetingParts" in function "install"  [reportArgumentType]
    # P: Argument of type "MeetingParts" cannot be assigned to parameter "common" of type
    #    "CommonParts" in function "install"  [reportArgumentType]


async def submit(client: meetings.MeetingsClient) -> None:
    await client.open_room("session-1", app_pb2.OpenRoom())
    # E: "MeetingsClient" has no attribute "open_room"  [attr-defined]
    # P: Cannot access attribute "open_room" for class "MeetingsClient"
    #    [reportAttributeAccessIssue]
    await client.meeting.open_room("session-1", app_pb2.RoomOpened())
    # E: Argument 2 to "open_room" of "MeetingClient" has incompatible type "RoomOpened"; expected
    #    "OpenRoom"  [arg-type]
    # P: Argument of type "RoomOpened" cannot be assigned to parameter "payload" of type "OpenRoom"
    #    in function "open_room"  [reportArgumentType]
    await client.common.open_room("session-1", app_pb2.OpenRoom())
    # E: "CommonClient" has no attribute "open_room"  [attr-defined]
    # P: Cannot access attribute "open_room" for class "CommonClient"  [reportAttributeAccessIssue]


def shown(event: meetings.MeetingsUIEvent) -> str:
    match event:
        case meeting.RoomOpened() | progress.Progress():
            return event.name
    return event.payload.person_name
    # E: Returning Any from function declared to return "str"  [no-any-return]
    # E: "Joined" has no attribute "person_name"  [attr-defined]
    # P: Cannot access attribute "person_name" for class "Joined"  [reportAttributeAccessIssue]
