"""Writes an exported session into a store's file: all of its lines, or none."""

from __future__ import annotations

import base64
import json
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from math import isfinite
from pathlib import Path

from sessionstream.errors import SessionIdError, StoreError
from sessionstream.hydration.sqlite_file import SQLiteFile, SQLiteSettings
from sessionstream.hydration.sqlite_lock import locate
from sessionstream.hydration.sqlite_schema import transaction
from sessionstream.hydration.values import CommandStatus
from sessionstream.inspecting.checks import wrong_rows
from sessionstream.inspecting.exporting import FORMAT, JSON, TABLES
from sessionstream.inspecting.promises import is_names
from sessionstream.records import ErrorSource
from sessionstream.types import check_session_id

# What a store reads as one of a few words, and would call damaged otherwise.
_WORDS: dict[str, tuple[str, type[StrEnum]]] = {
    "command": ("status", CommandStatus),
    "error": ("source", ErrorSource),
}
_Row = dict[str, object]


class ImportRefusedError(StoreError):
    """A line is no part of an exported session; nothing of it was stored."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}", reason)


async def import_sessions(path: Path, lines: Iterable[str], name: str | None) -> list[str]:
    """Stores exported sessions, under another name where one is given; returns their ids.

    Each begins a new epoch: who knows the original gets a snapshot. Everything
    else is as it was exported.

    Raises:
        ImportRefusedError: A line is not as `exported` writes it, a session is there
            already, or its rows break a promise of the store.
        StoreLockedError: A server has the store open.
        StoreError: The file can't be opened or written.
    """
    file = SQLiteFile(locate(path), SQLiteSettings())
    await file.open()
    try:
        return await file.writer.run(lambda db: _Import(db, name).run(lines))
    finally:
        await file.close()


class _Import:
    def __init__(self, db: sqlite3.Connection, name: str | None) -> None:
        self._db = db
        self._name = name
        self._line = 0
        self._sessions: dict[str, int] = {}
        self._columns = {
            table: {str(column) for _, column, *_ in db.execute(f"PRAGMA table_info({table})")}
            - {"session_key"}
            for table in ("sessions", *TABLES.values())
        }

    def run(self, lines: Iterable[str]) -> list[str]:
        with transaction(self._db):
            values = self._values(lines)
            for value in values:
                self._session(value, values)
            for session_id, wrong in wrong_rows(self._db, self._sessions):
                line = self._sessions[session_id]
                raise ImportRefusedError(line, f"of session {session_id!r}: {wrong}")
        return list(self._sessions)

    def _values(self, lines: Iterable[str]) -> Iterator[Mapping[str, object]]:
        for line in lines:
            self._line += 1
            try:
                value = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise self._refused(f"no JSON: {error}") from error
            if not isinstance(value, dict):
                raise self._refused("no JSON object")
            yield value

    def _session(self, header: Mapping[str, object], rows: Iterator[Mapping[str, object]]) -> None:
        session = header.get("session")
        if header.get("format") != FORMAT or not isinstance(session, dict):
            raise self._refused(f"it has to begin a session of the format {FORMAT!r}")
        key, session_id, exported = self._begin(session)
        self._sessions[session_id] = self._line
        for count, row in enumerate(rows):
            if "end" in row:
                if (row["end"], row.get("rows")) != (exported, count):
                    raise self._refused(
                        f"it ends {row['end']!r} after {row.get('rows')} rows;"
                        f" {count} of {exported!r} came"
                    )
                return
            self._add(row, key)
        raise self._refused(f"the last one, but session {exported!r} does not end there")

    def _begin(self, given: _Row) -> tuple[int, str, object]:
        if self._name is not None and self._sessions:
            raise self._refused("a second session; only one can take another name")
        row = dict(given)
        exported = row.get("session_id")
        session_id = row["session_id"] = self._checked(
            exported if self._name is None else self._name
        )
        found = "SELECT 1 FROM sessions WHERE session_id = ?"
        if self._db.execute(found, (session_id,)).fetchone():
            raise self._refused(
                f"session {session_id!r} is there already; delete it first, or give another name"
            )
        row["epoch"] = secrets.token_hex(8)
        self._check_projections(row.get("projections"))
        key = self._insert("sessions", row)
        return key, session_id, exported

    def _checked(self, session_id: object) -> str:
        try:
            return check_session_id(session_id)
        except SessionIdError as error:
            raise self._refused(str(error)) from error

    def _add(self, value: Mapping[str, object], key: int) -> None:
        [(name, row)] = value.items() if len(value) == 1 else [("", None)]
        if name not in TABLES or not isinstance(row, dict):
            raise self._refused(f"it has to be one of {', '.join(TABLES)} or end")
        row = {column: row[column] for column in row if column != JSON}
        if name in _WORDS:
            column, words = _WORDS[name]
            if row.get(column) not in list(words):
                raise self._refused(
                    f"{column} is {row.get(column)!r}; it is one of {', '.join(words)}"
                )
        if "payload" in row:
            row["payload"] = self._bytes(row["payload"])
        self._insert(TABLES[name], row, session_key=key)

    def _check_projections(self, names: object) -> None:
        if names is not None and not (isinstance(names, str) and is_names(names)):
            raise self._refused("projections is no JSON array of names")

    def _bytes(self, text: object) -> bytes:
        if not isinstance(text, str):
            raise self._refused("payload is no text; it is base64 of the stored bytes")
        try:
            return base64.b64decode(text, validate=True)
        except ValueError as error:
            raise self._refused(f"payload is no base64: {error}") from error

    def _insert(self, table: str, row: _Row, **known: int) -> int:
        unknown = sorted(row.keys() - self._columns[table])
        if unknown:
            raise self._refused(f"unknown: {', '.join(unknown)}; did a newer release write it?")
        for column, value in row.items():
            if isinstance(value, float) and not isfinite(value):
                raise self._refused(f"{column} is {value}, no finite number")
        columns = [*known, *row]
        places = ", ".join("?" * len(columns))
        statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"
        try:
            return self._db.execute(statement, [*known.values(), *row.values()]).lastrowid or 0
        except (
            sqlite3.IntegrityError,
            sqlite3.ProgrammingError,
            ValueError,
            OverflowError,
        ) as error:
            raise self._refused(f"it can't be stored: {error}") from error

    def _refused(self, reason: str) -> ImportRefusedError:
        return ImportRefusedError(self._line, reason)
