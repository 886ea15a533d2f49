"""The bodies of snapshots: made once for those who ask together, and never too many at once."""

from __future__ import annotations

import hashlib
import sys
from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import Final
from weakref import WeakKeyDictionary

from sessionstream.transport import proto_frames
from sessionstream.transport.dialects import V2_JSON
from sessionstream.transport.http.payloads import JSON
from sessionstream.transport.http.problems import ProblemError
from sessionstream.transport.shared import SharedSnapshot

_FRAME: Final = b'{"snapshot":'
# So much of all may be one client's.
_SHARE: Final = 4


class Body:
    """A snapshot in one form; ``users`` are those to whom it is being sent."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.digest = hashlib.sha256(data).hexdigest()[:16]
        self.users = 0


class Bodies:
    """Holds no more than ``limit`` bytes for all clients, and a quarter of that for one.

    One body alone may be larger.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        # Guarded by the event loop.
        self._made: WeakKeyDictionary[SharedSnapshot, dict[str, Body]] = WeakKeyDictionary()
        self._held = 0
        self._of: Counter[Hashable] = Counter()

    @property
    def held(self) -> int:
        """How many bytes are held."""
        return self._held

    def check_room(self) -> None:
        """Refuses to begin where there is no room for anything.

        Raises:
            ProblemError: ``unavailable``.
        """
        if self._held >= self._limit:
            raise _unavailable()

    def of(self, snapshot: SharedSnapshot, form: str) -> Body:
        """Returns the body; the same for those who loaded the snapshot together."""
        made = self._made.setdefault(snapshot, {})
        body = made.get(form)
        if body is None:
            body = made[form] = Body(_json(snapshot) if form == JSON else _binary(snapshot))
        return body

    @contextmanager
    def holding(self, body: Body, owner: Hashable) -> Iterator[None]:
        """Holds a body while it is sent.

        Raises:
            ProblemError: There is no room: ``unavailable``, or ``rate_limited``
                where the owner has its part.
        """
        size = len(body.data)
        if not body.users and self._held and self._held + size > self._limit:
            raise _unavailable()
        if self._of[owner] and self._of[owner] + size > self._limit // _SHARE:
            raise ProblemError("rate_limited", "too many snapshots are being sent to you")
        self._held += 0 if body.users else size
        body.users += 1
        self._of[owner] += size
        try:
            yield
        finally:
            body.users -= 1
            self._held -= 0 if body.users else size
            self._of[owner] -= size
            if not self._of[owner]:
                del self._of[owner]


def _unavailable() -> ProblemError:
    return ProblemError("unavailable", "too many snapshots are being sent; try again")


def _json(snapshot: SharedSnapshot) -> bytes:
    [frames] = V2_JSON.encode_snapshot(snapshot.snapshot, snapshot.position.epoch, sys.maxsize)
    return frames.payloads[0].removeprefix(_FRAME)[:-1]


def _binary(snapshot: SharedSnapshot) -> bytes:
    epoch = snapshot.position.epoch
    [frame] = proto_frames.snapshot_frames(snapshot.snapshot, epoch, sys.maxsize)
    return frame.snapshot.SerializeToString(deterministic=True)
