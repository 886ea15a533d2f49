from __future__ import annotations

import asyncio
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from google.protobuf.wrappers_pb2 import StringValue

from sessionstream import Hub, SchemaRegistry, cli
from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.testing.stores.samples import (
    NOTE_ADDED,
    sample_registry,
)
from tests.inspecting import notes_app
from tests.inspecting.conftest import Rows, full_store

Import = Callable[..., int]


@pytest.fixture
def exported(store_file: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    return _export(store_file, capsys, "s")


@pytest.fixture
def imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Import:
    """Imports lines into ``b.db``; returns the exit status."""

    def run(lines: list[str], *arguments: str) -> int:
        monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join(lines)))
        return cli.main(["inspect", str(tmp_path / "b.db"), "import", "--create", *arguments])

    return run


def _export(path: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    capsys.readouterr()
    assert cli.main(["inspect", str(path), "export", *arguments]) == 0
    return capsys.readouterr().out.splitlines()


def _without_epoch(lines: list[str]) -> list[object]:
    values = [json.loads(line) for line in lines]
    for value in values:
        if "session" in value:
            assert value["session"].pop("epoch")
    return values


@pytest.fixture
async def full_file(tmp_path: Path) -> Path:
    return await full_store(tmp_path / "full.db")


class TestARoundTrip:
    def test_it_gives_the_same_lines_but_for_the_epoch(
        self,
        tmp_path: Path,
        full_file: Path,
        imports: Import,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        exported = _export(full_file, capsys, "s")
        assert [next(iter(json.loads(line))) for line in exported] == [
            "format",
            "event",
            "base_entity",
            "entity",
            "entity",
            "ui_event",
            "command",
            "error",
            "end",
        ]
        assert imports(exported) == 0
        again = _export(tmp_path / "b.db", capsys, "s")
        assert _without_epoch(again) == _without_epoch(exported)
        assert _epoch(again) != _epoch(exported)

    def test_a_store_that_was_imported_keeps_its_promises(
        self,
        tmp_path: Path,
        exported: list[str],
        imports: Import,
        rows: Rows,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        assert imports(exported) == 0
        capsys.readouterr()
        found = rows(tmp_path / "b.db", "verify", "--app", "tests.inspecting.notes_app:install")
        assert all(row["holds"] for row in found)

    async def test_a_hub_goes_on_where_the_session_was(
        self, tmp_path: Path, exported: list[str], imports: Import
    ) -> None:
        assert await asyncio.to_thread(imports, exported) == 0
        registry = SchemaRegistry()
        async with (
            SQLiteStore.open(tmp_path / "b.db", registry) as store,
            Hub(registry, store=store) as hub,
        ):
            notes_app.install(hub)
            event = await hub.publish("s", NOTE_ADDED, StringValue(value="more"))
            assert event.ordinal == 5
            assert len((await hub.snapshot("s")).entities) == 5

    def test_with_all_every_session_is_moved(
        self,
        tmp_path: Path,
        store_file: Path,
        imports: Import,
        rows: Rows,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        assert imports(_export(store_file, capsys, "--all")) == 0
        assert capsys.readouterr().out == "imported 's'\nimported 't'\n"
        assert [row["head"] for row in rows(tmp_path / "b.db", "sessions")] == [4, 2]

    def test_a_session_can_take_another_name(
        self,
        tmp_path: Path,
        exported: list[str],
        imports: Import,
        rows: Rows,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        assert imports(exported) == 0
        assert imports(exported, "--as", "copy") == 0
        capsys.readouterr()
        assert [row["session"] for row in rows(tmp_path / "b.db", "sessions")] == ["copy", "s"]

    def test_a_known_payload_is_json_beside_its_bytes_for_readers_alone(
        self, store_file: Path, imports: Import, capsys: pytest.CaptureFixture[str]
    ) -> None:
        lines = _export(store_file, capsys, "s", "--schema", "tests.inspecting.notes_app")
        event = json.loads(lines[1])["event"]
        assert (event["payload"], event["json"]) == ("CgZ0ZXh0IDE=", "text 1")
        assert imports(lines) == 0

    def test_it_is_utf_8_whatever_the_terminal_has(
        self, store_file: Path, imports: Import, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert imports(_export(store_file, capsys, "s"), "--as", "\U0001f468 é") == 0
        command = (sys.executable, "-m", "sessionstream.cli", "inspect")
        copy = store_file.with_name("b.db")
        environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
        exported = subprocess.run(
            (*command, copy, "export", "--all"), env=environment, capture_output=True, check=True
        )
        assert (
            json.loads(exported.stdout.splitlines()[0])["session"]["session_id"] == "\U0001f468 é"
        )


class TestRefusals:
    @pytest.mark.parametrize(
        ("line", "text", "told"),
        [
            (1, "{", "line 1: no JSON"),
            (1, "[]", "line 1: no JSON object"),
            (1, '{"format": "other"}', "line 1: it has to begin a session of the format"),
            (2, '{"thing": {}}', "line 2: it has to be one of event, "),
            (2, '{"event": {"ordinal": 1}}', "line 2: it can't be stored: NOT NULL"),
            (2, '{"event": {"size": 1}}', "line 2: unknown: size; did a newer release write it?"),
            (2, '{"event": {"payload": "?"}}', "line 2: payload is no base64"),
            (2, '{"event": {"payload": "\u00e9"}}', "line 2: payload is no base64"),
            (2, '{"event": {"payload": null}}', "line 2: payload is no text"),
            (2, '{"event": {"ordinal": 1e999}}', "line 2: ordinal is inf, no finite number"),
            (2, '{"ui_event": {"stored_at": NaN}}', "line 2: stored_at is nan, no finite number"),
            (2, '{"event": {"ordinal": "one"}}', "line 2: it can't be stored"),
            (2, '{"event": {"ordinal": 99999999999999999999}}', "line 2: it can't be stored"),
            (2, '{"event": {"name": []}}', "line 2: it can't be stored"),
            (2, '{"command": {"status": "?"}}', "line 2: status is '?'; it is one of"),
            (3, '{"end": "s", "rows": 1}', "1: of session 's': ordinals run without a gap"),
            (3, '{"end": "s", "rows": 9}', "line 3: it ends 's' after 9 rows; 1 of 's' came"),
            (3, '{"end": "t", "rows": 1}', "line 3: it ends 't' after 1 rows; 1 of 's' came"),
        ],
    )
    def test_a_line_that_is_wrong_is_named_and_nothing_is_stored(
        self,
        line: int,
        text: str,
        told: str,
        tmp_path: Path,
        exported: list[str],
        imports: Import,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        assert imports([*exported[: line - 1], text]) == 1
        assert told in capsys.readouterr().err
        # The file of the lock stays: somebody may be waiting at it.
        assert {path.name for path in tmp_path.iterdir()} == {"a.db", "a.db.lock", "b.db.lock"}

    def test_what_is_refused_leaves_a_store_that_was_there_as_it_was(
        self,
        tmp_path: Path,
        exported: list[str],
        imports: Import,
        rows: Rows,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        assert imports(exported, "--as", "first") == 0
        assert imports([*exported[:2], "{"]) == 1
        capsys.readouterr()
        assert [row["session"] for row in rows(tmp_path / "b.db", "sessions")] == ["first"]

    def test_a_file_that_was_cut_off_is_refused(
        self, exported: list[str], imports: Import, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert imports(exported[:-1]) == 1
        assert "session 's' does not end there" in capsys.readouterr().err

    @pytest.mark.parametrize("projections", ["{", '"one"', "[1]", 1, "[" * 100_000])
    def test_projections_that_are_none_are_refused(
        self,
        projections: object,
        exported: list[str],
        imports: Import,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        header = json.loads(exported[0])
        header["session"]["projections"] = projections
        assert imports([json.dumps(header), *exported[1:]]) == 1
        assert "projections is no JSON array of names" in capsys.readouterr().err

    def test_a_session_that_is_there_is_not_overwritten(
        self, exported: list[str], imports: Import, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert imports(exported) == 0
        assert imports(exported) == 1
        assert "session 's' is there already" in capsys.readouterr().err

    def test_of_two_sessions_none_takes_another_name(
        self, exported: list[str], imports: Import, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert imports([*exported, *exported], "--as", "copy") == 1
        assert "only one can take another name" in capsys.readouterr().err

    def test_nothing_to_import_is_told(
        self, imports: Import, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert imports([]) == 1
        assert "stdin holds no exported session" in capsys.readouterr().err

    def test_an_empty_name_is_refused(
        self, exported: list[str], imports: Import, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert imports(exported, "--as", "") == 1
        assert "line 1" in capsys.readouterr().err

    def test_a_store_is_made_only_where_asked(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert cli.main(["inspect", str(tmp_path / "b.db"), "import"]) == 1
        assert "--create makes it" in capsys.readouterr().err
        assert list(tmp_path.iterdir()) == []
        (tmp_path / "b.db").touch()
        assert cli.main(["inspect", str(tmp_path / "b.db"), "import"]) == 1
        assert "--create makes it" in capsys.readouterr().err

    def test_nothing_is_put_beside_a_file_that_is_no_store(
        self, tmp_path: Path, imports: Import, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "b.db").write_text("something else")
        assert imports([]) == 1
        assert "no SQLite database" in capsys.readouterr().err
        assert [path.name for path in tmp_path.iterdir()] == ["b.db"]

    async def test_a_store_that_a_server_has_open_is_left_alone(
        self,
        tmp_path: Path,
        exported: list[str],
        imports: Import,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        async with SQLiteStore.open(tmp_path / "b.db", sample_registry()) as store:
            assert await asyncio.to_thread(imports, exported) == 1
            assert await store.sessions() == []
        assert "the store is open already" in capsys.readouterr().err

    def test_a_session_that_is_named_twice_is_exported_once(
        self, store_file: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        once = _export(store_file, capsys, "s")
        assert _export(store_file, capsys, "s", "s") == once

    def test_an_export_of_nothing_is_a_mistake_of_usage(self, store_file: Path) -> None:
        with pytest.raises(SystemExit) as ended:
            cli.main(["inspect", str(store_file), "export"])
        assert ended.value.code == 2


def _epoch(lines: list[str]) -> object:
    return json.loads(lines[0])["session"]["epoch"]
