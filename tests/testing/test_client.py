"""The scripted client: that it speaks the wire, and that it fails when the server does not."""

from __future__ import annotations

import pytest
from chatdemo.engine import EchoEngine
from chatdemo.handlers import Handlers
from chatdemo.projections import LiveMessages
from chatdemo.v1 import chat_pb2 as chat_pb
from chatdemo.v1 import chat_sessionstream as chat

from sessionstream import Hub
from sessionstream.testing import Scenario, any_text
from tests.testing.conftest import SESSION, LinesClient, failure
from tests.testing.lines import BLINKED, LinesScenario, line, removed, shown, written


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
            chat.install(  # noqa: SV203
                hub, handlers=Handlers(EchoEngine()), ui=LiveMessages()
            )

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
