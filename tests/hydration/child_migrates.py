"""Migrates a store's file and is killed as its n-th statement begins.

Usage: child_migrates.py FILE N. Ends with status 0 where there are fewer statements.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from contextlib import closing
from itertools import count

from sessionstream.hydration.sqlite_schema import migrate

path, last = sys.argv[1], int(sys.argv[2])
begun = count(1)


def trace(_statement: str) -> None:
    if next(begun) == last:
        os.kill(os.getpid(), signal.SIGKILL)


with closing(sqlite3.connect(path, isolation_level=None)) as db:
    db.set_trace_callback(trace)
    migrate(db)
