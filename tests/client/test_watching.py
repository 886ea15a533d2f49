from __future__ import annotations

import asyncio
import logging

import pytest

from sessionstream.client import (
    ClientClosedError,
    ClientSettings,
    ResumePoint,
    SnapshotUpdate,
    SubscriptionError,
    UIUpdate,
    connect,
)
from sessionstream.v1 import transport_pb2 as pb
from sessionstream.watching import AnyUpdate
from tests.client.conftest import Play
from tests.client.model_server import (
    make_registry,
    position,
    snapshot,
    subscribed,
    ui_event,
)
from tests.client.scripted_server import ScriptedConnection, ScriptedServer

Subscribe = pb.SubscribeRequest


def refusal(code: str) -> pb.ServerFrame:
    return pb.ServerFrame(error=pb.ErrorFrame(code=code, message="no", session_id="s"))


def ordinal_of(update: AnyUpdate) -> int:
    return update.position.ordinal


async def request_of(connection: ScriptedConnection) -> pb.SubscribeRequest:
    return (await connection.hear("subscribe")).subscribe


class TestUpdates:
    async def test_the_timeline_comes_first_then_each_ui_event(self, play: Play) -> None:
        async with play.client.watch("s") as updates:
            assert (await request_of(play.connection)).mode == Subscribe.SNAPSHOT
            play.connection.say(snapshot(2), subscribed(2), ui_event(3), ui_event(0))
            first = await anext(updates)
            assert isinstance(first, SnapshotUpdate)
            assert first.position == ResumePoint("e", 2)
            assert [entity.kind for entity in first.entities] == ["Line"]
            assert not first.replaces_what_was_shown
            second, third = await anext(updates), await anext(updates)
            assert isinstance(second, UIUpdate)
            assert isinstance(third, UIUpdate)
            assert (second.ordinal, second.position.ordinal) == (3, 3)
            assert (third.ordinal, third.position.ordinal) == (0, 3)

    async def test_the_ui_events_of_an_event_come_together(self, play: Play) -> None:
        async with play.client.watch("s") as updates:
            play.connection.say(snapshot(0), subscribed(0), ui_event(1, 0, 2), ui_event(1, 1, 2))
            await anext(updates)
            update = await anext(updates)
            assert isinstance(update, UIUpdate)
            assert len(update.events) == 2

    async def test_watching_since_a_position_asks_for_what_follows(self, play: Play) -> None:
        async with play.client.watch("s", since=ResumePoint("e", 4)) as updates:
            request = await request_of(play.connection)
            asked = (request.mode, request.since_epoch, request.since_snapshot_ordinal)
            assert asked == (Subscribe.RESUME, "e", 4)
            said = subscribed(5, outcome=pb.SubscribedFrame.RESUMED)
            play.connection.say(ui_event(5, previous=3), said)
            assert ordinal_of(await anext(updates)) == 5

    async def test_a_snapshot_instead_says_that_it_replaces_what_was_shown(
        self, play: Play
    ) -> None:
        async with play.client.watch("s", since=ResumePoint("e", 4)) as updates:
            play.connection.say(snapshot(9, "f"), subscribed(9, "f"))
            update = await anext(updates)
            assert isinstance(update, SnapshotUpdate)
            assert update.replaces_what_was_shown

    async def test_a_ui_event_that_the_client_does_not_know_is_left_out(
        self, play: Play, caplog: pytest.LogCaptureFixture
    ) -> None:
        async with play.client.watch("s") as updates:
            newer = ui_event(1)
            newer.ui_event.name = "ShownBetter"
            play.connection.say(snapshot(0), subscribed(0), newer, ui_event(2, previous=1))
            await anext(updates)
            with caplog.at_level(logging.WARNING):
                assert ordinal_of(await anext(updates)) == 2
            assert "'ShownBetter'" in caplog.text
            await request_of(play.connection)
            assert not play.connection.has_heard(), "there is no gap"

    async def test_a_payload_of_an_unknown_type_in_json_is_left_out_too(self, play: Play) -> None:
        async with play.client.watch("s") as updates:
            play.connection.say(snapshot(0), subscribed(0))
            play.connection.say_text(
                '{"uiEvent": {"sessionId": "s", "eventOrdinal": "1", "name": "Shown", "batchSize": '
                '1, "newer": {}, "payload": {"@type": "x/newer.v1.Shown", "value": 1}}}'
            )
            play.connection.say(ui_event(2, previous=1))
            await anext(updates)
            assert ordinal_of(await anext(updates)) == 2


