"""Serves the application of `tests.wire.app` from a file, until it is killed.

Usage: serving_child.py FILE

Prints its port once it listens.
"""

from __future__ import annotations

import asyncio
import sys

from sessionstream import Hub
from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.transport.ws import serve
from tests.wire import app


async def main(path: str) -> None:
    names = app.registry()
    async with SQLiteStore.open(path, names) as store, Hub(names, store=store) as hub:
        app.install(hub)
        async with serve(hub) as server:
            print(server.port, flush=True)
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
