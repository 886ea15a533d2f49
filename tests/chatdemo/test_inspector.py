"""The inspector in Chromium, mounted in the chat: a session, live records, who watches."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.chatdemo.helpers import Demo, running_demo


@pytest.fixture
def inspected() -> Iterator[Demo]:
    with running_demo("--memory", "--inspector") as demo:
        yield demo


@pytest.fixture
def page(chromium: Browser, inspected: Demo) -> Iterator[Page]:
    """Is closed before the server ends, which it would ask for news."""
    page = chromium.new_page(viewport={"width": 1000, "height": 740})
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    page.close()
    assert not said, "the console is empty at the end"


def test_an_operator_sees_what_the_chat_does(page: Page, inspected: Demo) -> None:
    url = f"{inspected.url}inspector/"
    page.goto(url)
    expect(page.get_by_text("There is no session yet.")).to_be_visible()
    page.get_by_role("link", name="Records").press("Enter")
    expect(page.get_by_role("link", name="Records")).to_have_attribute("aria-current", "page")
    with inspected.watch("a <b>session</b>"):
        inspected.ask("a <b>session</b>", "hello")
        committed = page.get_by_role("row").filter(has_text="ChatInferenceFinished")
        expect(committed.first).to_contain_text("event_committed")
        page.get_by_role("link", name="Connections").click()
        watching = page.get_by_role("row").filter(has_text="a <b>session</b>")
        expect(watching).to_contain_text("live")
        expect(watching).to_contain_text("version 1")
        page.set_viewport_size({"width": 360, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        page.set_viewport_size({"width": 1000, "height": 740})
    expect(page.get_by_text("Nobody is connected.")).to_be_visible()
    page.get_by_role("link", name="Sessions").click()
    page.get_by_role("link", name="a <b>session</b>").click()
    expect(page.get_by_role("heading", name="Entities (2)")).to_be_visible()
    expect(page.get_by_text("Answer: hello").first).to_be_visible()
    page.get_by_role("link", name="Errors").click()
    expect(page.get_by_text("No error is open.")).to_be_visible()


def test_records_of_one_session_and_a_pause(page: Page, inspected: Demo) -> None:
    inspected.ask("a", "hello")
    page.goto(f"{inspected.url}inspector/#records")
    finished = page.get_by_role("row").filter(has_text="ChatInferenceFinished")
    expect(finished.get_by_role("link", name="a", exact=True).first).to_be_visible()
    page.get_by_label("Only this session").fill("b")
    page.get_by_label("Only this session").press("Enter")  # while the page waits for news
    expect(page.get_by_text("Nothing has happened yet.")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    known = page.request.get(f"{inspected.url}inspector/api/records").json()["newest"]
    inspected.ask("b", "hello")
    inspected.ask("a", "again")
    page.wait_for_function(
        """known => performance.getEntriesByType("resource").some((each) =>
            Number(new URL(each.name).searchParams.get("after")) >= known)""",
        arg=known,
    )
    expect(page.get_by_text("Nothing has happened yet.")).to_be_visible()
    page.get_by_role("button", name="Go on").click()
    expect(finished.get_by_role("link", name="b", exact=True).first).to_be_visible()
    expect(finished.get_by_role("link", name="a", exact=True)).to_have_count(0)


def test_records_of_one_kind(page: Page, inspected: Demo) -> None:
    inspected.ask("a", "hello")
    page.goto(f"{inspected.url}inspector/#records")
    rows = page.locator("tbody tr")
    committed = rows.filter(has_text="event_committed")
    expect(committed.filter(has_text="ChatInferenceFinished")).to_be_visible()
    assert rows.count() > committed.count()
    page.get_by_label("Show").select_option("event_committed")
    expect(rows.filter(has_not_text="event_committed")).to_have_count(0)
    before = committed.count()
    assert before
    inspected.ask("b", "hello")  # what comes is judged as what was there
    expect(committed.filter(has_text="ChatInferenceFinished")).to_have_count(2)
    assert rows.count() == committed.count() > before
    page.get_by_label("Show").select_option("everything")
    expect(rows.filter(has_not_text="event_committed")).not_to_have_count(0)


def test_without_the_option_there_is_none() -> None:
    with running_demo("--memory") as demo:
        assert demo.status("/inspector/", ("Host", "localhost")) == 404
