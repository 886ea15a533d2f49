"""A client of version 2 that believes nothing: it checks every frame against promise P5."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]
"""A frame, as `json` reads it."""


class Mirror:
    """One client's copy of one session, over any number of connections.

    ``cells`` is what the session is as far as the client knows; ``position``
    up to where. A frame that P5 forbids is an `AssertionError`: a batch out of
    order, in part, sent twice in a connection, or after a gap.
    """

    def __init__(self, session_id: str) -> None:
        self.session_id = session_id
        self.cells: dict[str, str] = {}
        self.epoch = ""
        self.position = 0
        self.is_live = False
        self.outcomes: list[tuple[str, str]] = []
        self.applied: set[tuple[str, int]] = set()
        self._batch: list[Json] = []
        self._parts: list[Json] = []

    def connected(self) -> None:
        """Begins a connection: what the last one left unfinished is void."""
        self.is_live = False
        self._batch.clear()
        self._parts.clear()

    def subscribe(self, mode: str = "RESUME") -> Json:
        """Returns the frame that asks for what the client lacks."""
        self.connected()
        position = {"sinceSnapshotOrdinal": str(self.position), "sinceEpoch": self.epoch}
        return {"subscribe": {"sessionId": self.session_id, "mode": mode, **position}}

    def take(self, frame: Json) -> None:
        """Takes a frame of the server."""
        [(kind, body)] = frame.items()
        if body.get("sessionId", self.session_id) != self.session_id:
            return
        if kind == "uiEvent":
            self._take_ui_event(body)
        elif kind in ("snapshot", "subscribed", "position"):
            assert not self._batch, "something came in the middle of a batch"
            {"snapshot": self._snapshot, "subscribed": self._subscribed, "position": self._told}[
                kind
            ](body)

    def _take_ui_event(self, event: Json) -> None:
        assert not self._parts, "a UI event came between the parts of a snapshot"
        ordinal = int(event["eventOrdinal"])
        if ordinal == 0:
            return
        assert event["batchIndex"] == len(self._batch), "a batch has a hole, or begins in the middle"
        assert all(ordinal == int(each["eventOrdinal"]) for each in self._batch)
        assert ordinal > self.position, f"{ordinal} came again, after {self.position}"
        assert int(event["previousOrdinal"]) <= self.position, f"a gap before {ordinal}"
        self._batch.append(event)
        if len(self._batch) == event["batchSize"]:
            self._apply(ordinal, self._batch)
            self._batch = []

    def _apply(self, ordinal: int, batch: Sequence[Json]) -> None:
        assert (self.epoch, ordinal) not in self.applied, f"{ordinal} was applied before"
        self.applied.add((self.epoch, ordinal))
        for event in batch:
            cell, _, value = event["payload"]["value"].partition("=")
            self.cells.pop(cell, None)
            if value:
                self.cells[cell] = value
        self.position = ordinal

    def _snapshot(self, part: Json) -> None:
        assert part["partIndex"] == len(self._parts), "a part of a snapshot is missing"
        self._parts.append(part)
        if len(self._parts) < part["partCount"]:
            return
        entities = [entity for each in self._parts for entity in each["entities"]]
        self.cells = {entity["id"]: entity["payload"]["value"] for entity in entities}
        self.epoch = part.get("epoch", "")
        self.position = int(part["snapshotOrdinal"])
        self._parts = []

    def _subscribed(self, body: Json) -> None:
        self.epoch = body.get("epoch", "")
        self._move_to(int(body["headOrdinal"]))
        self.is_live = True
        self.outcomes.append((body["outcome"], body["reason"]))

    def _told(self, body: Json) -> None:
        if body.get("epoch", "") == self.epoch:
            self._move_to(int(body["headOrdinal"]))

    def _move_to(self, head: int) -> None:
        self.position = max(self.position, head)
