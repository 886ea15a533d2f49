"""Whether what a store's file holds can be read with the application's types."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from google.protobuf.message import DecodeError

from sessionstream.errors import SchemaError
from sessionstream.inspecting.checks import CheckResult, Violation
from sessionstream.inspecting.payloads import PayloadTexts

TITLE = "payloads can be read with the types that are registered"

# Each answers (session, place, name, message type, payload).
_PAYLOADS = {
    "events": """
        SELECT session_id, 'event ' || ordinal, name, message_type, payload
        FROM sessions JOIN events USING (session_key)
        WHERE ordinal > log_start ORDER BY session_id, ordinal
    """,
    "ui_events": """
        SELECT session_id, 'a UI event of event ' || ordinal, name, message_type, payload
        FROM sessions JOIN ui_events USING (session_key) ORDER BY session_id, ordinal, batch_index
    """,
    "entities": """
        SELECT session_id, 'entity ' || id, kind, message_type, payload
        FROM sessions JOIN entities USING (session_key) ORDER BY session_id, kind, id
    """,
    "base_entities": """
        SELECT session_id, 'at the start of the log, entity ' || id, kind, message_type, payload
        FROM sessions JOIN base_entities USING (session_key) ORDER BY session_id, kind, id
    """,
}


def check_payloads(db: sqlite3.Connection, payloads: PayloadTexts) -> CheckResult:
    """Decodes every payload (P6)."""
    looked_at = 0
    violations: list[Violation] = []
    for table in _PAYLOADS:
        for violation in _unreadable(db, payloads, table):
            looked_at += 1
            if violation is not None:
                violations.append(violation)
    return CheckResult("P6", TITLE, f"{looked_at} payloads", tuple(violations))


def _unreadable(
    db: sqlite3.Connection, payloads: PayloadTexts, table: str
) -> Iterator[Violation | None]:
    """Yields None for each payload that can be read."""
    for session_id, place, name, message_type, data in db.execute(_PAYLOADS[table]):
        try:
            payloads.decode(table, name, message_type, data)
        except (SchemaError, DecodeError, ValueError) as error:
            yield Violation(session_id, f"{place} ({name}): {error}")
        else:
            yield None
