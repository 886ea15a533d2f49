from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from sessionstream import SchemaRegistry, StoreError, cli
from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.inspecting.file import reading
from sessionstream.inspecting.following import follow
from sessionstream.inspecting.listings import Listings
from sessionstream.inspecting.payloads import PayloadTexts
from sessionstream.testing.stores.samples import failure, notes_commit, sample_registry
from tests.inspecting.conftest import Rows

SCHEMA = ("--schema", "tests.inspecting.notes_app")
INSPECT = [sys.executable, "-m", "sessionstream.cli", "inspect"]


class TestListings:
    def test_events_are_listed_in_order_above_an_ordinal_with_their_bytes(
        self, store_file: Path, rows: Rows
    ) -> None:
        found = rows(store_file, "events", "s", "--after", "1", "--limit", "2")
        assert [row["ordinal"] for row in found] == [2, 3]
        assert found[0]["type"] == "google.protobuf.StringValue"
        assert found[0]["base64"] == "CgZ0ZXh0IDI="

    @pytest.mark.parametrize("what", ["events", "timeline", "ui"])
    def test_with_its_schema_a_payload_is_shown_as_json(
        self, what: str, store_file: Path, rows: Rows
    ) -> None:
        assert [row["payload"] for row in rows(store_file, what, "t", *SCHEMA)] == [
            "text 1",
            "text 2",
        ]

    def test_sessions_have_their_cursors_and_counts(self, store_file: Path, rows: Rows) -> None:
        first, second = rows(store_file, "sessions")
        counted = ("session", "head", "ui", "timeline", "entities", "ui_batches", "errors")
        assert [first[name] for name in counted] == ["s", 4, 4, 4, 4, 4, 0]
        assert [second[name] for name in counted] == ["t", 2, 2, 2, 2, 2, 0]

    def test_cursors_say_which_projections_made_the_timeline(
        self, store_file: Path, rows: Rows
    ) -> None:
        [row] = rows(store_file, "cursors", "t")
        assert "_noted" in str(row["projections"])

    def test_entities_that_are_behind_the_log_are_said_to_be(
        self, held_back: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert cli.main(["inspect", str(held_back), "timeline", "s"]) == 0
        assert "stored as of event 2 of 4" in capsys.readouterr().err

    def test_entities_that_are_where_the_log_is_need_no_word(
        self, store_file: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert cli.main(["inspect", str(store_file), "timeline", "s"]) == 0
        assert capsys.readouterr().err == ""

    @pytest.mark.parametrize(
        "arguments", [["--json"], ["sessions", "--json"], ["--json", "sessions"]]
    )
    def test_the_form_is_taken_before_the_action_and_without_one(
        self, arguments: list[str], store_file: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert cli.main(["inspect", str(store_file), *arguments]) == 0
        found = [json.loads(line)["session"] for line in capsys.readouterr().out.splitlines()]
        assert found == ["s", "t"]

    def test_without_an_action_a_table_of_the_sessions_is_shown(
        self, store_file: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert cli.main(["inspect", str(store_file)]) == 0
        head, *sessions = capsys.readouterr().out.splitlines()
        assert head.split()[:3] == ["SESSION", "HEAD", "UI"]
        assert [line.split()[:3] for line in sessions] == [["s", "4", "4"], ["t", "2", "2"]]

    async def test_errors_are_listed_by_session_and_source(
        self, held_back: Path, rows: Rows
    ) -> None:
        [row] = rows(held_back, "errors")
        assert (row["source"], row["ordinal"], row["message"]) == ("timeline", 3, "refuses text 3")
        assert rows(held_back, "errors", "s", "--source", "timeline") == [row]
        assert rows(held_back, "errors", "--source", "ui") == []

    async def test_what_could_steer_a_terminal_is_escaped(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = tmp_path / "a.db"
        async with SQLiteStore.open(path, sample_registry()) as store:
            record = failure("s", 1, message="\x1b[2J\nnext line")
            await store.commit([notes_commit("s", 1, errors=[record])])
        assert cli.main(["inspect", str(path), "errors"]) == 0
        _, line = capsys.readouterr().out.splitlines()
        assert "\\x1b[2J\\nnext line" in line

    async def test_what_an_open_store_has_committed_is_seen(
        self, tmp_path: Path, rows: Rows
    ) -> None:
        path = tmp_path / "a.db"
        async with SQLiteStore.open(path, sample_registry()) as store:
            for ordinal in (1, 2):
                await store.commit([notes_commit("s", ordinal)])
                assert rows(path, "cursors", "s")[0]["head"] == ordinal

    def test_nothing_is_left_beside_a_file_that_nobody_has_open(
        self, store_file: Path, rows: Rows
    ) -> None:
        before = {path: path.read_bytes() for path in store_file.parent.iterdir()}
        rows(store_file, "events", "s")
        rows(store_file, "verify")
        assert {path: path.read_bytes() for path in store_file.parent.iterdir()} == before


class TestFollowing:
    async def test_it_goes_on_with_what_is_committed(self, tmp_path: Path) -> None:
        path = tmp_path / "a.db"
        async with SQLiteStore.open(path, sample_registry()) as store:
            await store.commit([notes_commit("s", 1, 3)])
            with reading(path, one_moment=False) as db:
                listings = Listings(db, PayloadTexts(SchemaRegistry()))
                rows = follow(db, listings, "s", lambda *page: listings.events("s", *page), 1)
                assert [row and row["ordinal"] for row in (next(rows), next(rows))] == [2, 3]
                assert next(rows) is None
                await store.commit([notes_commit("s", 4)])
                found = next(rows)
                assert found is not None
                assert found["ordinal"] == 4

    async def test_a_session_that_is_deleted_ends_it(self, tmp_path: Path) -> None:
        path = tmp_path / "a.db"
        async with SQLiteStore.open(path, sample_registry()) as store:
            await store.commit([notes_commit("s", 1)])
            with reading(path, one_moment=False) as db:
                listings = Listings(db, PayloadTexts(SchemaRegistry()))
                rows = follow(db, listings, "s", lambda *page: listings.events("s", *page), 0)
                assert next(rows) is not None
                await store.delete_session("s")
                await store.commit([notes_commit("s", 1, 2)])
                with pytest.raises(StoreError, match="deleted meanwhile"):
                    next(rows)

    def test_a_file_that_another_takes_the_place_of_ends_it(
        self, store_file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        backup = shutil.copy(store_file, store_file.with_name("backup"))
        monkeypatch.setattr("time.sleep", lambda _: os.replace(backup, store_file))
        assert cli.main(["inspect", str(store_file), "events", "t", "--follow"]) == 1
        told = capsys.readouterr()
        assert len(told.out.splitlines()) == 2
        assert "moved or replaced meanwhile" in told.err

    @pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
    def test_a_signal_ends_it_without_a_word_and_leaves_nothing_behind(
        self, number: signal.Signals, status: int, store_file: Path
    ) -> None:
        before = {path.name for path in store_file.parent.iterdir()}
        # A suite that a script runs in the background ignores SIGINT, and so would its children.
        run = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler);"
        run += "from sessionstream import cli; sys.exit(cli.main())"
        command = [sys.executable, "-c", run, "inspect", str(store_file), "events", "t", "--follow"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            shown = [process.stdout.readline() for _ in range(2)]
            process.send_signal(number)
            assert process.wait(30) == status
            assert process.stderr.read() == b""
        assert [line.split()[0] for line in shown] == [b"1", b"2"]
        assert {path.name for path in store_file.parent.iterdir()} == before


class TestAccess:
    """root may do all of it, so the system's answer is made up."""

    def test_a_file_that_may_only_be_read_gets_nothing_beside_it(
        self, store_file: Path, rows: Rows, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = {path.name for path in store_file.parent.iterdir()}
        store_file.chmod(0o444)
        monkeypatch.setattr("os.access", lambda path, mode: mode == os.R_OK)
        assert len(rows(store_file, "sessions")) == 2
        assert {path.name for path in store_file.parent.iterdir()} == before

    def test_a_file_that_may_not_be_read_is_told(
        self, store_file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("os.access", lambda path, mode: False)
        assert cli.main(["inspect", str(store_file)]) == 1
        assert "can't be read" in capsys.readouterr().err


class TestMistakes:
    def test_a_missing_file_is_told_and_not_made(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert cli.main(["inspect", str(tmp_path / "a.db"), "sessions"]) == 1
        assert capsys.readouterr().err.count("\n") == 1
        assert list(tmp_path.iterdir()) == []

    def test_an_older_format_is_told_and_not_migrated(
        self, store_file: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with closing(sqlite3.connect(store_file)) as db:
            db.execute("PRAGMA user_version = 4")
        before = store_file.read_bytes()
        assert cli.main(["inspect", str(store_file), "sessions"]) == 1
        assert "format 4" in capsys.readouterr().err
        assert store_file.read_bytes() == before

    @pytest.mark.parametrize("what", ["events", "timeline", "ui", "commands", "cursors", "errors"])
    def test_an_unknown_session_is_told(
        self, what: str, store_file: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert cli.main(["inspect", str(store_file), what, "u"]) == 1
        assert "has no session 'u'" in capsys.readouterr().err

    @pytest.mark.parametrize(
        ("schema", "told"),
        [
            ("nowhere", "--schema nowhere: ModuleNotFoundError"),
            ("json", "--schema json: it has no function 'register_schemas'"),
        ],
    )
    def test_a_schema_that_is_none_is_told(
        self, schema: str, told: str, store_file: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert cli.main(["inspect", str(store_file), "events", "s", "--schema", schema]) == 1
        assert told in capsys.readouterr().err

    @pytest.mark.parametrize(
        "arguments",
        [("--after", "-1"), ("--after", "9" * 30), ("--limit", "x"), ("--follow", "--limit", "2")],
    )
    def test_numbers_that_are_none_are_a_mistake_of_usage(
        self, arguments: tuple[str, ...], store_file: Path
    ) -> None:
        with pytest.raises(SystemExit) as ended:
            cli.main(["inspect", str(store_file), "events", "s", *arguments])
        assert ended.value.code == 2

    def test_a_reader_that_has_enough_is_no_error(self, store_file: Path) -> None:
        reads, writes = os.pipe()
        os.close(reads)
        command = [*INSPECT, str(store_file), "events", "s"]
        ended = subprocess.run(command, stdout=writes, stderr=subprocess.PIPE, check=False)
        os.close(writes)
        assert (ended.returncode, ended.stderr) == (0, b"")
