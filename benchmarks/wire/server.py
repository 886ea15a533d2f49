"""A server in a process of its own: takes orders on its standard input.

    python -m benchmarks.wire.server NAME

The first line of the input is the frame that the references send, as JSON in
Latin-1; empty where there is none.
"""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import sys
from dataclasses import asdict
from importlib import import_module
from typing import assert_never

from benchmarks.wire import orders
from benchmarks.wire.orders import Flood, Listening, Pace, Published, Taken
from benchmarks.wire.publishing import Credit, Serving, flood, pace


async def main(name: str) -> None:
    """Serves until the input ends."""
    reader = asyncio.StreamReader()
    pipe = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: pipe, sys.stdin)
    frame = json.loads(await reader.readline()).encode("latin-1")
    async with import_module(f"benchmarks.wire.{name}_server").serving(frame) as serving:
        # What a server has loaded by now stays, and need not be looked through again.
        gc.collect()
        gc.freeze()
        _say(Listening(serving.port))
        await _take_orders(reader, serving)


async def _take_orders(reader: asyncio.StreamReader, serving: Serving) -> None:
    credit = Credit()
    async with asyncio.TaskGroup() as group:
        while line := await reader.readline():
            order = orders.load(line)
            if isinstance(order, Taken):
                credit.grant(order.frames)
            else:
                group.create_task(_carry_out(order, serving, credit))


async def _carry_out(order: Flood | Pace, serving: Serving, credit: Credit) -> None:
    match order:
        case Flood():
            events = await flood(order, serving.publish, credit)
        case Pace():
            events = await pace(order, serving.publish)
        case _:
            assert_never(order)
    _say(Published(events))


def _say(answer: Listening | Published) -> None:
    print(json.dumps(asdict(answer)), flush=True)


if __name__ == "__main__":
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    asyncio.run(main(sys.argv[1]))
