"""A client without a network: it speaks to the rooms as an ASGI server would let it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from sessionstream.transport.asgi import WebSocketApp
from sessionstream.transport.rooms import Rooms
from systemlab.folding import Board

Frame: TypeAlias = dict[str, Any]
_PATIENCE: Final = 20.0


class Client:
    """A connection whose reading can be stopped: then nothing that is sent to it leaves.

    Attributes:
        frames: What it has received, in order.
    """

    def __init__(self, rooms: Rooms) -> None:
        self._app = WebSocketApp(rooms)
        self._said: asyncio.Queue[Mapping[str, object]] = asyncio.Queue()
        self._reads = asyncio.Event()
        self._reads.set()
        self._more = asyncio.Condition()
        self._serving: asyncio.Task[None] | None = None
        self.frames: list[Frame] = []

    def connect(self) -> None:
        """Begins the connection."""
        self._said.put_nowait({"type": "websocket.connect"})
        self._serving = asyncio.create_task(
            self._app(
                {
                    "type": "websocket",
                    "path": "/",
                    "query_string": b"",
                    "headers": [],
                    "subprotocols": ["sessionstream.v2.json"],
                    "client": ("in memory", 0),
                },
                self._said.get,
                self._send,
            )
        )

    def say(self, frame: Frame) -> None:
        """Sends a frame."""
        self._said.put_nowait({"type": "websocket.receive", "text": json.dumps(frame)})

    def stop_reading(self) -> None:
        """Takes nothing any more."""
        self._reads.clear()

    def go_on_reading(self) -> None:
        """Takes what comes again."""
        self._reads.set()

    async def until(self, is_there: Callable[[list[Frame]], bool]) -> None:
        """Returns when the frames are such.

        Raises:
            TimeoutError: They have not become so.
        """
        async with asyncio.timeout(_PATIENCE), self._more:
            await self._more.wait_for(lambda: is_there(self.frames))

    async def leave(self) -> None:
        """Ends the connection and returns when the server has noticed."""
        self._reads.set()
        self._said.put_nowait({"type": "websocket.disconnect", "code": 1000})
        if self._serving is not None:
            await self._serving

    async def _send(self, message: dict[str, object]) -> None:
        if message["type"] != "websocket.send":
            return
        await self._reads.wait()
        async with self._more:
            self.frames.append(json.loads(str(message["text"])))
            self._more.notify_all()


def ordinal_of(frames: list[Frame]) -> int:
    """Returns the last ordinal that a client has come to."""
    last = 0
    for frame in frames:
        snapshot, event = frame.get("snapshot"), frame.get("uiEvent")
        if snapshot is not None:
            last = int(snapshot["snapshotOrdinal"])
        elif event is not None:
            last = max(last, int(event["eventOrdinal"]))
    return last


def applied(frames: list[Frame]) -> tuple[Board, list[str]]:
    """Returns the board that a client shows after its frames, and what was wrong with these.

    A snapshot replaces everything; a UI event is applied once and only after the one before it.
    """
    board: Board = {}
    problems: list[str] = []
    last = 0
    for frame in frames:
        if snapshot := frame.get("snapshot"):
            if int(snapshot["partIndex"]) == 0:
                board.clear()
            last = int(snapshot["snapshotOrdinal"])
            notes = (entity["payload"] for entity in snapshot["entities"])
            board.update({note["noteId"]: _note(note) for note in notes})
        elif event := frame.get("uiEvent"):
            ordinal, previous = int(event["eventOrdinal"]), int(event["previousOrdinal"])
            if ordinal <= last:
                problems.append(f"{ordinal} came after {last}")
            if previous > last:
                problems.append(f"{ordinal} came, and {previous} before it is missing")
            last = ordinal
            _apply(board, event["name"], event["payload"])
    return board, problems


def _apply(board: Board, name: str, payload: Frame) -> None:
    if name == "LabNoteShown":
        board[payload["noteId"]] = _note(payload)
    elif name == "LabNoteHidden":
        board.pop(payload["noteId"], None)


def _note(payload: Frame) -> tuple[str, int]:
    return payload.get("text", ""), payload.get("edits", 0)
