"""Tells those who watch a quiet session how far it is."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from sessionstream.transport.connection import Connection
from sessionstream.transport.reads import Reads
from sessionstream.transport.room import Room

logger = logging.getLogger("sessionstream.transport")


async def tell_positions(
    rooms: Mapping[str, Room[Connection]], reads: Reads, interval: float
) -> None:
    """Looks every ``interval`` seconds for rooms in which nothing was delivered since; for ever.

    A client then knows that it missed nothing, and a batch that was lost on
    its way to the room is read.
    """
    while True:
        await asyncio.sleep(interval)
        for session_id, room in tuple(rooms.items()):
            was_quiet, room.is_quiet = room.is_quiet, True
            if was_quiet:
                await _tell(session_id, room, reads)


async def _tell(session_id: str, room: Room[Connection], reads: Reads) -> None:
    try:
        position = await reads.position(session_id)
    except Exception as error:  # a border: the next look may fare better
        logger.info("no position: %s", type(error).__name__, extra={"session_id": session_id})
        return
    for number, member in enumerate(room.members(), 1):
        member.look(session_id, position)
        if number % 128 == 0:
            await asyncio.sleep(0)
