"""A client without a network that shows a session, and checks what it is sent against P5.

It knows nothing of the server's code: frames of version 2 in JSON come in,
what it shows is a dict of lines. What must never happen is an AssertionError.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Watcher:
    """What one client shows of one session, over any number of connections.

    An event ``id=text`` writes a line, ``-id`` removes it, and each has two UI
    events; anything else has none.
    """

    session_id: str
    lines: dict[str, str] = field(default_factory=dict)
    epoch: str = ""
    ordinal: int = 0
    is_live: bool = False
    # Every UI event, by epoch, event and place: none may come twice.
    shown: set[tuple[str, int, int]] = field(default_factory=set)
    resumed: int = 0
    replaced: int = 0
    _known: bool = False  # whether there is a position to go on from
    _batch: list[str] = field(default_factory=list)
    _parts: list[dict[str, Any]] = field(default_factory=list)
    _wants: str = ""

    def subscribe(self, mode: str | None = None) -> str:
        """Begins on a new connection; returns the frame to send."""
        self.is_live = False
        self._batch.clear()
        self._parts.clear()
        self._wants = mode or ("RESUME" if self._known else "SNAPSHOT")
        asked: dict[str, object] = {"sessionId": self.session_id, "mode": self._wants}
        if self._wants == "RESUME":
            asked |= {"sinceSnapshotOrdinal": str(self.ordinal), "sinceEpoch": self.epoch}
        return json.dumps({"subscribe": asked})

    def take(self, text: str) -> None:
        """Takes a frame of the server."""
        [(kind, frame)] = json.loads(text).items()
        if kind == "uiEvent" and frame["sessionId"] == self.session_id:
            self._ui_event(frame)
        elif kind == "snapshot":
            self._snapshot(frame)
        elif kind == "subscribed":
            self._subscribed(frame)
        elif kind == "position":
            self._position(frame)
        else:
            assert kind in ("hello", "ping", "pong", "goAway"), text

    def _ui_event(self, frame: dict[str, Any]) -> None:
        ordinal, index = int(frame["eventOrdinal"]), frame["batchIndex"]
        value = frame["payload"]["value"]
        if ordinal == 0:
            assert value == "blink"
            return
        assert self._known, "a UI event before anything else"
        assert int(frame["previousOrdinal"]) <= self.ordinal < ordinal, "a gap, or a duplicate"
        assert index == len(self._batch), "a batch is not in order"
        self._batch.append(value)
        if index + 1 == frame["batchSize"]:
            self._apply(ordinal)

    def _apply(self, ordinal: int) -> None:
        for index in range(len(self._batch)):
            seen = (self.epoch, ordinal, index)
            assert seen not in self.shown, "a UI event came twice"
            self.shown.add(seen)
        first, _ = self._batch
        if first.startswith("-"):
            self.lines.pop(first[1:], None)
        else:
            name, _, text = first.partition("=")
            self.lines[name] = text
        self._batch.clear()
        self.ordinal = ordinal

    def _snapshot(self, frame: dict[str, Any]) -> None:
        assert frame["partIndex"] == len(self._parts)
        self._parts.append(frame)
        assert not self._batch, "a snapshot in the middle of a batch"
        if len(self._parts) < frame["partCount"]:
            return
        self.lines = {
            entity["id"]: entity["payload"]["value"].partition("=")[2]
            for part in self._parts
            for entity in part["entities"]
        }
        self._parts.clear()
        ordinal = int(frame["snapshotOrdinal"])
        if frame["epoch"] == self.epoch and self._known:
            assert ordinal >= self.ordinal, "a snapshot goes back"
        self.epoch, self.ordinal, self._known = frame["epoch"], ordinal, True
        self.replaced += 1

    def _subscribed(self, frame: dict[str, Any]) -> None:
        assert not self.is_live, "subscribed twice"
        assert not self._batch
        assert not self._parts
        is_snapshot = frame["outcome"] == "SNAPSHOT_SENT"
        if frame["outcome"] == "RESUMED":
            assert self._wants == "RESUME"
            self.resumed += 1
        assert (frame["reason"] == "AS_REQUESTED") == (is_snapshot == (self._wants == "SNAPSHOT"))
        assert frame["epoch"] == self.epoch
        self._move(frame)
        self.is_live = True

    def _position(self, frame: dict[str, Any]) -> None:
        assert self.is_live
        assert frame["epoch"] == self.epoch
        self._move(frame)

    def _move(self, frame: dict[str, Any]) -> None:
        assert not self._batch
        self.ordinal = max(self.ordinal, int(frame["headOrdinal"]))
