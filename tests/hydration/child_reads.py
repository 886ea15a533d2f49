"""Counts the events of a store's file with plain SQLite, in steps that its input sets.

Usage: child_reads.py FILE. Begins a transaction and prints a count; after a
line of input a second one, within it; then a third, after it has ended.
"""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing

with closing(sqlite3.connect(sys.argv[1], isolation_level=None)) as db:

    def report() -> None:
        (count,) = db.execute("SELECT count(*) FROM events").fetchone()
        print(count, flush=True)

    db.execute("BEGIN")
    report()
    sys.stdin.readline()
    report()
    db.execute("COMMIT")
    report()