class TestGaps:
    async def test_after_a_gap_the_client_asks_for_what_is_missing(self, play: Play) -> None:
        async with play.client.watch("s") as updates:
            await request_of(play.connection)
            play.connection.say(snapshot(1), subscribed(1), ui_event(3, previous=2))
            await anext(updates)
            request = await request_of(play.connection)
            assert (request.mode, request.since_snapshot_ordinal) == (Subscribe.RESUME, 1)

    async def test_a_position_for_the_subscribe_before_hides_no_gap(self, play: Play) -> None:
        async with play.client.watch("s") as updates:
            await request_of(play.connection)
            play.connection.say(snapshot(1), subscribed(1), ui_event(3, previous=2), position(3))
            await anext(updates)
            await request_of(play.connection)
            said = subscribed(3, outcome=pb.SubscribedFrame.RESUMED)
            play.connection.say(ui_event(2, previous=1), ui_event(3, previous=2), said)
            assert [ordinal_of(await anext(updates)) for _ in range(2)] == [2, 3]

    async def test_where_resuming_leaves_a_gap_the_client_asks_for_a_snapshot(
        self, play: Play
    ) -> None:
        async with play.client.watch("s") as updates:
            await request_of(play.connection)
            play.connection.say(snapshot(1), subscribed(1), ui_event(3, previous=2))
            await anext(updates)
            await request_of(play.connection)
            said = subscribed(4, outcome=pb.SubscribedFrame.RESUMED)
            play.connection.say(ui_event(4, previous=3), said)
            assert (await request_of(play.connection)).mode == Subscribe.SNAPSHOT

    async def test_a_server_that_only_sends_gaps_is_given_up(self, play: Play) -> None:
        async with play.client.watch("s") as updates:
            play.connection.say(snapshot(1), subscribed(1))
            await anext(updates)
            said = subscribed(9, outcome=pb.SubscribedFrame.RESUMED)
            play.connection.say(*[ui_event(9, previous=8), ui_event(9, previous=8), said] * 5)
            with pytest.raises(SubscriptionError, match="leaves out UI events"):
                await anext(updates)
            for _ in range(6):
                await request_of(play.connection)
            await play.connection.hear("unsubscribe")

    async def test_a_position_moves_what_a_reconnect_asks_for(self, play: Play) -> None:
        async with play.client.watch("s") as updates:
            play.connection.say(snapshot(1), subscribed(1), position(8), ui_event(9, previous=1))
            assert [ordinal_of(await anext(updates)) for _ in range(2)] == [1, 9]
            play.connection.end(1001)
            connection = await play.server.accept()
            assert (await request_of(connection)).since_snapshot_ordinal == 9


class TestSlowWatchers:
    async def test_what_is_too_much_is_asked_for_again_when_the_watcher_reads(self) -> None:
        settings = ClientSettings(max_queued_updates=4)
        server = ScriptedServer()
        async with connect(
            "ws://server", make_registry(), settings=settings, dial=server.dial
        ) as client:
            connection = await server.accept()
            async with client.watch("s") as updates:
                await request_of(connection)
                connection.say(snapshot(0), subscribed(0))
                connection.say(*(ui_event(each, previous=each - 1) for each in range(1, 8)))
                await connection.hear("unsubscribe")
                got = [ordinal_of(await anext(updates)) for _ in range(2)]
                assert (await request_of(connection)).since_snapshot_ordinal == 3
                connection.say(pb.ServerFrame(unsubscribed=pb.UnsubscribedFrame(session_id="s")))
                connection.say(*(ui_event(each, previous=each - 1) for each in range(4, 6)))
                connection.say(subscribed(5, outcome=pb.SubscribedFrame.RESUMED))
                got += [ordinal_of(await anext(updates)) for _ in range(4)]
                assert got == [0, 1, 2, 3, 4, 5]

    async def test_a_snapshot_takes_the_place_of_what_waits(self, play: Play) -> None:
        async with play.client.watch("s") as updates:
            await request_of(play.connection)
            play.connection.say(snapshot(0), subscribed(0), ui_event(1), snapshot(2), subscribed(2))
            play.connection.say(ui_event(3, previous=2), ui_event(5, previous=4))
            await request_of(play.connection)  # for the gap: all before it has arrived
            assert [ordinal_of(await anext(updates)) for _ in range(2)] == [2, 3]

    async def test_a_snapshot_beyond_the_limit_ends_the_watch(self) -> None:
        settings = ClientSettings(max_assembled_bytes=10)
        server = ScriptedServer()
        async with (
            connect("ws://server", make_registry(), settings=settings, dial=server.dial) as client,
            client.watch("s") as updates,
        ):
            connection = await server.accept()
            await request_of(connection)
            connection.say(snapshot(0, part=0, parts=2))
            with pytest.raises(SubscriptionError, match="too_large"):
                await anext(updates)
            await connection.hear("unsubscribe")


