"""A test of an application, and an app module of several files: nothing is reported."""

from __future__ import annotations

from functools import partial

import meetings
from everything.v1 import chat_pb2 as pb
from everything.v1 import chat_sessionstream as chat
from imports.app.v1 import app_pb2
from imports.shared.v1 import common_pb2 as shared_pb2
from imports.shared.v1 import common_sessionstream as shared

from sessionstream import Hub, HubClosedError, SchemaRegistry
from sessionstream.testing import Scenario

ChatScenario = Scenario[chat.ChatCommand, chat.ChatEvent, chat.ChatUIEvent, chat.ChatEntity]
MeetingsScenario = Scenario[
    meetings.MeetingsCommand,
    meetings.MeetingsEvent,
    meetings.MeetingsUIEvent,
    meetings.MeetingsEntity,
]


async def test_one_module(handlers: chat.ChatHandlers) -> None:
    install = partial(chat.install, handlers=handlers, ui=chat.ChatUIProjectionPartial())
    async with ChatScenario(install, ignoring=["message_id"]) as scenario:
        await scenario.given(pb.InferenceStarted(message_id="m-1"), pb.TokensDelta(chunk="hi"))
        await scenario.when(pb.MessageRemoved(message_id="m-1"))
        await scenario.then_shown(chat.ChatMessageRemoved(pb.MessageRemoved()))
        await scenario.then_changed(chat.ChatEntities.chat_message.tombstone("m-1"))
        await scenario.when(pb.StopInference())
        error = await scenario.then_raised(HubClosedError)
        assert error.operation == "submit"
        page = await scenario.connect()
        snapshot = await page.subscribe(scenario.session_id)
        assert {entity.kind for entity in snapshot.entities} == {"usage"}
        await page.expect_snapshot("session-1", chat.ChatEntities.usage(pb.Usage(day=7)))


async def test_an_app(parts: meetings.MeetingParts) -> None:
    common = meetings.CommonParts(ui=shared.CommonUIProjectionPartial())
    progress = meetings.ProgressParts()
    install = partial(meetings.install, common=common, meeting=parts, progress=progress)
    async with MeetingsScenario(install) as scenario:
        await scenario.when(app_pb2.OpenRoom())
        await scenario.then_shown(shared.PersonJoined(shared_pb2.Joined(person_id="p-1")))
    async with Hub(SchemaRegistry()) as hub:
        install(hub)
        await meetings.MeetingsClient(hub).meeting.open_room("session-1", app_pb2.OpenRoom())
