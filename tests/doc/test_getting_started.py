"""The tutorial, followed literally: with the wheel, in an empty folder, in a browser.

`make build` runs this module; it installs with pip.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from sessionstream.doc import entries
from tests.chromium import launched
from tests.doc.terminal import Terminal, of_a_reader
from tests.doc.walkthrough import Step, insert_after, lines, replace_method, steps
from tests.test_new_project import add, port, wheel

__all__ = ["port", "wheel"]

pytestmark = [pytest.mark.packaging, pytest.mark.timeout(900)]

expect.set_options(timeout=30_000)

[PAGE] = [each.text for each in entries() if each.slug == "sessionstream-getting-started"]


class Reader:
    """Does what the page says, step by step, in a terminal and in two windows."""

    def __init__(self, terminal: Terminal, browser: Browser) -> None:
        self._terminal = terminal
        self._browser = browser
        self._windows: list[Page] = []
        self._doing: dict[str, Callable[[Step], None]] = {
            "open two windows": self._open_two_windows,
            "add": self._add,
            "add while away": self._add_while_away,
            "rename": self._rename,
            "reload": self._reload,
            "see": self._see,
            "stop": self._stop,
        }
        self.done: set[str] = set()

    def follow(self, step: Step) -> None:
        """Does one step; fails where what follows is not what the page says."""
        match step.verb:
            case "console":
                for line in lines(step.text):
                    self._terminal.type(line)
            case "shown":
                assert step.text in self._file(step).read_text(encoding="utf-8")
            case "append":
                with self._file(step).open("a", encoding="utf-8") as file:
                    file.write(step.text)
            case "method":
                replace_method(self._file(step), step.text)
            case "after that line":
                [after] = [span for span in _spans(step.above) if span.endswith(";")]
                insert_after(self._file(step), after, step.text)
            case "do":
                self._doing[step.argument](step)
                self.done.add(step.argument)
            case _:
                pytest.fail(f"nobody knows how to {step.verb!r}")

    @property
    def unused(self) -> set[str]:
        """What could have been done, and no step has asked for."""
        return self._doing.keys() - self.done

    def _file(self, step: Step) -> Path:
        path = self._terminal.folder / step.argument
        assert f"`{step.argument}`" in step.above, f"the reader is not told of {step.argument}"
        return path

    def _stop(self, step: Step) -> None:
        assert "Ctrl-C" in step.text
        self._terminal.stop()

    # -- the browser -----------------------------------------------------------

    def _open_two_windows(self, step: Step) -> None:
        for width in (1000, 360):
            context = self._browser.new_context(viewport={"width": width, "height": 740})
            self._windows.append(context.new_page())
            self._windows[-1].goto(step.spans[0])
            expect(self._windows[-1].locator("#connection")).to_have_text("Live")

    def _add(self, step: Step) -> None:
        add(self._windows[0], step.spans[0])
        for window in self._windows:
            expect(window.locator("#items .text").last).to_have_text(step.spans[0])

    def _add_while_away(self, step: Step) -> None:
        state, text, waiting = step.spans
        expect(self._windows[0].locator("#connection")).to_have_text(state)
        add(self._windows[0], text)
        expect(self._windows[0].locator("#waiting")).to_have_text(waiting)

    def _rename(self, step: Step) -> None:
        old, new = step.spans
        window = self._windows[0]
        window.once("dialog", lambda dialog: dialog.accept(new))
        window.get_by_text(old, exact=True).click(button="right")
        for each in self._windows:
            expect(each.locator("#items .text").first).to_have_text(new)
            expect(each.locator(".pending")).to_have_count(0)

    def _reload(self, step: Step) -> None:
        for window in self._windows:
            window.reload()
        self._see(step)

    def _see(self, step: Step) -> None:
        for window in self._windows:
            expect(window.locator("#connection")).to_have_text("Live")
            expect(window.locator("#items .text")).to_have_text(step.spans)
            expect(window.locator(".pending")).to_have_count(0)


def _spans(text: str) -> list[str]:
    return Step("", "", text).spans


@pytest.fixture
def reader(tmp_path: Path, wheel: Path, port: int) -> Iterator[Reader]:
    folder = tmp_path / "empty"
    folder.mkdir()
    environment = of_a_reader(tmp_path, wheel) | {"PORT": str(port)}
    with launched() as browser, closing(Terminal(folder, environment)) as terminal:
        yield Reader(terminal, browser)


def test_the_tutorial_does_what_it_says(reader: Reader, port: int) -> None:
    for step in steps(PAGE.replace(":8000/", f":{port}/")):
        reader.follow(step)
    assert not reader.unused
