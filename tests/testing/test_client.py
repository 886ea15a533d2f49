"""The scripted client: that it speaks the wire, and that it fails when the server does not."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator

import pytest
from chatdemo.engine import EchoEngine
from chatdemo.handlers import Handlers
from chatdemo.projections import LiveMessages
from chatdemo.v1 import chat_pb2 as chat_pb
from chatdemo.v1 import chat_sessionstream as chat
from google.protobuf.api_pb2 import Mixin

from sessionstream import Hub, TimelineEntity, UIEvent
from sessionstream.testing import MemoryServer, Scenario, ScriptedClient, any_text
from sessionstream.transport.settings import TransportSettings
from tests.testing.conftest import failure
from tests.testing.lines import BLINKED, Lines, LinesScenario, line, removed, shown, written

LinesClient = ScriptedClient[UIEvent[Mixin], TimelineEntity[Mixin]]
LinesServer = MemoryServer[UIEvent[Mixin], TimelineEntity[Mixin]]

SESSION = "session-1"


@pytest.fixture
async def page(lines: LinesScenario) -> LinesClient:
    """A client that has subscribed to a session with a line in it."""
    await lines.given(written("a"))
    page = await lines.connect()
    await page.subscribe(SESSION)
    return page


class TestSubscribing:
    async def test_gives_the_snapshot(self, lines: LinesScenario) -> None:
        await lines.given(written("a", "text"), written("b"), removed("b"))
        page = await lines.connect()
        snapshot = await page.subscribe(SESSION)
        assert (snapshot.session_id, snapshot.ordinal) == (SESSION, 3)
        [entity] = snapshot.entities
        assert entity.payload == written("a", "text")
        assert (entity.created_ordinal, entity.last_event_ordinal) == (1, 1)
        await page.expect_snapshot(SESSION, line("a", "text"))

    async def test_shows_a_snapshot_that_differs(self, page: LinesClient) -> None:
        with failure() as failed:
            await page.expect_snapshot(SESSION, line("b"))
        assert failed.text.splitlines() == [
            "the snapshot at event 1 differs: expected 1, got 1 (- expected, + got)",
            "- Line 'b'",
            '-     name: "b"',
            "+ Line 'a'    # created by event 1, changed by 1",
            '+     name: "a"',
        ]

    async def test_comes_before_its_snapshot_can_be_expected(self, page: LinesClient) -> None:
        with failure() as failed:
            await page.expect_snapshot("another")
        assert failed.text == "there is no snapshot: subscribe to 'another' first"

    async def test_to_a_session_that_is_refused_fails_with_the_servers_error(
        self, lines: LinesScenario
    ) -> None:
        page = await lines.connect()
        with failure() as failed:
            await page.subscribe("")
        assert failed.text.startswith('expected snapshot; got error { code: "protocol_error"')

    async def test_keeps_what_another_session_is_shown_meanwhile(
        self, lines: LinesScenario, page: LinesClient
    ) -> None:
        await lines.when(written("b"))
        await page.subscribe("another")
        await page.expect_shown(shown("b"), session_id=SESSION)


class TestUIEvents:
    async def test_are_expected_in_order(self, lines: LinesScenario, page: LinesClient) -> None:
        await lines.when(written("b"))
        await lines.when(BLINKED)
        await page.expect_shown(shown("b"), shown("blink"))
        await page.expect_nothing()

    async def test_that_differ_are_shown(self, lines: LinesScenario, page: LinesClient) -> None:
        await lines.when(written("b"))
        with failure() as failed:
            await page.expect_shown(shown("c"))
        assert failed.text.splitlines() == [
            "the client was shown something else: expected 1, got 1 (- expected, + got)",
            "  Shown    # of event 2",
            '-     name: "c"',
            '+     name: "b"',
        ]

    async def test_that_do_not_come_fail_with_those_that_came(
        self, lines: LinesScenario, page: LinesClient
    ) -> None:
        await lines.when(written("b"))
        await page.ping()
        page.patience = 0.0
        with failure() as failed:
            await page.expect_shown(shown("b"), shown("c"))
        assert failed.text.splitlines() == [
            "expected a UI event (subscribed to 'session-1'); nothing came in 0.0 seconds: "
            "expected 2, got 1 (- expected, + got)",
            "  Shown    # of event 2",
            '      name: "b"',
            "- Shown",
            '-     name: "c"',
        ]

    async def test_that_are_none_are_for_expect_nothing(self, page: LinesClient) -> None:
        with pytest.raises(TypeError, match=r"expect_shown\(\) missing .*'ui_event'"):
            await page.expect_shown()  # type: ignore[call-arg]
        with pytest.raises(TypeError, match=r"until_shown\(\) missing .*'expected'"):
            await page.until_shown()  # type: ignore[call-arg]

    async def test_are_found_behind_others(self, lines: LinesScenario, page: LinesClient) -> None:
        for line_id in ("b", "c", "d"):
            await lines.when(written(line_id))
        received = await page.until_shown(shown("c"))
        assert [(each.ordinal, each.ui_event) for each in received] == [
            (2, shown("b")),
            (3, shown("c")),
        ]
        assert (await page.next_shown()).ui_event == shown("d")

    async def test_that_are_looked_for_in_vain_fail_with_those_that_came(
        self, lines: LinesScenario, page: LinesClient
    ) -> None:
        await lines.when(written("b"))
        await page.ping()
        page.patience = 0.0
        with failure() as failed:
            await page.until_shown(shown("c"))
        assert "nothing came" in failed.text
        assert '+     name: "b"' in failed.text

    async def test_that_nobody_expected_are_told(
        self, lines: LinesScenario, page: LinesClient
    ) -> None:
        await lines.when(written("b"))
        with failure() as failed:
            await page.expect_nothing()
        assert failed.text.splitlines() == [
            "the client was shown something: expected 0, got 1 (- expected, + got)",
            "+ Shown    # of event 2",
            '+     name: "b"',
        ]

    async def test_of_another_session_differ(self, lines: LinesScenario, page: LinesClient) -> None:
        await page.subscribe("another")
        await lines.when(written("b"))
        with failure() as failed:
            await page.expect_shown(shown("b"), session_id="another")
        assert failed.text.splitlines() == [
            "the client was shown something else: expected 1, got 1 (- expected, + got)",
            "- Shown in session 'another'",
            "+ Shown in session 'session-1'    # of event 2",
            '      name: "b"',
        ]

    async def test_of_another_session_are_not_what_is_waited_for(
        self, lines: LinesScenario, page: LinesClient
    ) -> None:
        await page.subscribe("another")
        await lines.when(written("b"))
        await lines.in_session("another").when(written("b"))
        received = await page.until_shown(shown("b"), session_id="another")
        assert [each.session_id for each in received] == [SESSION, "another"]

    async def test_of_one_of_several_sessions_need_to_be_told_apart(
        self, lines: LinesScenario, page: LinesClient
    ) -> None:
        await page.subscribe("another")
        with failure() as failed:
            await page.expect_shown(shown("b"))
        assert failed.text == (
            "the client has subscribed to 'session-1', 'another': tell which by session_id=…"
        )

    async def test_of_a_session_that_is_not_subscribed_to_fail_with_those_that_are(
        self, lines: LinesScenario
    ) -> None:
        page = await lines.connect()
        await page.subscribe("nope")
        await lines.when(written("b"))
        page.patience = 0.0
        told = "expected a UI event (subscribed to 'nope'); nothing came in 0.0 seconds"
        with failure() as failed:
            await page.expect_shown(shown("b"))
        assert failed.text.startswith(told)
        with failure() as failed:
            await page.until_shown(shown("b"))
        assert failed.text.startswith(told)
        with failure() as failed:
            await page.expect_shown(shown("b"), session_id=SESSION)
        assert failed.text.startswith(told)

    async def test_are_not_expected_before_a_subscription(self, lines: LinesScenario) -> None:
        page = await lines.connect()
        with failure() as failed:
            await page.expect_shown(shown("b"))
        assert failed.text.endswith("it has not subscribed to a session")

    async def test_share_their_placeholders_with_the_scenario(
        self, lines: LinesScenario, page: LinesClient
    ) -> None:
        await lines.when(written("b"))
        await page.expect_shown(shown(any_text("id")))
        assert lines.text_of(any_text("id")) == "b"

    async def test_end_with_the_subscription(self, lines: LinesScenario, page: LinesClient) -> None:
        await lines.when(written("b"))
        await page.unsubscribe(SESSION)
        await lines.when(written("c"))
        await page.expect_shown(shown("b"))
        await page.expect_nothing()

    async def test_are_of_the_generated_classes(self) -> None:
        def install(hub: Hub) -> None:
            chat.install(hub, handlers=Handlers(EchoEngine()), ui=LiveMessages())

        unions = Scenario[chat.ChatCommand, chat.ChatEvent, chat.ChatUIEvent, chat.ChatEntity]
        async with unions(install) as scenario:
            page = await scenario.connect()
            await page.subscribe(SESSION)
            await scenario.when(chat_pb.InferenceTrace(detail="reads"))
            match (await page.next_shown()).ui_event:
                case chat.ChatInferenceTrace(payload):
                    assert payload.detail == "reads"
                case other:
                    pytest.fail(repr(other))


class TestOtherFrames:
    async def test_a_bad_frame_is_answered_by_an_error(self, page: LinesClient) -> None:
        page.send("{}")
        await page.expect_error("protocol_error", "an empty frame")
        page.send("nonsense")
        with failure() as failed:
            await page.expect_error("protocol_error")
        assert failed.text.startswith(
            "expected protocol_error; got bad_client_frame: not JSON: Expecting value"
        )
        page.send("nonsense")
        with failure():
            await page.expect_error("bad_client_frame", "a teapot")

    async def test_an_error_that_does_not_come_is_missed(self, page: LinesClient) -> None:
        page.patience = 0.0
        with failure() as failed:
            await page.expect_error("protocol_error")
        assert failed.text == "expected error; nothing came in 0.0 seconds"

    async def test_an_error_in_place_of_a_ui_event_is_told(self, page: LinesClient) -> None:
        page.send("{}")
        with failure() as failed:
            await page.next_shown()
        assert failed.text.startswith(
            "expected a UI event (subscribed to 'session-1'); got error { code: \"protocol_error\""
        )


class TestLeaving:
    async def test_ends_the_connection(self, lines: LinesScenario, page: LinesClient) -> None:
        await page.disconnect()
        await lines.when(written("b"))
        with failure() as failed:
            await page.ping()
        assert "the server closed with 1000" in failed.text

    async def test_that_the_server_does_not_notice_is_told(self, page: LinesClient) -> None:
        page.patience = 0.0
        with failure() as failed:
            await page.disconnect()
        assert failed.text == "the server still serves it after 0.0 seconds"

    async def test_of_the_server_does_not_take_back_what_it_has_sent(
        self, lines: LinesScenario
    ) -> None:
        async with LinesServer(lines.hub) as server:
            page = await server.connect()
            await page.subscribe(SESSION)
            await lines.when(written("b"))
            for _ in range(10):
                await asyncio.sleep(0)
        await page.expect_shown(shown("b"))
        with failure() as failed:
            await page.next_shown()
        assert failed.text == (
            "expected a UI event (subscribed to 'session-1'); "
            "the server closed with 1001 (the server shuts down)"
        )

    async def test_of_the_server_closes_with_a_code(self) -> None:
        async with LinesScenario(Lines()) as lines:
            async with LinesServer(lines.hub) as server:
                page = await server.connect()
                page.stop_reading()
            assert await page.expect_close(1001) == "the server shuts down"
            with failure() as failed:
                await page.expect_close(1000)
            assert failed.text == (
                "expected the server to close with 1000; got 1001 (the server shuts down)"
            )

    async def test_that_does_not_happen_is_missed(self, page: LinesClient) -> None:
        page.patience = 0.0
        with failure() as failed:
            await page.expect_close(1001)
        assert failed.text == "the server has not closed after 0.0 seconds; expected 1001"


class TestASlowClient:
    @pytest.fixture
    async def server(self, lines: LinesScenario) -> AsyncIterator[LinesServer]:
        settings = TransportSettings(max_queued_frames=3)
        async with LinesServer(lines.hub, settings) as server:
            yield server

    async def test_is_closed_when_too_much_waits_for_it(
        self, lines: LinesScenario, server: LinesServer
    ) -> None:
        page = await server.connect()
        await page.subscribe(SESSION)
        page.stop_reading()
        for number in range(5):
            await lines.when(written(str(number)))
        assert await page.expect_close(4008) == "the client does not keep up"

    async def test_that_reads_on_in_time_misses_nothing(
        self, lines: LinesScenario, server: LinesServer
    ) -> None:
        page = await server.connect()
        await page.subscribe(SESSION)
        page.stop_reading()
        for number in range(3):
            await lines.when(written(str(number)))
        page.go_on_reading()
        await page.expect_shown(shown("0"), shown("1"), shown("2"))

    async def test_slows_nobody_else(self, lines: LinesScenario, server: LinesServer) -> None:
        slow, other = await server.connect(), await server.connect()
        for page in (slow, other):
            await page.subscribe(SESSION)
        slow.stop_reading()
        for number in range(5):
            await lines.when(written(str(number)))
            await other.expect_shown(shown(str(number)))


class TestAServer:
    async def test_that_is_full_refuses_the_next_client_with_its_reason(
        self, lines: LinesScenario
    ) -> None:
        settings = TransportSettings(max_connections=1)
        async with LinesServer(lines.hub, settings) as server:
            await server.connect()
            with failure() as failed:
                await server.connect()
        assert failed.text == "expected hello; the server closed with 1013 (too many connections)"

    async def test_is_closed_twice_as_once(self, lines: LinesScenario) -> None:
        async with LinesServer(lines.hub) as server:
            await server.connect()
            await server.aclose()
        assert not [task for task in asyncio.all_tasks() if "handle" in str(task.get_coro())]

    async def test_that_was_not_entered_serves_nobody(self, lines: LinesScenario) -> None:
        with pytest.raises(RuntimeError, match="enter the rooms first"):
            await LinesServer(lines.hub).connect()

    async def test_leaves_the_hub_when_it_is_closed(self, lines: LinesScenario) -> None:
        server = LinesServer(lines.hub)
        async with server:
            await server.connect()
        gone = weakref.ref(server)
        del server
        gc.collect()
        assert gone() is None

    async def test_gives_its_clients_its_patience(self, app: Lines) -> None:
        async with LinesScenario(app, patience=7.0) as lines:
            assert (await lines.connect()).patience == 7.0
            async with LinesServer(lines.hub, patience=8.0) as server:
                assert (await server.connect()).patience == 8.0
