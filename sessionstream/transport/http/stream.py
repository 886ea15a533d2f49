"""Frames as Server-Sent Events, without I/O.

A frame of version 2 is the data of a nameless event. The id of an event is the
position that the client has with it, as ``epoch:ordinal``: a browser sends the
last one with the request that follows when a stream has broken off.

    frame                                 id
    uiEvent, the last of its batch        its ordinal, unless it is ephemeral
    snapshot, the last of its parts       the snapshot's ordinal
    subscribed, position                  the head
    anything else                         none

Some frames mean nothing to whoever can't answer: ``hello`` is left out, a
``ping`` becomes a comment. A ``goAway`` comes with a time to wait before the
next request.

The format: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias, cast
from weakref import WeakKeyDictionary

from sessionstream.transport.encoded import Encoded
from sessionstream.transport.http.asking import At

# A frame's fields, without what an application put into it.
Fields: TypeAlias = Mapping[str, object]

HEARTBEAT: Final = b":\n\n"
_OF_THE_APPLICATION: Final = ("payload", "entities")


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame, and the event that it is, without its id."""

    kind: str
    fields: Fields
    event: bytes


class Frames:
    """Takes frames apart, those that go to many streams once."""

    def __init__(self) -> None:
        self._taken_apart: WeakKeyDictionary[Encoded, tuple[Frame, ...]] = WeakKeyDictionary()

    def of(self, encoded: Encoded) -> tuple[Frame, ...]:
        """Returns the frames, which are texts of version 2."""
        found = self._taken_apart.get(encoded)
        if found is None:
            found = self._taken_apart[encoded] = tuple(map(_frame, encoded.payloads))
        return found


def _frame(payload: bytes) -> Frame:
    ((kind, fields),) = json.loads(payload).items()
    kept = {name: value for name, value in fields.items() if name not in _OF_THE_APPLICATION}
    return Frame(kind, kept, b"data: %b\n\n" % payload)


class EventStream:
    """Writes the frames of one subscription.

    ``epoch`` is that of the position at which it begins, "" without one.
    ``frames`` are those of all streams.
    """

    def __init__(
        self, frames: Frames, epoch: str = "", pick: Callable[[int], int] = random.randrange
    ) -> None:
        self.frames = frames
        self._epoch = epoch
        self._pick = pick

    def write(self, frame: Frame) -> bytes:
        """Returns the frame as the stream has it, perhaps nothing."""
        if frame.kind == "hello":
            return b""
        if frame.kind == "ping":
            return HEARTBEAT
        if frame.kind == "goAway":
            # Not all at once: each at a moment of its own within this time.
            within = cast(int, frame.fields["reconnectWithinMs"])
            return retry(self._pick(within + 1)) + frame.event
        at = self._at(frame.kind, frame.fields)
        return frame.event if at is None else f"id: {at}\n".encode() + frame.event

    def _at(self, kind: str, fields: Fields) -> At | None:
        self._epoch = cast(str, fields.get("epoch", self._epoch))
        match kind:
            case "uiEvent":
                is_last = fields["batchIndex"] == cast(int, fields["batchSize"]) - 1
                ordinal = fields["eventOrdinal"] if is_last else "0"
                return None if ordinal == "0" else At(self._epoch, int(cast(str, ordinal)))
            case "snapshot":
                is_last = fields["partIndex"] == cast(int, fields["partCount"]) - 1
                ordinal = cast(str, fields["snapshotOrdinal"])
                return At(self._epoch, int(ordinal)) if is_last else None
            case "subscribed" | "position":
                return At(self._epoch, int(cast(str, fields["headOrdinal"])))
        return None


def retry(milliseconds: int) -> bytes:
    """Returns the line that tells how long to wait before the next request."""
    return b"retry: %d\n" % milliseconds


def closing(code: int, reason: str) -> bytes:
    """Returns the last event of a stream that the server ends, of the type ``close``."""
    data = json.dumps({"code": code, "reason": reason})
    return f"event: close\ndata: {data}\n\n".encode()
