"""Tells those who watch a quiet session how far it is."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping
from typing import Final

from sessionstream.transport.connection import Connection
from sessionstream.transport.reads import Reads
from sessionstream.transport.room import Room
from sessionstream.types import Position

logger = logging.getLogger("sessionstream.transport")

# How many sessions are read at once, and for how many seconds each at most.
_AT_ONCE: Final = 8
_PATIENCE: Final = 5.0


async def tell_positions(
    rooms: Mapping[str, Room[Connection]], reads: Reads, interval: float
) -> None:
    """Looks every ``interval`` seconds for rooms in which nothing was delivered since; for ever.

    A client then knows that it missed nothing, and a batch that was lost on
    its way to the room is read. A session that can't be read in time is looked
    at again next time, and holds up no other.
    """
    while True:
        await asyncio.sleep(interval)
        quiet = iter([*_were_quiet(rooms)])
        async with asyncio.TaskGroup() as group:
            for _ in range(_AT_ONCE):
                _ = group.create_task(_tell_each(quiet, reads, min(interval, _PATIENCE)))


def _were_quiet(
    rooms: Mapping[str, Room[Connection]],
) -> Iterator[tuple[str, Room[Connection]]]:
    for session_id, room in rooms.items():
        was_quiet, room.is_quiet = room.is_quiet, True
        if was_quiet:
            yield session_id, room


async def _tell_each(
    quiet: Iterator[tuple[str, Room[Connection]]], reads: Reads, patience: float
) -> None:
    for session_id, room in quiet:
        try:
            async with asyncio.timeout(patience):
                position = await reads.position(session_id)
        except Exception as error:  # a border: the next look may fare better
            logger.info("no position: %s", type(error).__name__, extra={"session_id": session_id})
            continue
        await _tell(session_id, room, position)


async def _tell(session_id: str, room: Room[Connection], position: Position) -> None:
    for number, member in enumerate(room.members(), 1):
        member.look(session_id, position)
        if number % 128 == 0:
            await asyncio.sleep(0)
