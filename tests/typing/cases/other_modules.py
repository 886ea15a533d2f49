"""What belongs to a file that the module's file does not import."""

from __future__ import annotations

from collections.abc import Iterable
from typing import final

from everything.v1 import chat_pb2
from imports.app.v1 import app_pb2, bridge_pb2
from imports.app.v1 import app_sessionstream as meeting
from imports.billing.v1 import common_pb2 as billing_pb2
from imports.billing.v1 import common_sessionstream as billing
from imports.shared.v1 import common_pb2 as shared_pb2
from imports.shared.v1 import common_sessionstream as shared

from sessionstream import Event, Session, override


async def publish(publisher: meeting.MeetingPublisher, imported: shared.CommonPublisher) -> None:
    await publisher.publish(chat_pb2.TokensDelta())
    # E: Argument 1 to "publish" of "MeetingPublisher" has incompatible type "TokensDelta"; expected
    #    "RoomOpened | Charged | Joined"  [arg-type]
    # P: Argument of type "TokensDelta" cannot be assigned to parameter "payload" of type
    #    "MeetingEvent" in function "publish"  [reportArgumentType]
    await publisher.publish(bridge_pb2.Money())
    # E: Argument 1 to "publish" of "MeetingPublisher" has incompatible type "Money"; expected
    #    "RoomOpened | Charged | Joined"  [arg-type]
    # P: Argument of type "Money" cannot be assigned to parameter "payload" of type "MeetingEvent"
    #    in function "publish"  [reportArgumentType]
    await imported.publish(app_pb2.RoomOpened())
    # E: Argument 1 to "publish" of "CommonPublisher" has incompatible type "RoomOpened"; expected
    #    "Joined"  [arg-type]
    # P: Argument of type "RoomOpened" cannot be assigned to parameter "payload" of type
    #    "CommonEvent" in function "publish"  [reportArgumentType]
    await imported.joined(billing_pb2.Charged())
    # E: Argument 1 to "joined" of "CommonPublisher" has incompatible type "Charged"; expected
    #    "Joined"  [arg-type]
    # P: Argument of type "Charged" cannot be assigned to parameter "payload" of type "Joined" in
    #    function "joined"  [reportArgumentType]
    await charge(publisher)
    # E: Argument 1 to "charge" has incompatible type "MeetingPublisher"; expected "CommonPublisher"
    #    [arg-type]
    # P: Argument of type "MeetingPublisher" cannot be assigned to parameter "publisher" of type
    #    "CommonPublisher" in function "charge"  [reportArgumentType]
    await charge(imported)
    # E: Argument 1 to "charge" has incompatible type
    #    "imports.shared.v1.common_sessionstream.CommonPublisher"; expected
    #    "imports.billing.v1.common_sessionstream.CommonPublisher"  [arg-type]
    # P: Argument of type "CommonPublisher" cannot be assigned to parameter "publisher" of type
    #    "CommonPublisher" in function "charge"  [reportArgumentType]


async def charge(publisher: billing.CommonPublisher) -> None:
    await publisher.charged(billing_pb2.Charged(cents=1))


@final
class Live(shared.CommonUIProjection):
    @override
    def joined(
        self, event: Event[shared_pb2.Joined], session: Session, view: shared.CommonTimelineView
    ) -> Iterable[shared.CommonUIEvent]:
        yield meeting.MeetingUI.room_opened(app_pb2.RoomUpdate())
        # E: Incompatible types in "yield" (actual type "RoomOpened", expected type "PersonJoined")
        #    [misc]
        # P: Return type of generator function must be compatible with "Generator[RoomOpened, Any,
        #    Any]"  [reportReturnType]
        yield meeting.MeetingUI.person_joined(event.payload)


@final
class Stored(shared.CommonTimelineProjection):
    @override
    def joined(
        self, event: Event[shared_pb2.Joined], session: Session, view: shared.CommonTimelineView
    ) -> Iterable[shared.CommonEntity]:
        yield meeting.MeetingEntities.room(app_pb2.Room(room_id="r-1"))
        # E: Incompatible types in "yield" (actual type "TimelineEntity[Room]", expected type
        #    "TimelineEntity[Person]")  [misc]
        # P: Return type of generator function must be compatible with
        #    "Generator[TimelineEntity[Room], Any, Any]"  [reportReturnType]
        yield meeting.MeetingEntities.room.tombstone("r-1")
        # E: Incompatible types in "yield" (actual type "TimelineEntity[Room]", expected type
        #    "TimelineEntity[Person]")  [misc]
        # P: Return type of generator function must be compatible with
        #    "Generator[TimelineEntity[Room], Any, Any]"  [reportReturnType]
        yield meeting.MeetingEntities.person(shared_pb2.Person(person_id="p-1"))


def is_empty(view: meeting.MeetingTimelineView) -> bool:
    return people(view) == 0
    # E: Argument 1 to "people" has incompatible type "MeetingTimelineView"; expected
    #    "CommonTimelineView"  [arg-type]
    # P: Argument of type "MeetingTimelineView" cannot be assigned to parameter "view" of type
    #    "CommonTimelineView" in function "people"  [reportArgumentType]


def people(view: shared.CommonTimelineView) -> int:
    return len(view.person.list())
