"""A module uses what its file imports; several modules install into one Hub."""

from __future__ import annotations

from collections.abc import Iterable
from typing import final

from imports.app.v1 import app_pb2 as pb
from imports.app.v1 import app_sessionstream as meeting
from imports.billing.v1 import common_pb2 as billing_pb2
from imports.billing.v1 import common_sessionstream as billing
from imports.shared.v1 import common_pb2 as shared_pb2
from imports.shared.v1 import common_sessionstream as shared

from sessionstream import Command, Event, Hub, SchemaRegistry, Session, override


@final
class Handlers(meeting.MeetingHandlers):
    @override
    async def open_room(
        self, command: Command[pb.OpenRoom], session: Session, publisher: meeting.MeetingPublisher
    ) -> None:
        cents = command.payload.budget.cents
        await publisher.room_opened(pb.RoomOpened())
        charged = await publisher.charged(billing_pb2.Charged(cents=cents))
        assert charged.payload.cents == cents
        await publisher.publish(shared_pb2.Joined(person_id="p-1"))


@final
class Live(meeting.MeetingUIProjection):
    @override
    def room_opened(
        self, event: Event[pb.RoomOpened], session: Session, view: meeting.MeetingTimelineView
    ) -> Iterable[meeting.MeetingUIEvent]:
        yield meeting.MeetingUI.room_opened(pb.RoomUpdate())
        yield meeting.MeetingUI.person_joined(shared_pb2.Joined(person_id="p-1"))
        yield shared.PersonJoined(shared_pb2.Joined(person_id="p-2"))


@final
class Stored(meeting.MeetingTimelineProjection):
    @override
    def room_opened(
        self, event: Event[pb.RoomOpened], session: Session, view: meeting.MeetingTimelineView
    ) -> Iterable[meeting.MeetingEntity]:
        person = view.person.get("p-1") or shared_pb2.Person(person_id="p-1")
        return [meeting.MeetingEntities.room(pb.Room(room_id="r")), shared_entity(person)]


def shared_entity(person: shared_pb2.Person) -> shared.CommonEntity:
    """An entity of the imported module is one of the importing module too."""
    return shared.CommonEntities.person(person)


@final
class Shared(shared.CommonTimelineProjectionPartial):
    """Of the imported file: its own events come to it."""


async def run() -> None:
    """Installs what belongs together as one."""
    async with Hub(SchemaRegistry()) as hub:
        with hub.all_or_nothing():
            billing.install(hub)
            shared.install(hub, ui=shared.CommonUIProjectionPartial(), timeline=Shared())
            meeting.install(hub, handlers=Handlers(), ui=Live(), timeline=Stored())
        await meeting.MeetingClient(hub).open_room("session-1", pb.OpenRoom())
