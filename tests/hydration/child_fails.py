"""Fails with status 7 while its store is open.

Usage: child_fails.py FILE.
"""

from __future__ import annotations

import asyncio
import sys

from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.testing.stores.samples import notes_commit, sample_registry

opened: list[SQLiteStore] = []  # as in an application that keeps it in a global


async def main(path: str) -> None:
    opened.append(await SQLiteStore.open(path, sample_registry()))
    await opened[0].commit([notes_commit("s")])
    raise SystemExit(7)


asyncio.run(main(sys.argv[1]))