class TestErrors:
    async def test_a_denied_session_raises(self, play: Play) -> None:
        async with play.client.watch("s") as updates:
            play.connection.say(refusal("subscribe_denied"))
            with pytest.raises(SubscriptionError, match="subscribe_denied: no"):
                await anext(updates)

    async def test_what_came_before_the_error_is_given_first(self, play: Play) -> None:
        async with play.client.watch("s") as updates:
            play.connection.say(snapshot(1), subscribed(1), refusal("subscribe_denied"))
            assert ordinal_of(await anext(updates)) == 1
            with pytest.raises(SubscriptionError):
                await anext(updates)

    @pytest.mark.parametrize(
        "code", ["subscribe_denied", "cannot_resume", "too_many_subscriptions", "protocol_error"]
    )
    async def test_a_refusal_that_can_only_stay_ends_the_watch(self, play: Play, code: str) -> None:
        async with play.client.watch("s") as updates:
            await request_of(play.connection)
            play.connection.say(refusal(code))
            with pytest.raises(SubscriptionError, match=code):
                await anext(updates)

    async def test_after_another_error_the_client_asks_again(self, play: Play) -> None:
        async with play.client.watch("s") as updates:
            await request_of(play.connection)
            play.connection.say(refusal("unavailable"))
            await request_of(play.connection)
            play.connection.say(snapshot(1), subscribed(1))
            assert ordinal_of(await anext(updates)) == 1

    async def test_an_error_that_stays_ends_the_watch(self, play: Play) -> None:
        async with play.client.watch("s") as updates:
            for _ in range(5):
                await request_of(play.connection)
                play.connection.say(refusal("unavailable"))
            with pytest.raises(SubscriptionError, match="unavailable"):
                await anext(updates)

    async def test_a_session_is_watched_once_by_a_client(self, play: Play) -> None:
        async with play.client.watch("s"):
            with pytest.raises(SubscriptionError, match="watched_already"):
                async with play.client.watch("s"):
                    pass

    async def test_closing_the_client_ends_the_watch(self, play: Play) -> None:
        async with play.client.watch("s") as updates:
            waiting = asyncio.ensure_future(anext(updates))
            await request_of(play.connection)
            await play.client.aclose()
            with pytest.raises(ClientClosedError):
                await waiting


class TestLeaving:
    async def test_who_still_iterates_comes_to_the_end(self, play: Play) -> None:
        async with play.client.watch("s") as updates:
            waiting = asyncio.ensure_future(anext(updates, None))
            await request_of(play.connection)
        assert await waiting is None
        assert [update async for update in updates] == []

    async def test_leaving_the_block_unsubscribes(self, play: Play) -> None:
        async with play.client.watch("s"):
            await request_of(play.connection)
        await play.connection.hear("unsubscribe")

    async def test_frames_of_the_watch_before_are_not_those_of_the_next(self, play: Play) -> None:
        async with play.client.watch("s"):
            await request_of(play.connection)
        async with play.client.watch("s") as updates:
            await play.connection.hear("unsubscribe")
            await request_of(play.connection)
            play.connection.say(snapshot(1), subscribed(1), ui_event(2, previous=1))
            play.connection.say(pb.ServerFrame(unsubscribed=pb.UnsubscribedFrame(session_id="s")))
            play.connection.say(snapshot(5), subscribed(5))
            assert ordinal_of(await anext(updates)) == 5

    async def test_two_sessions_share_the_connection(self, play: Play) -> None:
        async with play.client.watch("s"), play.client.watch("t"):
            asked = [(await request_of(play.connection)).session_id for _ in range(2)]
            assert asked == ["s", "t"]
            assert play.server.dialled == 1
