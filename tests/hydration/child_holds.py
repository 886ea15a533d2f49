"""Holds a reading transaction on a store's file, with plain SQLite, until its input ends.

Usage: child_holds.py FILE. Prints the number of events that it sees, waits, and prints it again.
"""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing

with closing(sqlite3.connect(sys.argv[1], isolation_level=None)) as db:
    db.execute("BEGIN")
    for _ in range(2):
        (count,) = db.execute("SELECT count(*) FROM events").fetchone()
        print(count, flush=True)
        sys.stdin.read()
