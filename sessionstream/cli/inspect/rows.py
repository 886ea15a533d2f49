"""Rows on stdout: a table for people, JSON lines for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice

from sessionstream.inspecting.listings import Row

# How many rows the widths of a table's columns are taken from, before anything is shown.
_PAGE = 200


def write_rows(rows: Iterable[Row], *, as_json: bool) -> None:
    """Writes rows of the same columns as they come, or a page of a table at a time."""
    if as_json:
        for row in rows:
            write_json(row)
        return
    left = iter(rows)
    with_head = True
    while page := list(islice(left, _PAGE)):
        _write_table([_cells(row) for row in page], list(page[0]) if with_head else None)
        with_head = False
    if with_head:
        sys.stdout.write("none\n")


def write_row(row: Row, *, as_json: bool) -> None:
    """Writes one row at once, for who follows."""
    if as_json:
        write_json(row)
    else:
        sys.stdout.write(f"{'  '.join(_cells(row))}\n")
    sys.stdout.flush()


def write_json(value: object) -> None:
    """Writes a value as one line; a number that is not finite, as of a broken clock, as null."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except ValueError:
        finite = json.loads(json.dumps(value), parse_constant=lambda name: None)
        text = json.dumps(finite, ensure_ascii=False)
    sys.stdout.write(f"{text}\n")


def shown(text: str) -> str:
    """Returns the text with what could steer a terminal, or break the line, as escapes."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


def _write_table(rows: list[list[str]], head: list[str] | None) -> None:
    table = rows if head is None else [[name.upper().replace("_", " ") for name in head], *rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        sys.stdout.write(f"{'  '.join(padded).rstrip()}\n")


def _cells(row: Row) -> list[str]:
    return list(_texts(row))


def _texts(row: Row) -> Iterator[str]:
    for name, value in row.items():
        if value is None or value == "":
            yield "-"
        elif isinstance(value, float) and (name == "at" or name.endswith("_at")):
            yield _time(value)
        elif isinstance(value, str):
            yield shown(value)
        else:
            yield shown(json.dumps(value, ensure_ascii=False))


def _time(seconds: float) -> str:
    try:
        at = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):  # a clock may have said anything
        return str(seconds)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
