"""A session as JSON lines: every row that a store's file has of it, to be imported elsewhere.

The first line has the format and the session's row, each of the next one row under the
name of what it is, and the last says how many rows came between. Payloads are base64 of
the stored bytes; what a reader knows of their types stands beside them, and is not imported.
"""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Iterator

from google.protobuf.message import DecodeError

from sessionstream.codec import encode_json
from sessionstream.errors import SchemaError
from sessionstream.inspecting.payloads import PayloadTexts

FORMAT = "sessionstream.session.v1"
JSON = "json"
"""What a payload is called beside its bytes, where its type is known."""

TABLES = {
    "event": "events",
    "base_entity": "base_entities",
    "entity": "entities",
    "ui_event": "ui_events",
    "command": "commands",
    "error": "errors",
}
"""The tables of what a session has, by what a row of them is called."""


def exported(db: sqlite3.Connection, session_id: str, payloads: PayloadTexts) -> Iterator[str]:
    """Yields the lines of a session that the file has, without line ends."""
    found = db.execute("SELECT * FROM sessions WHERE session_id = ?", (session_id,)).fetchone()
    session = dict(found)
    key = session.pop("session_key")
    yield _line({"format": FORMAT, "session": session})
    rows = 0
    for name, table in TABLES.items():
        # The rows lie in the order of their keys, so nothing is sorted.
        for row in db.execute(f"SELECT * FROM {table} WHERE session_key = ?", (key,)):
            rows += 1
            yield _line({name: _written(table, dict(row), payloads)})
    yield _line({"end": session_id, "rows": rows})


def _written(table: str, row: dict[str, object], payloads: PayloadTexts) -> dict[str, object]:
    del row["session_key"]
    data = row.get("payload")
    if not isinstance(data, bytes):
        return row
    row["payload"] = base64.b64encode(data).decode("ascii")
    try:
        name = str(row["name"] if "name" in row else row["kind"])
        message = payloads.decode(table, name, str(row["message_type"]), data)
        return row | {JSON: json.loads(encode_json(message))}
    except (SchemaError, DecodeError, ValueError):
        return row


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
