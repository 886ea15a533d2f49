from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from sessionstream import cli
from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.testing.stores.samples import sample_registry
from tests.inspecting.conftest import Damage, Rows

APP = ("--app", "tests.inspecting.notes_app:install")


class TestRebuild:
    def test_timelines_become_the_folds_of_their_logs(
        self, store_file: Path, damage: Damage, rows: Rows
    ) -> None:
        damage("DELETE FROM entities")
        found = rows(store_file, "rebuild", *APP)
        assert [(row["session"], row["timeline"], row["rebuilt"]) for row in found] == [
            ("s", 4, True),
            ("t", 2, True),
        ]
        assert all(row["holds"] for row in rows(store_file, "verify", *APP))

    def test_only_the_sessions_that_are_named_are_rebuilt(
        self, store_file: Path, damage: Damage, rows: Rows
    ) -> None:
        damage("DELETE FROM entities")
        rows(store_file, "rebuild", "t", *APP)
        assert [row["entities"] for row in rows(store_file, "sessions")] == [0, 2]

    def test_a_session_whose_projection_fails_keeps_its_timeline_and_others_go_on(
        self, store_file: Path, refusing: set[str], rows: Rows
    ) -> None:
        refusing.add("text 3")
        failed, done = rows(store_file, "rebuild", *APP, status=1)
        assert (failed["rebuilt"], failed["timeline"]) == (False, 4)
        assert "event 3" in str(failed["error"]) or "ordinal 3" in str(failed["error"])
        assert (done["session"], done["rebuilt"]) == ("t", True)
        assert [row["entities"] for row in rows(store_file, "sessions")] == [4, 2]

    def test_under_advance_it_goes_on_without_the_event(
        self, store_file: Path, refusing: set[str], rows: Rows
    ) -> None:
        refusing.add("text 3")
        rows(store_file, "rebuild", "s", *APP, "--policy", "advance")
        assert [row["id"] for row in rows(store_file, "timeline", "s")] == ["n1", "n2", "n4"]

    def test_an_application_may_be_installed_asynchronously(
        self, store_file: Path, rows: Rows
    ) -> None:
        app = "tests.inspecting.notes_app:install_slowly"
        assert len(rows(store_file, "rebuild", "--app", app)) == 2

    @pytest.mark.parametrize(
        ("app", "lost"),
        [
            ("nothing", "does not install what made it: tests.inspecting.notes_app._noted"),
            ("without_projections", "does not install what made it"),
            ("without_events", "event 1 can't be read: "),
        ],
    )
    def test_an_application_that_would_lose_something_changes_nothing_unless_forced(
        self, app: str, lost: str, store_file: Path, rows: Rows
    ) -> None:
        of_app = ("--app", f"tests.inspecting.notes_app:{app}")
        found = rows(store_file, "rebuild", *of_app, status=1)
        assert [(row["rebuilt"], lost in str(row["error"])) for row in found] == [(False, True)] * 2
        assert [row["entities"] for row in rows(store_file, "sessions")] == [4, 2]
        assert rows(store_file, "errors") == []
        rows(store_file, "rebuild", *of_app, "--force")
        assert [row["entities"] for row in rows(store_file, "sessions")] == [0, 0]

    def test_an_event_that_can_not_be_read_keeps_the_timeline_of_its_session(
        self, store_file: Path, damage: Damage, rows: Rows
    ) -> None:
        damage("UPDATE events SET name = 'Gone' WHERE ordinal = 3")
        kept, done = rows(store_file, "rebuild", *APP, status=1)
        assert "event 3 can't be read" in str(kept["error"])
        assert (kept["rebuilt"], done["rebuilt"]) == (False, True)

    def test_names_of_projections_that_can_not_be_read_are_told(
        self, store_file: Path, damage: Damage, rows: Rows
    ) -> None:
        damage("UPDATE sessions SET projections = '[[[' WHERE session_id = 's'")
        kept, done = rows(store_file, "rebuild", *APP, status=1)
        assert "could not decode the names of projections" in str(kept["error"])
        assert done["rebuilt"] is True


class TestRetry:
    def test_what_passes_now_is_resolved(
        self, held_back: Path, refusing: set[str], rows: Rows
    ) -> None:
        refusing.clear()
        [row] = rows(held_back, "retry", *APP)
        assert (row["ordinal"], row["resolved"], row["error"]) == (3, True, None)
        assert rows(held_back, "errors") == []
        assert rows(held_back, "sessions")[0]["timeline"] == 4

    def test_what_fails_again_stays_open(self, held_back: Path, rows: Rows) -> None:
        [row] = rows(held_back, "retry", *APP, status=1)
        assert row["resolved"] is False
        assert "NoteAdded" in str(row["error"])
        [record] = rows(held_back, "errors")
        assert record["attempts"] != 1

    def test_nothing_to_retry_is_said(
        self, store_file: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert cli.main(["inspect", str(store_file), "retry", *APP]) == 0
        assert capsys.readouterr().out == "nothing is open\n"


@pytest.mark.parametrize("action", ["rebuild", "retry"])
class TestRefusals:
    def test_a_session_that_is_not_there_is_told(
        self, action: str, store_file: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert cli.main(["inspect", str(store_file), action, "u", *APP]) == 1
        assert "no session 'u'" in capsys.readouterr().err

    def test_a_file_that_is_not_there_is_not_made(
        self, action: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert cli.main(["inspect", str(tmp_path / "a.db"), action, *APP]) == 1
        assert "no such file" in capsys.readouterr().err
        assert list(tmp_path.iterdir()) == []

    def test_a_folder_is_none(
        self, action: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert cli.main(["inspect", str(tmp_path), action, *APP]) == 1
        assert "it is a folder" in capsys.readouterr().err

    def test_an_empty_file_does_not_become_a_store(
        self, action: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "a.db").touch()
        assert cli.main(["inspect", str(tmp_path / "a.db"), action, *APP]) == 1
        assert "an empty file" in capsys.readouterr().err
        assert (tmp_path / "a.db").stat().st_size == 0

    @pytest.mark.parametrize(
        ("app", "told"),
        [
            ("app", "write it as MODULE:FUNCTION"),
            ("nowhere:install", "--app nowhere: ModuleNotFoundError"),
            ("json:install", "--app json: it has no function 'install'"),
            ("tests.inspecting.notes_app:broken", "RuntimeError: no database"),
            ("tests.inspecting.notes_app:ending", "SystemExit: 4"),
        ],
    )
    def test_an_application_that_is_none_is_told(
        self,
        app: str,
        told: str,
        action: str,
        store_file: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        assert cli.main(["inspect", str(store_file), action, "--app", app]) == 1
        assert told in capsys.readouterr().err

    async def test_a_store_that_a_server_has_open_is_left_alone(
        self, action: str, store_file: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        async with SQLiteStore.open(store_file, sample_registry()):
            arguments = ["inspect", str(store_file), action, *APP]
            assert await asyncio.to_thread(cli.main, arguments) == 1
        assert "the store is open already" in capsys.readouterr().err
