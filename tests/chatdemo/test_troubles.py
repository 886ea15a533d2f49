"""The page in Chromium while the network, the server and the tab itself come and go.

An answer that was applied twice, or with a piece left out, would not read as its prompt does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from uuid import uuid4

from chatdemo.handlers import MAX_PROMPT_LENGTH
from playwright.sync_api import Browser, Page, Route, WebSocketRoute, expect

from tests.chatdemo.helpers import Demo, steered_demo
from tests.chatdemo.pages import (
    HELD,
    SHORT,
    answer,
    cut_off,
    expect_live,
    expect_some_text,
    go_offline,
    go_online,
    opened,
    outcomes,
    send,
    session_of,
    texts,
    visit,
)
from tests.chatdemo.tabs import bare_tab

ANSWERED = [HELD, f"Answer: {HELD}"]


def until_said(frames: Iterable[str | bytes], name: str) -> None:
    """Returns when one of the frames tells of this UI event."""
    for data in frames:
        if name in str(data):
            return
    raise AssertionError(f"no {name} came")


class TestANetworkThatGoesAway:
    def test_in_the_middle_of_an_answer_leaves_no_gap_when_it_is_back(
        self, chromium: Browser, demo: Demo, tmp_path: Path
    ) -> None:
        """What the old connection still delivers then was read already on the new one."""
        with opened(chromium, offline=True) as page:
            sent = outcomes(page)
            visit(page, demo.url)
            send(page, HELD)
            expect_some_text(page)
            go_offline(page)
            page.screenshot(path=tmp_path / "offline.png")
            demo.go_on()
            go_online(page)
            expect_live(page)
            expect(answer(page, "complete")).to_have_text(f"Answer: {HELD}")
            assert texts(page) == ANSWERED
            assert sent == ["SNAPSHOT_SENT", "RESUMED"]

    def test_keeps_what_is_written_meanwhile_and_sends_it_once(
        self, chromium: Browser, demo: Demo, tmp_path: Path
    ) -> None:
        with opened(chromium, offline=True) as page:
            visit(page, demo.url)
            go_offline(page)
            send(page, SHORT)
            note = page.locator('.message[data-status="waiting"] .note')
            expect(note).to_have_text("Not sent yet: it waits for the connection")
            page.locator(".message").evaluate("(one) => one.getAnimations().map((a) => a.finish())")
            page.screenshot(path=tmp_path / "not_sent.png")
            go_online(page)
            expect(answer(page, "complete")).to_have_text(f"Answer: {SHORT}")
            assert texts(page) == [SHORT, f"Answer: {SHORT}"]

    def test_does_not_make_a_stop_that_comes_late_stop_a_later_answer(
        self, chromium: Browser, demo: Demo
    ) -> None:
        with opened(chromium, offline=True) as page:
            visit(page, demo.url)
            send(page, HELD)
            expect_some_text(page)
            cut_off(page)
            page.locator("#stop").click()
            go_offline(page)
            with demo.watch(session_of(page)) as frames:
                demo.go_on()
                until_said(frames, "ChatMessageFinished")
                demo.ask(session_of(page), HELD)
                until_said(frames, "ChatMessageAppended")
            go_online(page)
            expect_live(page)
            expect_some_text(page)
            demo.go_on()
            expect(page.locator('.message[data-status="complete"]')).to_have_count(4)
            assert texts(page) == [*ANSWERED, *ANSWERED]


class TestAServerThatRestarts:
    def test_in_the_middle_of_an_answer_goes_on_where_the_page_was(
        self, chromium: Browser, tmp_path: Path
    ) -> None:
        """It tells how the answer ended before it goes; nothing is loaded anew after it."""
        database = str(tmp_path / "chat.db")
        with opened(chromium, offline=True) as page:
            sent = outcomes(page)
            with steered_demo(database) as demo:
                visit(page, demo.url)
                send(page, HELD)
                expect_some_text(page)
                demo.end()
            expect(answer(page, "interrupted")).to_have_text(re.compile("^Answer: "))
            expect(page.locator("#connection")).to_have_text("Reconnecting")
            with steered_demo(database, port=demo.port):
                expect_live(page)
                send(page, SHORT)
                expect(answer(page, "complete")).to_have_text(f"Answer: {SHORT}")
            assert texts(page)[2:] == [SHORT, f"Answer: {SHORT}"]
            assert sent == ["SNAPSHOT_SENT", "RESUMED"]


class TestTwoTabs:
    def test_of_one_session_show_the_same_after_one_was_cut_off(
        self, chromium: Browser, demo: Demo
    ) -> None:
        with opened(chromium, offline=True) as first, opened(chromium) as second:
            visit(first, demo.url)
            visit(second, first.url)
            send(first, HELD)
            expect_some_text(second)
            go_offline(first)
            demo.go_on()
            expect(answer(second, "complete")).to_have_text(f"Answer: {HELD}")
            send(second, SHORT)
            expect(answer(second, "complete")).to_have_text(f"Answer: {SHORT}")
            go_online(first)
            expect(answer(first, "complete")).to_have_text(f"Answer: {SHORT}")
            assert texts(first) == texts(second) == [*ANSWERED, SHORT, f"Answer: {SHORT}"]


# What the page sends from now on, of the frames that matter here.
LISTEN = """
window.modes = [];
const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (text) {
  const { subscribe } = JSON.parse(text);
  if (subscribe) modes.push(subscribe.mode);
  return send.call(this, text);
};
"""
SHOWN = "Array.from(document.querySelectorAll('.message .text'), (text) => text.textContent)"
IS_LIVE = "document.body.dataset.connection === 'live'"


class TestATabThatIsFrozen:
    def test_lets_go_and_resumes_where_it_was(self, chromium: Browser, demo: Demo) -> None:
        session_id = uuid4().hex
        with bare_tab(chromium, f"{demo.url}?session={session_id}") as tab:
            tab.wait_for(IS_LIVE)
            tab.evaluate(LISTEN)
            with demo.watch(session_id) as frames:
                demo.ask(session_id, HELD)
                tab.wait_for(f"({SHOWN}).at(-1)?.length > 10")
                tab.freeze()
                demo.go_on()
                until_said(frames, "ChatMessageFinished")
            tab.wake()
            tab.wait_for(f"({SHOWN}).at(-1) === {json.dumps(ANSWERED[1])}")
            assert tab.evaluate(SHOWN) == ANSWERED
            assert tab.evaluate("modes") == ["RESUME"]


class TestAMessage:
    def test_that_a_reload_cuts_off_is_sent_by_the_page_that_comes_after(
        self, chromium: Browser, demo: Demo
    ) -> None:
        """The first page's frames go nowhere."""
        sockets: list[WebSocketRoute] = []

        def connect(socket: WebSocketRoute) -> None:
            sockets.append(socket)
            if len(sockets) > 1:
                socket.connect_to_server()

        with opened(chromium) as page:
            page.route_web_socket(re.compile("/ws$"), connect)
            page.goto(demo.url)
            send(page, SHORT)
            expect(page.locator('.message[data-status="waiting"]')).to_be_visible()
            page.reload()
            expect(answer(page, "complete")).to_have_text(f"Answer: {SHORT}")
            assert texts(page) == [SHORT, f"Answer: {SHORT}"]
            page.reload()
            expect(answer(page, "complete")).to_be_visible()
            assert texts(page) == [SHORT, f"Answer: {SHORT}"]

    def test_that_the_server_refuses_says_why_and_can_be_changed(
        self, page: Page, tmp_path: Path
    ) -> None:
        """A page of another release, which allows more than the server does."""

        def allow(route: Route) -> None:
            route.fulfill(json={"maxPromptLength": MAX_PROMPT_LENGTH + 1})

        page.route("**/api/config", allow)
        page.reload()
        expect_live(page)
        prompt = "x" * (MAX_PROMPT_LENGTH + 1)
        send(page, prompt)
        unsent = page.locator('.message[data-status="unsent"]')
        expect(unsent.locator(".note")).to_have_text(
            f"Not sent. The prompt has {len(prompt)} characters; {MAX_PROMPT_LENGTH} is the limit."
        )
        page.screenshot(path=tmp_path / "refused.png")
        unsent.get_by_text("Try again").click()
        expect(unsent).to_have_count(1)
        unsent.get_by_text("Edit").click()
        expect(unsent).to_have_count(0)
        expect(page.locator("#prompt")).to_have_value(prompt)
        assert session_of(page)
