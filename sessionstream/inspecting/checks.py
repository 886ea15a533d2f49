"""The promises that a store's file shows by itself, without the application."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from itertools import starmap
from typing import TypeAlias

from sessionstream.inspecting.exporting import TABLES
from sessionstream.inspecting.promises import PROMISES, Promise, add_functions


@dataclass(frozen=True, slots=True)
class Violation:
    """What does not hold, and where; ``session_id`` is None where it is of the file."""

    session_id: str | None
    wrong: str


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found.

    ``promise`` is the name that the design gives it, or ``file``. ``looked_at`` says of how
    much, as "3 events"; None where the check could not be made, and ``title`` says why.
    """

    promise: str
    title: str
    looked_at: str | None
    violations: tuple[Violation, ...] = ()


def check_file(db: sqlite3.Connection) -> Iterator[CheckResult]:
    """Yields what each check of the file finds, as it is made; one that can't be made fails.

    ``db`` has to decode texts that are no UTF-8 somehow, as that of `reading` with
    ``damaged`` does.
    """
    add_functions(db)
    yield _result(db, "file", "SQLite finds it sound", "pages", "PRAGMA page_count", _integrity)
    yield _result(db, "file", "names, ids and texts are UTF-8", "rows", _ROWS, _no_texts)
    for promise in PROMISES:
        yield _result(
            db, promise.promise, promise.title, promise.unit, promise.count, _violations_of(promise)
        )


def wrong_rows(db: sqlite3.Connection, session_ids: Container[str]) -> Iterator[tuple[str, str]]:
    """Yields each of these sessions with what the checks find wrong with its rows."""
    add_functions(db)
    for promise in PROMISES:
        for session, wrong in db.execute(promise.violations):
            if session in session_ids:
                yield session, f"{promise.title}: {wrong}"


_Find: TypeAlias = Callable[[sqlite3.Connection], Iterator[Violation]]
_TABLES = ("sessions", *TABLES.values())
_ROWS = "SELECT " + " + ".join(f"(SELECT count(*) FROM {table})" for table in _TABLES)


def _result(
    db: sqlite3.Connection, promise: str, title: str, unit: str, count: str, find: _Find
) -> CheckResult:
    """Counts and looks; where a damaged file stops that, what was found until then stays."""
    looked_at, found = f"no {unit}", list[Violation]()
    try:
        looked_at = f"{db.execute(count).fetchone()[0]} {unit}"
        found.extend(find(db))
    except sqlite3.DatabaseError as error:
        found.append(Violation(None, f"the check ends here: {error}"))
    return CheckResult(promise, title, looked_at, tuple(found))


def _violations_of(promise: Promise) -> _Find:
    return lambda db: starmap(Violation, db.execute(promise.violations))


def _integrity(db: sqlite3.Connection) -> Iterator[Violation]:
    for (text,) in db.execute("PRAGMA integrity_check"):
        # The limits of rows are checked by the promises, where the session is named.
        if text != "ok" and not text.startswith("CHECK constraint failed"):
            yield Violation(None, str(text))
    for table, *_ in db.execute("PRAGMA foreign_key_check"):
        yield Violation(None, f"a row of {table} belongs to no session")


def _no_texts(db: sqlite3.Connection) -> Iterator[Violation]:
    for table in _TABLES:
        info = db.execute(f"PRAGMA table_info({table})")
        texts = [name for _, name, kind, *_ in info if kind == "TEXT"]
        unreadable = " OR ".join(f"NOT is_utf8(CAST({name} AS BLOB))" for name in texts)
        for (session,) in db.execute(
            f"SELECT session_id FROM {table} JOIN sessions USING (session_key) WHERE {unreadable}"
            if table != "sessions"
            else f"SELECT session_id FROM sessions WHERE {unreadable}"
        ):
            yield Violation(session, f"a row of {table} has a text that is no UTF-8")
