from __future__ import annotations

import asyncio
import io
import json
import sqlite3
from contextlib import closing, redirect_stdout, suppress
from pathlib import Path

import pytest

from sessionstream import cli
from sessionstream.inspecting.exporting import TABLES
from tests.inspecting.conftest import Damage, Rows, full_store

APP = ("--app", "tests.inspecting.notes_app:install")

# What a damaged row may hold, by the type of its column.
ODD = {
    "INTEGER": ("-1", "0", "7", "9223372036854775807"),
    "REAL": ("-1.0", "9e999"),
    "TEXT": ("''", "'[[['", "CAST(x'ff' AS TEXT)", "char(0, 27)"),
    "BLOB": ("x''", "x'ff'"),
}


def _violated(found: list[dict[str, object]]) -> list[str]:
    return [str(row["violations"]) for row in found if row["holds"] is False]


class TestTheFile:
    def test_a_store_that_nobody_damaged_keeps_its_promises(
        self, store_file: Path, rows: Rows
    ) -> None:
        found = rows(store_file, "verify")
        assert _violated(found) == []
        looked_at = {row["looked_at"] for row in found}
        assert {"6 events", "6 entities", "6 UI events", "6 batches", "2 sessions"} <= looked_at

    async def test_so_does_one_that_has_all_that_a_file_can_have(
        self, tmp_path: Path, rows: Rows
    ) -> None:
        path = await full_store(tmp_path / "full.db")
        assert _violated(await asyncio.to_thread(rows, path, "verify")) == []

    def test_what_can_not_be_checked_is_open(self, store_file: Path, rows: Rows) -> None:
        found = rows(store_file, "verify")
        assert [row["promise"] for row in found if row["holds"] is None] == ["P6", "P2"]

    @pytest.mark.parametrize(
        ("statement", "told"),
        [
            ("DELETE FROM events WHERE ordinal = 3", "3 events above ordinal 0"),
            ("UPDATE sessions SET ui_cursor = 9 WHERE session_id = 's'", "ui 9, timeline 4"),
            ("UPDATE sessions SET shown = 2 WHERE session_id = 's'", "shown up to 2"),
            ("UPDATE entities SET last_event_ordinal = 9 WHERE id = 'n4'", "Note n4: ordinals"),
            ("UPDATE ui_events SET batch_size = 2 WHERE ordinal = 4", "event 4: 1 of 2"),
            (
                "UPDATE ui_events SET previous_ordinal = 1 WHERE ordinal = 4",
                "follows 3, and names 1",
            ),
            ("DELETE FROM ui_events WHERE ordinal = 4", "shown up to 4"),
            (
                "UPDATE sessions SET ui_cursor = 3, shown = 3 WHERE session_id = 's'",
                "no record says",
            ),
            ("UPDATE ui_events SET previous_ordinal = 1 WHERE ordinal = 1", "follows none"),
            ("UPDATE sessions SET projections = '[[[' WHERE session_id = 's'", "no JSON array"),
            ("UPDATE sessions SET projections = '{}' WHERE session_id = 's'", "no JSON array"),
            ("UPDATE events SET name = CAST(x'ff' AS TEXT) WHERE ordinal = 4", "events has a text"),
            (
                "INSERT INTO errors VALUES (1, 'bogus', 1, 'x', 'E', 'm', 1, 1, NULL)",
                "an error of event 1 has the source bogus",
            ),
            (
                "INSERT INTO commands VALUES (1, 'c', 'n', 'bogus', 1, 1, '', '', 1, '')",
                "command c has the status bogus",
            ),
            (
                "INSERT INTO base_entities SELECT * FROM entities WHERE id = 'n4'",
                "with the log beginning after 0",
            ),
        ],
    )
    def test_each_damage_is_told_with_its_session(
        self, statement: str, told: str, store_file: Path, damage: Damage, rows: Rows
    ) -> None:
        damage(statement)
        found = _violated(rows(store_file, "verify", status=1))
        assert any(told in each and "'session': 's'" in each for each in found), found

    @pytest.mark.parametrize("session_id", ["''", "CAST(x'ff' AS TEXT)"])
    def test_an_id_that_is_none_is_told(
        self, session_id: str, store_file: Path, damage: Damage, rows: Rows
    ) -> None:
        damage(f"UPDATE sessions SET session_id = {session_id} WHERE session_id = 's'")
        assert any(
            "its id is none" in each for each in _violated(rows(store_file, "verify", status=1))
        )

    def test_a_page_that_is_damaged_is_told_and_ends_no_other_check(
        self, store_file: Path, rows: Rows
    ) -> None:
        size = store_file.stat().st_size
        whole = len(rows(store_file, "verify"))
        for page in range(2, size // 4096):  # the first one names the tables
            with store_file.open("r+b") as file:
                file.seek(page * 4096)
                kept = file.read(4096)
                file.seek(page * 4096)
                file.write(b"\xa5" * 4096)
            found = rows(store_file, "verify", status=1)
            assert len(found) == whole
            assert found[0]["holds"] is False, page
            with store_file.open("r+b") as file:
                file.seek(page * 4096)
                file.write(kept)

    def test_a_table_that_lacks_a_column_is_told(
        self, store_file: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with closing(sqlite3.connect(store_file)) as db:
            db.execute("ALTER TABLE events RENAME COLUMN name TO nom")
        for action in (["verify"], ["export", "s"], ["events", "s"]):
            assert cli.main(["inspect", str(store_file), *action]) == 1
            assert "the table events has no column 'name'" in capsys.readouterr().err

    @pytest.mark.parametrize("table", ["sessions", *TABLES.values()])
    async def test_whatever_a_row_holds_the_checks_are_made(
        self, table: str, tmp_path: Path, rows: Rows
    ) -> None:
        path = await full_store(tmp_path / "full.db")
        original = path.read_bytes()
        number = len(await asyncio.to_thread(rows, path, "verify", *APP, status=1))
        with closing(sqlite3.connect(path)) as db:
            columns = [
                (name, kind) for _, name, kind, *_ in db.execute(f"PRAGMA table_info({table})")
            ]
        for column, kind in columns:
            for value in ODD[kind]:
                with closing(sqlite3.connect(path)) as db, db, suppress(sqlite3.IntegrityError):
                    db.execute("PRAGMA ignore_check_constraints = ON")
                    assert db.execute(f"UPDATE {table} SET {column} = {value}").rowcount > 0
                arguments = ["inspect", str(path), "verify", "--json", *APP]
                with redirect_stdout(io.StringIO()) as out:
                    assert await asyncio.to_thread(cli.main, arguments) in (0, 1)
                found = [json.loads(line) for line in out.getvalue().splitlines()]
                assert len(found) == number, (column, value)
                assert all(each["wrong"] for row in found for each in row["violations"])
                path.write_bytes(original)

    def test_rows_that_belong_to_no_session_are_told(
        self, store_file: Path, damage: Damage, capsys: pytest.CaptureFixture[str]
    ) -> None:
        damage("UPDATE ui_events SET session_key = 7 WHERE ordinal = 3")
        assert cli.main(["inspect", str(store_file), "verify"]) == 1
        assert "a row of ui_events belongs to no session" in capsys.readouterr().out


class TestWithTheApplication:
    def test_every_payload_is_read_and_every_log_folded(self, store_file: Path, rows: Rows) -> None:
        *_, readable, folded = rows(store_file, "verify", *APP)
        assert (readable["holds"], readable["looked_at"]) == (True, "18 payloads")
        assert (folded["holds"], folded["looked_at"]) == (True, "2 sessions")

    def test_a_timeline_that_is_held_back_is_the_fold_up_to_there(
        self, held_back: Path, rows: Rows
    ) -> None:
        assert _violated(rows(held_back, "verify", *APP)) == []

    @pytest.mark.parametrize(
        ("statement", "told"),
        [
            ("DELETE FROM entities WHERE id = 'n3'", "Note 'n3' is in the fold, and is not stored"),
            ("UPDATE entities SET id = 'x' WHERE id = 'n3'", "Note 'x' is stored, and is not in"),
            ("UPDATE entities SET payload = x'0a0178' WHERE id = 'n3'", "'n3' is stored otherwise"),
            ("UPDATE events SET payload = x'0a0178' WHERE ordinal = 3", "'n3' is stored otherwise"),
        ],
    )
    def test_a_timeline_that_is_not_the_fold_is_told(
        self, statement: str, told: str, store_file: Path, damage: Damage, rows: Rows
    ) -> None:
        damage(statement)
        before = store_file.read_bytes()
        [found] = _violated(rows(store_file, "verify", *APP, status=1))
        assert told.replace("'", '"') in found.replace("\\'", "'").replace("'", '"')
        assert store_file.read_bytes() == before

    @pytest.mark.parametrize("knows", [APP, ("--schema", "tests.inspecting.notes_app")])
    def test_payloads_that_can_not_be_read_are_told(
        self, knows: tuple[str, str], store_file: Path, damage: Damage, rows: Rows
    ) -> None:
        damage("UPDATE events SET message_type = 'a.Gone' WHERE ordinal = 4")
        damage("UPDATE entities SET kind = 'Gone' WHERE id = 'n4'")
        damage("UPDATE ui_events SET payload = x'ff' WHERE ordinal = 4")
        unreadable, *_ = _violated(rows(store_file, "verify", *knows, status=1))
        for place in ("event 4 (NoteAdded)", "entity n4 (Gone)", "a UI event of event 4"):
            assert place in unreadable

    def test_an_application_that_can_not_be_installed_is_told(
        self, store_file: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        app = "tests.inspecting.notes_app:broken"
        assert cli.main(["inspect", str(store_file), "verify", "--app", app]) == 1
        assert "RuntimeError: no database" in capsys.readouterr().err
