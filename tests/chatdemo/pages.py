"""The demo's page in Chromium, as a person uses it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Locator, Page, WebSocket, expect

from tests.chatdemo.steered import PAUSE

SHORT = "How are you today?"
HELD = f"A prompt whose answer is held in the middle {PAUSE} until the test lets it go on."
TIMEOUT_MS = 20_000

# Chromium's own emulation of a lost network leaves some open sockets alone. These stay deaf
# from the first cut on, as those of a network that is gone for long.
SOCKETS_THAT_GO_DEAF = """
window.cuts = 0;
window.WebSocket = class extends WebSocket {
  #born = window.cuts;
  constructor(...given) {
    super(...given);
    this.addEventListener("message", (event) => {
      if (window.cuts > this.#born) event.stopImmediatePropagation();
    });
  }
  send(data) {
    if (window.cuts === this.#born) super.send(data);
  }
};
"""

expect.set_options(timeout=TIMEOUT_MS)


@contextmanager
def opened(
    chromium: Browser, *, width: int = 1280, dark: bool = False, offline: bool = False
) -> Iterator[Page]:
    """Gives out an empty tab of a new person; fails at any error on its console.

    With ``offline`` those are allowed that tell of a server which is not there, and
    of attempts to reach it that were given up.
    """
    context = chromium.new_context(
        viewport={"width": width, "height": 740}, color_scheme="dark" if dark else "light"
    )
    context.set_default_timeout(TIMEOUT_MS)
    complaints: list[str] = []
    context.on(
        "console",
        lambda entry: complaints.append(entry.text) if entry.type in ("error", "warning") else None,
    )
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    try:
        if offline:
            context.add_init_script(SOCKETS_THAT_GO_DEAF)
        yield context.new_page()
    finally:
        context.close()
    if offline:
        expected = ("ERR_", "closed before the connection is established")
        complaints = [text for text in complaints if not any(one in text for one in expected)]
    assert not complaints


def visit(page: Page, url: str) -> None:
    page.goto(url)
    expect_live(page)


def expect_live(page: Page) -> None:
    expect(page.locator("#connection")).to_have_text("Live")


def cut_off(page: Page) -> None:
    """Cuts a page's sockets, opened with ``offline``; the browser notices nothing."""
    page.evaluate("() => { window.cuts++; }")


def go_offline(page: Page) -> None:
    """Cuts a page, opened with ``offline``, off from the network; returns when it says so."""
    cut_off(page)
    page.context.set_offline(True)
    expect(page.locator("#connection")).to_have_text("Offline, trying again")


def go_online(page: Page) -> None:
    """Gives it the network back."""
    page.context.set_offline(False)


def send(page: Page, prompt: str) -> None:
    page.locator("#prompt").fill(prompt)
    page.keyboard.press("Enter")


def answer(page: Page, status: str = "streaming") -> Locator:
    """The text of the last answer, which is in this status."""
    return page.locator(f'.message[data-role="assistant"][data-status="{status}"] .text').last


def expect_some_text(page: Page) -> None:
    """Waits for an answer to `HELD`, which stays where it is."""
    expect(answer(page)).to_have_text(re.compile("^Answer: .{10}", re.DOTALL))


def session_of(page: Page) -> str:
    return page.url.partition("?session=")[2]


def texts(page: Page) -> list[str]:
    return page.locator(".message .text").all_text_contents()


def outcomes(page: Page) -> list[str]:
    """Returns a list that grows by what the server sends the page before each live part."""
    found: list[str] = []

    def received(data: str | bytes) -> None:
        subscribed = json.loads(data).get("subscribed")
        if subscribed is not None:
            found.append(subscribed["outcome"])

    def opened(socket: WebSocket) -> None:
        socket.on("framereceived", received)

    page.on("websocket", opened)
    return found
