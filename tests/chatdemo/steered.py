"""``python -m tests.chatdemo.steered PORT [DB]``: the demo, with answers that a test holds.

An answer stops before each `PAUSE` of its prompt, until the process gets one more SIGUSR1.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from chatdemo.engine import EchoEngine
from chatdemo.server import listen, serve

PAUSE = "\N{DOUBLE VERTICAL BAR}"
HOST = "127.0.0.1"


class HeldEngine(EchoEngine):
    def __init__(self) -> None:
        super().__init__(pace=0.005)
        self.may_go_on = asyncio.Semaphore(0)

    async def answer(self, prompt: str) -> AsyncIterator[str]:
        async for chunk in super().answer(prompt):
            for _ in range(chunk.count(PAUSE)):
                await self.may_go_on.acquire()
            yield chunk


async def main(port: int, database: Path | None) -> None:
    engine = HeldEngine()
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, engine.may_go_on.release)
    with listen(HOST, port) as listener:
        await serve(engine, listener, database, host=HOST)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), Path(sys.argv[2]) if sys.argv[2:] else None))
