"""Commits to a store until it is killed; prints each ordinal once its commit has returned.

Usage: child_commits.py FILE. Every commit adds an event with two UI events to
two sessions, sets a note in each of them to the event's ordinal, and records a
command. Few UI events are kept, so that many commits remove some.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace

from sessionstream.hydration.base import Retention
from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.testing.stores.samples import note, notes_commit, ran, sample_registry, shown

RETENTION = Retention(ui_batches=4, commands=4)


async def main(path: str) -> None:
    async with SQLiteStore.open(path, sample_registry(), retention=RETENTION) as store:
        ordinal = (await store.cursors("one")).event
        print("opened", flush=True)
        while True:
            ordinal += 1
            entities = [note("count", str(ordinal), changed=ordinal)]
            batch = [
                replace(
                    notes_commit(name, ordinal, entities=entities),
                    ui_batches=[shown(name, ordinal, ordinal - 1, "a", "b")],
                    commands=[ran(f"c{ordinal}", ordinal=ordinal)],
                )
                for name in ("one", "two")
            ]
            await store.commit(batch)
            print(ordinal, flush=True)


asyncio.run(main(sys.argv[1]))
