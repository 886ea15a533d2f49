"""How clients are sent away when the server ends."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import suppress

from sessionstream.transport.codes import CloseCode
from sessionstream.transport.connection import Connection


async def go_away_one_by_one(
    told: Collection[Connection], deserted: asyncio.Event, seconds: float
) -> None:
    """Closes connections evenly over ``seconds``, so that not all clients come back at once.

    Ends at once when the last one has gone by itself.
    """
    for connection in told:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds / len(told)):
                await deserted.wait()
        connection.stop(CloseCode.GOING_AWAY, "the server shuts down")
