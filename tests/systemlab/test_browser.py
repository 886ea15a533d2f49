"""The lab in Chromium: every page as a visitor would do it, green and then red."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.chromium import launched


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    command = (sys.executable, "-m", "systemlab", "serve", "--addr", ":0")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ) as lab:
        assert lab.stdout is not None
        yield lab.stdout.readline().rpartition(" ")[2].strip()
        lab.terminate()
        assert lab.wait(30) == 0


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    page = chromium.new_page(viewport={"width": 1000, "height": 900})
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    assert not said, "the console is empty at the end"


def expect_checks(page: Page, *, broken: int) -> None:
    """Every check has seen something, and so many are broken."""
    expect(page.locator("#checks .broken")).to_have_count(broken)
    expect(page.locator("#checks .open")).to_have_count(0)
    expect(page.locator("#checks li").first).to_be_visible()


def expect_narrow(page: Page) -> None:
    """Nothing of it is wider than a telephone."""
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.set_viewport_size({"width": 1000, "height": 900})


def break_it(page: Page, fault: str) -> None:
    page.get_by_label("What is broken").select_option(fault)
    expect(page.locator("#broken")).not_to_have_text("Nothing is broken.")
    expect(page.locator("#fault")).not_to_have_attribute("aria-disabled", "true")


def press(page: Page, name: str, within: str = "Exercise") -> None:
    region = page.get_by_label(within, exact=True)
    control = region.get_by_role("button", name=name, exact=True)
    control.click()
    expect(control).not_to_have_attribute("aria-disabled", "true")


def test_a_visitor_goes_through_the_lab_by_keyboard_then_breaks_page_1(
    page: Page, url: str
) -> None:
    page.goto(url)
    expect(page.get_by_role("heading", name="What this lab is for")).to_be_visible()
    expect_narrow(page)
    page.get_by_role("link", name="1 Command to projection").first.press("Enter")
    expect(page.get_by_label("Timeline")).to_be_visible()
    page.keyboard.press("Tab")  # the link that skips to the exercise
    page.keyboard.press("Enter")
    for key in ("Tab", "Tab", "Tab", "Enter"):  # command, note, text
        page.keyboard.press(key)
    expect_checks(page, broken=0)
    expect(page.locator("#trace")).to_contain_text("event committed LabNoteAdded")
    expect_narrow(page)
    break_it(page, "forgotten-edits")
    press(page, "Submit")
    page.locator("#exercise select").select_option("edit")
    page.get_by_label("Text").fill("Buy bread")
    press(page, "Submit")
    expect_checks(page, broken=1)


def test_page_2_holds_its_order_and_shows_a_hole(page: Page, url: str) -> None:
    page.goto(f"{url}ordering")
    press(page, "Publish into both sessions")
    press(page, "Restart the runtime")
    expect_checks(page, broken=0)
    expect_narrow(page)
    break_it(page, "deleted-row")
    press(page, "Publish into both sessions")
    press(page, "Restart the runtime")
    expect_checks(page, broken=2)


def test_page_3_has_clients_that_converge_and_a_page_that_repeats(page: Page, url: str) -> None:
    page.goto(f"{url}reconnect")
    for fault, broken in (("none", 0), ("lossy-network", 0), ("applied-twice", 2)):
        if fault != "none":
            break_it(page, fault)
        for client in ("Client A", "Client B"):
            press(page, "Connect", client)
            press(page, "Subscribe", client)
        press(page, "Publish")
        press(page, "Disconnect", "Client A")
        press(page, "Stall", "Client B")
        press(page, "Publish")
        press(page, "Resume", "Client A")
        press(page, "Go on", "Client B")
        press(page, "Check now")
        expect_checks(page, broken=broken)
        expect(page.get_by_label("Client A", exact=True)).to_contain_text("RESUMED")
    expect_narrow(page)


def test_page_4_stops_an_answer_and_shows_a_page_that_forgets(page: Page, url: str) -> None:
    page.goto(f"{url}chat")
    expect(page.get_by_text("The connection is live.")).to_be_visible()
    said = page.get_by_label("Messages").locator("li")
    press(page, "Send")
    expect(said.last).to_contain_text("Answer", timeout=10_000)
    press(page, "Stop the answer")
    expect(said.last).to_contain_text("(stopped)")
    expect_checks(page, broken=0)
    expect_narrow(page)
    break_it(page, "dropped-chunks")
    press(page, "Send")
    expect(said.last).to_contain_text("assistant (complete)", timeout=10_000)
    expect(page.locator("#checks .broken")).to_have_count(1)


def test_page_5_kills_both_processes(page: Page, url: str) -> None:
    page.goto(f"{url}restart")
    for fault, broken in (("none", 0), ("early-answers", 1)):
        if fault != "none":
            break_it(page, fault)
        press(page, "Publish")
        press(page, "Kill both (SIGKILL)")
        expect(page.get_by_text("ended, status -9")).to_have_count(2)
        press(page, "Start both again")
        expect_checks(page, broken=broken)
    expect_narrow(page)


def test_page_6_holds_the_promises_and_shows_a_queue_without_bounds(page: Page, url: str) -> None:
    page.goto(f"{url}faults")
    press(page, "Run all")
    expect_checks(page, broken=0)
    expect_narrow(page)
    break_it(page, "unbounded-queue")
    press(page, "A client that does not read")
    expect_checks(page, broken=1)


def test_a_page_says_that_the_lab_is_away_until_it_is_back(chromium: Browser, url: str) -> None:
    page = chromium.new_page()
    page.goto(f"{url}projection")
    expect(page.locator("#checks li").first).to_be_visible()
    page.route("**/trace*", lambda route: route.abort())
    expect(page.get_by_text("The lab can't be reached. Is it still running?")).to_be_visible()
    page.unroute("**/trace*")
    expect(page.locator("#error")).to_be_hidden()
    page.close()
