"""A question on the command line, as the process that a person starts."""

from __future__ import annotations

import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from chatdemo.__main__ import main

from tests.chatdemo.helpers import start_chatdemo

FULL = Path("/dev/full")
# At once, from the engine for tests.
PLAIN = ("--engine", "answer", "--pace", "0")


def last_event(path: Path) -> str:
    """Returns the name of the last event in a database of one session."""
    with closing(sqlite3.connect(path)) as database:
        query = "SELECT name FROM events ORDER BY ordinal DESC LIMIT 1"
        [[name]] = database.execute(query).fetchall()
        return str(name)


class TestAsk:
    def test_prints_the_answer(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["ask", "How are you?", *PLAIN]) == 0
        assert capsys.readouterr() == ("Answer: How are you?\n", "")

    def test_prints_what_the_documentation_says_unless_told_otherwise(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["ask", "What is a projection?", "--pace", "0"]) == 0
        answer, errors = capsys.readouterr()
        assert "sessionstream help sessionstream-user-guide" in answer
        assert errors == ""

    def test_tells_why_there_is_none(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["ask", "/fail", *PLAIN]) == 1
        assert capsys.readouterr() == (
            "Answer: /fail\n",
            "The echo engine was asked to fail, and did.\n",
        )

    def test_ends_when_the_store_takes_no_end_of_the_answer(
        self,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
        tmp_path: Path,
    ) -> None:
        monkeypatch.setattr("chatdemo.terminal.PAUSES", ())
        path = tmp_path / "chat.db"
        assert main(["ask", "hello", *PLAIN, "--db", str(path)]) == 0
        with closing(sqlite3.connect(path)) as database:
            database.execute(
                "CREATE TRIGGER refuse BEFORE INSERT ON events"
                " WHEN NEW.name IN ('ChatTokensDelta', 'ChatInferenceStopped')"
                " BEGIN SELECT RAISE(ABORT, 'refused'); END"
            )
        capsys.readouterr()
        assert main(["ask", "hello", *PLAIN, "--db", str(path)]) == 1
        _, err = capsys.readouterr()
        assert err.startswith("chatdemo: The store failed")
        assert err.count("\n") == 1

    def test_replaces_what_the_terminal_cant_show(self) -> None:
        latin = {"PYTHONIOENCODING": "latin-1"}
        with start_chatdemo("ask", "a\U0001f600b", "--pace", "0", env=latin) as process:
            assert process.communicate() == ("Answer: a?b\n", "")
        assert process.returncode == 0

    @pytest.mark.skipif(not FULL.exists(), reason="only Linux has a device that is always full")
    @pytest.mark.parametrize("command", [["ask", "x"], ["serve", "--memory", "--port", "0"]])
    def test_tells_that_its_output_fails(self, command: list[str]) -> None:
        with FULL.open("w") as full, start_chatdemo(*command, stdout=full.fileno()) as process:
            _, errors = process.communicate()
        assert process.returncode == 1
        assert errors.startswith("chatdemo: ")
        assert errors.count("\n") == 1

    def test_keeps_the_conversation_where_it_is_told_to(self, tmp_path: Path) -> None:
        path = tmp_path / "chat.db"
        assert main(["ask", "hello", *PLAIN, "--db", str(path)]) == 0
        with closing(sqlite3.connect(path)) as database:
            assert database.execute("SELECT count(*) FROM entities").fetchall() == [(2,)]

    def test_stops_the_answer_at_an_interrupt(self, tmp_path: Path) -> None:
        path = tmp_path / "chat.db"
        with start_chatdemo("ask", "hello " * 500, "--db", str(path)) as process:
            assert process.stdout is not None
            assert process.stdout.read(9) == "Answer: h"
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate()
        assert (process.returncode, errors) == (130, "")
        assert last_event(path) == "ChatInferenceStopped"

    def test_ends_quietly_when_nobody_reads_on(self, tmp_path: Path) -> None:
        path = tmp_path / "chat.db"
        with start_chatdemo("ask", "hello " * 500, "--pace", "0.01", "--db", str(path)) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            assert process.stdout.read(9) == "Answer: h"
            process.stdout.close()
            assert process.stderr.read() == ""
            assert process.wait() == 1
        assert last_event(path) == "ChatInferenceStopped"
