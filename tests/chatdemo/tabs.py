"""Tabs that Playwright does not hold: those it holds are always visible, and never freeze."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, CDPSession, Page

_POLL_MS = 20


class Tab:
    """A tab that is driven by messages of the DevTools protocol; times are in milliseconds."""

    def __init__(self, devtools: CDPSession, clock: Page, url: str) -> None:
        self._devtools = devtools
        self._clock = clock
        self._numbers = itertools.count(1)
        self._answers: dict[int, dict[str, dict[str, object]]] = {}
        devtools.on("Target.receivedMessageFromTarget", self._receive)
        self._id = devtools.send("Target.createTarget", {"url": url})["targetId"]
        attach = {"targetId": self._id, "flatten": False}
        self._session = devtools.send("Target.attachToTarget", attach)["sessionId"]

    def evaluate(self, expression: str) -> object:
        """Returns the value of an expression in the page."""
        answer = self._call("Runtime.evaluate", expression=expression, returnByValue=True)
        result = answer["result"]
        assert isinstance(result, dict)
        return result.get("value")

    def wait_for(self, expression: str) -> None:
        """Returns when the expression is true; the test's own timeout ends it."""
        while self.evaluate(expression) is not True:
            self._clock.wait_for_timeout(_POLL_MS)

    def freeze(self) -> None:
        """Puts another tab in front, and this one to sleep."""
        self._devtools.send("Target.createTarget", {"url": "about:blank"})
        self.wait_for("document.hidden")
        self._call("Page.setWebLifecycleState", state="frozen")

    def wake(self) -> None:
        """Lets it go on, in front."""
        self._call("Page.setWebLifecycleState", state="active")
        self._devtools.send("Target.activateTarget", {"targetId": self._id})

    def _call(self, method: str, **parameters: object) -> dict[str, object]:
        number = next(self._numbers)
        message = json.dumps({"id": number, "method": method, "params": parameters})
        sent = {"sessionId": self._session, "message": message}
        self._devtools.send("Target.sendMessageToTarget", sent)
        while number not in self._answers:
            self._clock.wait_for_timeout(_POLL_MS)
        return self._answers.pop(number)["result"]

    def _receive(self, event: dict[str, str]) -> None:
        answer = json.loads(event["message"])
        if "id" in answer:
            self._answers[answer["id"]] = answer


@contextmanager
def bare_tab(chromium: Browser, url: str) -> Iterator[Tab]:
    """Gives out a tab of the browser's own profile, in a window with other tabs."""
    devtools, context = chromium.new_browser_cdp_session(), chromium.new_context()
    try:
        yield Tab(devtools, context.new_page(), url)
    finally:
        context.close()
        devtools.detach()
