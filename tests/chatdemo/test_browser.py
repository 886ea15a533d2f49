"""The page in a real Chromium: what a person sees, and what survives.

Screenshots go to ``--basetemp``; look at them after a change to the page.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from chatdemo.handlers import MAX_PROMPT_LENGTH
from playwright.sync_api import Browser, Page, expect

from tests.chatdemo.helpers import Demo, steered_demo
from tests.chatdemo.pages import (
    HELD,
    SHORT,
    answer,
    expect_live,
    expect_some_text,
    opened,
    send,
    session_of,
    texts,
    visit,
)


class TestSending:
    def test_streams_an_answer_and_empties_the_box(
        self, page: Page, demo: Demo, tmp_path: Path
    ) -> None:
        send(page, HELD)
        expect(page.locator("#stop")).to_be_visible()
        expect_some_text(page)
        demo.go_on()
        expect(answer(page, "complete")).to_have_text(f"Answer: {HELD}")
        expect(page.locator("#stop")).to_be_hidden()
        expect(page.locator("#prompt")).to_have_value("")
        expect(page).to_have_title(re.compile(r"^A prompt.* · chatdemo$"))
        page.screenshot(path=tmp_path / "complete.png")

    def test_a_suggestion_is_one_click(self, page: Page) -> None:
        expect(page.locator("#welcome")).to_be_visible()
        page.get_by_text("/fail to see").click()
        expect(answer(page, "failed")).to_be_visible()
        expect(page.locator("#welcome")).to_be_hidden()

    def test_works_where_the_browser_keeps_nothing(self, chromium: Browser, demo: Demo) -> None:
        with opened(chromium) as page:
            page.add_init_script(
                "Object.defineProperty(window, 'sessionStorage',"
                " { get() { throw new DOMException('denied', 'SecurityError'); } })"
            )
            visit(page, demo.url)
            send(page, SHORT)
            expect(answer(page, "complete")).to_have_text(f"Answer: {SHORT}")

    def test_a_message_that_is_too_long_stays_whole_and_says_so(self, page: Page) -> None:
        page.locator("#prompt").fill("x" * (MAX_PROMPT_LENGTH + 2))
        expect(page.locator("#problem")).to_have_text("The message is 2 characters too long.")
        expect(page.locator("#send")).to_be_disabled()
        page.keyboard.press("Backspace")
        page.keyboard.press("Backspace")
        expect(page.locator("#problem")).to_be_hidden()
        expect(page.locator("#send")).to_be_enabled()

    def test_shows_markup_as_the_text_that_it_is(self, page: Page) -> None:
        markup = "<img src=x onerror=alert(1)> & <b>bold</b>"
        send(page, markup)
        expect(answer(page, "complete")).to_have_text(f"Answer: {markup}")
        expect(page.locator(".message img, .message b")).to_have_count(0)

    def test_a_failing_answer_says_why(self, page: Page, tmp_path: Path) -> None:
        send(page, "/fail please")
        note = page.locator('.message[data-status="failed"] .note')
        expect(note).to_have_text("Failed: The echo engine was asked to fail, and did.")
        page.screenshot(path=tmp_path / "failed.png")


class TestStopping:
    def test_keeps_what_was_said(self, page: Page, tmp_path: Path) -> None:
        send(page, HELD)
        expect_some_text(page)
        page.locator("#stop").click()
        expect(page.locator('.message[data-status="stopped"] .note')).to_have_text("Stopped")
        said = answer(page, "stopped").text_content() or ""
        assert f"Answer: {HELD}".startswith(said)
        assert len(said) < len(HELD)
        expect(page.locator("#prompt")).to_be_focused()
        page.screenshot(path=tmp_path / "stopped.png")

    def test_happens_by_itself_when_something_else_is_asked(self, page: Page) -> None:
        send(page, HELD)
        expect_some_text(page)
        send(page, SHORT)
        expect(answer(page, "complete")).to_have_text(f"Answer: {SHORT}")
        expect(answer(page, "stopped")).to_be_visible()


class TestTheKeyboard:
    def test_is_enough_for_everything(self, page: Page) -> None:
        expect(page.locator("#prompt")).to_be_focused()
        page.keyboard.type("one")
        page.keyboard.press("Shift+Enter")
        page.keyboard.insert_text(HELD)
        page.keyboard.press("Enter")
        expect_some_text(page)
        assert texts(page)[0] == f"one\n{HELD}"
        page.keyboard.press("Escape")
        expect(answer(page, "stopped")).to_be_visible()
        session = page.url
        page.keyboard.press("Shift+Tab")
        for _ in range(3):
            if page.locator(".new-chat:focus-visible").count():
                break
            page.keyboard.press("Shift+Tab")
        page.keyboard.press("Enter")
        expect(page.locator("#welcome")).to_be_visible()
        assert page.url != session


class TestTheSessionInTheUrl:
    def test_survives_a_reload_in_the_middle_of_an_answer(self, page: Page, demo: Demo) -> None:
        send(page, HELD)
        expect_some_text(page)
        page.reload()
        expect_some_text(page)
        demo.go_on()
        expect(answer(page, "complete")).to_have_text(f"Answer: {HELD}")
        assert texts(page) == [HELD, f"Answer: {HELD}"]

    def test_shows_the_same_in_two_tabs(self, page: Page) -> None:
        other = page.context.new_page()
        visit(other, page.url)
        send(page, SHORT)
        for tab in (page, other):
            expect(answer(tab, "complete")).to_have_text(f"Answer: {SHORT}")
        send(other, HELD)
        expect_some_text(page)
        page.locator("#stop").click()
        for tab in (page, other):
            expect(answer(tab, "stopped")).to_be_visible()
        assert texts(page) == texts(other)

    def test_is_new_in_a_new_chat(self, page: Page) -> None:
        session = page.url
        assert re.search(r"\?session=\w{16,}$", session)
        send(page, SHORT)
        expect(answer(page, "complete")).to_be_visible()
        page.get_by_role("link", name="New chat").click()
        expect(page.locator("#welcome")).to_be_visible()
        assert page.url != session
        page.go_back()
        expect(answer(page, "complete")).to_have_text(f"Answer: {SHORT}")


class TestAServerKilledInTheMiddleOfAnAnswer:
    def test_comes_back_with_the_conversation(self, chromium: Browser, tmp_path: Path) -> None:
        database = str(tmp_path / "chat.db")
        with opened(chromium, offline=True) as page:
            with steered_demo(database) as demo:
                visit(page, demo.url)
                send(page, HELD)
                expect_some_text(page)
                demo.kill()
            seen = answer(page).text_content() or ""
            expect(page.locator("#connection")).to_have_text("Reconnecting")
            expect(page.locator("#countdown")).to_have_text(re.compile(r"in \d+ s"))
            send(page, SHORT)
            expect(page.locator('.message[data-status="waiting"] .note')).to_have_text(
                "Not sent yet: it waits for the connection"
            )
            page.screenshot(path=tmp_path / "reconnecting.png")

            with steered_demo(database, port=demo.port):
                expect_live(page)
                expect(page.locator("#problem")).to_be_hidden()
                note = page.locator('.message[data-status="interrupted"] .note')
                expect(note).to_have_text(re.compile("^Interrupted"))
                said = answer(page, "interrupted").text_content() or ""
                assert said.startswith(seen), "what was shown had been stored"
                assert f"Answer: {HELD}".startswith(said)
                expect(answer(page, "complete")).to_have_text(f"Answer: {SHORT}")
                assert texts(page) == [HELD, said, SHORT, f"Answer: {SHORT}"]
                page.screenshot(path=tmp_path / "interrupted.png")


class TestAPhone:
    @pytest.mark.parametrize("dark", [False, True])
    def test_shows_everything_without_scrolling_sideways(
        self, chromium: Browser, demo: Demo, tmp_path: Path, dark: bool
    ) -> None:
        with opened(chromium, width=360, dark=dark) as page:
            visit(page, demo.url)
            page.screenshot(path=tmp_path / "welcome.png")
            send(page, f"{'w' * 120} {SHORT}")
            expect(answer(page, "complete")).to_have_text(f"Answer: {'w' * 120} {SHORT}")
            width = page.evaluate("() => document.documentElement.scrollWidth")
            assert width == 360
            for control in ("#prompt", "#send", ".new-chat", "#connection"):
                expect(page.locator(control)).to_be_in_viewport(ratio=1)
            page.screenshot(path=tmp_path / "answered.png")


class TestASessionThatThereCantBe:
    @pytest.mark.parametrize("dark", [False, True])
    def test_is_told_at_once_and_takes_no_message(
        self, chromium: Browser, demo: Demo, tmp_path: Path, dark: bool
    ) -> None:
        with opened(chromium, width=360, dark=dark) as page:
            page.goto(f"{demo.url}?session={'x' * 513}")
            expect(page.locator("#connection")).to_have_text("Can't be opened")
            expect(page.locator("#refusal")).to_have_text(
                "The id of a session is a text of 1 to 512 valid characters."
            )
            send(page, "word" * 100)
            note = page.locator('.message[data-status="unsent"] .note')
            expect(note).to_contain_text("Not sent. The id of a session")
            assert page.evaluate("() => document.documentElement.scrollWidth") == 360
            page.screenshot(path=tmp_path / "refused.png")


class TestScrolling:
    def test_a_reader_who_scrolled_up_is_left_alone_until_they_come_back(
        self, page: Page, demo: Demo
    ) -> None:
        send(page, "line\n" * 30)
        expect(answer(page, "complete")).to_be_visible()
        page.locator("#scroller").hover()
        page.mouse.wheel(0, -100_000)
        expect(page.locator("#newest")).to_be_visible()
        demo.ask(session_of(page), SHORT)
        expect(answer(page, "complete")).to_have_text(f"Answer: {SHORT}")
        assert page.locator("#scroller").evaluate("(element) => element.scrollTop") == 0
        page.locator("#newest").click()
        expect(page.locator("#newest")).to_be_hidden()
        expect(answer(page, "complete")).to_be_in_viewport()

    def test_ones_own_message_comes_into_view(self, page: Page) -> None:
        send(page, "line\n" * 30)
        expect(answer(page, "complete")).to_be_visible()
        page.locator("#scroller").hover()
        page.mouse.wheel(0, -100_000)
        expect(page.locator("#newest")).to_be_visible()
        send(page, SHORT)
        expect(answer(page, "complete")).to_have_text(f"Answer: {SHORT}")
        expect(answer(page, "complete")).to_be_in_viewport()
