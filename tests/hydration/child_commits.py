"""Commits to a store until it is killed; prints each ordinal once its commit has returned.

Usage: child_commits.py FILE. Every commit adds an event to two sessions, and
sets a note in each of them to the event's ordinal.
"""

from __future__ import annotations

import asyncio
import sys

from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.testing.stores.samples import note, notes_commit, sample_registry


async def main(path: str) -> None:
    async with SQLiteStore.open(path, sample_registry()) as store:
        ordinal = (await store.cursors("one")).event
        print("opened", flush=True)
        while True:
            ordinal += 1
            entities = [note("count", str(ordinal), changed=ordinal)]
            batch = [notes_commit(name, ordinal, entities=entities) for name in ("one", "two")]
            await store.commit(batch)
            print(ordinal, flush=True)


asyncio.run(main(sys.argv[1]))
