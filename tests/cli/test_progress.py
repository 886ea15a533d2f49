from __future__ import annotations

import threading

import pytest

from sessionstream.cli import progress
from sessionstream.cli.progress import Progress, waiting


def on_a_terminal(patch: pytest.MonkeyPatch) -> None:
    """Lets stderr be one, and every moment be long enough."""
    patch.setattr("sys.stderr.isatty", lambda: True)
    patch.setattr(progress, "_PATIENCE", 0.0)


class TestOnATerminal:
    def test_a_line_is_written_over_and_removed_at_the_end(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        on_a_terminal(monkeypatch)
        with Progress() as shown:
            shown.show("10 of 20")
            shown.show("20")
        assert capsys.readouterr().err == "\r10 of 20\r20      \r  \r"

    def test_what_takes_long_is_said_meanwhile(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        on_a_terminal(monkeypatch)
        said = threading.Event()
        show = Progress.show

        def shows(self: Progress, text: str) -> None:
            show(self, text)
            said.set()

        monkeypatch.setattr(Progress, "show", shows)
        with waiting("generating"):
            assert said.wait(30)
        assert capsys.readouterr().err == "\rgenerating\r          \r"


class TestElsewhere:
    def test_nothing_is_written(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(progress, "_PATIENCE", 0.0)
        with Progress() as shown:
            shown.show("10 of 20")
        assert capsys.readouterr().err == ""
