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
from typing import Final, TypeAlias, cast

from sessionstream.transport.http.asking import At

# A frame's fields: texts, numbers, and payloads that nobody looks at here.
Fields: TypeAlias = Mapping[str, object]

HEARTBEAT: Final = b":\n\n"


class EventStream:
    """Writes the frames of one subscription.

    ``epoch`` is that of the position at which it begins, "" without one.
    """

    def __init__(self, epoch: str = "", pick: Callable[[int], int] = random.randrange) -> None:
        self._epoch = epoch
        self._pick = pick

    def write(self, kind: str, fields: Fields, text: str) -> bytes:
        """Returns the frame as the stream has it, perhaps nothing."""
        if kind == "hello":
            return b""
        if kind == "ping":
            return HEARTBEAT
        lines = f"data: {text}\n\n"
        if (at := self._at(kind, fields)) is not None:
            lines = f"id: {at}\n{lines}"
        if kind == "goAway":
            # Not all at once: each at a moment of its own within this time.
            within = cast(int, fields["reconnectWithinMs"])
            lines = retry(self._pick(within + 1)) + lines
        return lines.encode()

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


def parsed(text: str) -> tuple[str, Fields]:
    """Returns a frame's kind and fields."""
    ((kind, fields),) = json.loads(text).items()
    return kind, fields


def retry(milliseconds: int) -> str:
    """Returns the line that tells how long to wait before the next request."""
    return f"retry: {milliseconds}\n"


def closing(code: int, reason: str) -> bytes:
    """Returns the last event of a stream that the server ends, of the type ``close``."""
    data = json.dumps({"code": code, "reason": reason})
    return f"event: close\ndata: {data}\n\n".encode()
