"""``GET /sessions/{id}/snapshot``: a session's timeline at one position.

The body is a `SnapshotFrame`, whole. Its ``ETag`` is ``"epoch:ordinal:digest"``:
the position, to begin events at, and what tells two forms of it apart, and
two timelines of one position, since a timeline can be made anew from its log.
"""

from __future__ import annotations

import asyncio
import hashlib
import sys
from typing import Final

from sessionstream.errors import HubClosedError, StoreError
from sessionstream.transport import proto_frames
from sessionstream.transport.access import Principal
from sessionstream.transport.dialects import V2_JSON
from sessionstream.transport.http.asking import At, checked_session_id
from sessionstream.transport.http.exchange import Exchange
from sessionstream.transport.http.messages import Response
from sessionstream.transport.http.negotiating import matches_etag, preferred
from sessionstream.transport.http.payloads import JSON, PROTOBUF
from sessionstream.transport.http.problems import ProblemCode, ProblemError
from sessionstream.transport.rooms import Rooms
from sessionstream.transport.source import Opened

_FRAME: Final = b'{"snapshot":'


class SnapshotDoor:
    """Hands out snapshots."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._loads = asyncio.Semaphore(rooms.settings.max_snapshot_loads)

    async def answer(self, exchange: Exchange, principal: Principal) -> Response:
        """Returns the snapshot, or that the client has it.

        Raises:
            ProblemError: The principal may not see it, or wants another form of it.
        """
        session_id = checked_session_id(exchange.route.session_id)
        if not await self._rooms.gate.may_subscribe(principal, session_id):
            raise ProblemError("subscribe_denied", "you may not see this session")
        form = preferred(exchange.request, (JSON, PROTOBUF))
        if form is None:
            message = f"a snapshot comes as {JSON} or {PROTOBUF}"
            raise ProblemError(ProblemCode.NOT_ACCEPTABLE, message)
        async with self._loads:
            opened = await self._load(session_id)
            body = _json(opened) if form == JSON else _binary(opened)
        at = At(opened.position.epoch, opened.snapshot.snapshot_ordinal)
        etag = f'"{at}:{hashlib.sha256(body).hexdigest()[:16]}"'
        # A browser may keep it, and asks each time whether it still holds.
        headers = (("etag", etag), ("cache-control", "private, no-cache"), ("vary", "accept"))
        if matches_etag(exchange.request, etag):
            return Response(status=304, headers=headers)
        return Response(status=200, body=body, headers=(("content-type", form), *headers))

    async def _load(self, session_id: str) -> Opened:
        try:
            return await self._rooms.source.opened(session_id)
        except (StoreError, HubClosedError) as error:
            message = "the snapshot of this session could not be loaded"
            raise ProblemError("unavailable", message) from error


def _json(opened: Opened) -> bytes:
    frames = V2_JSON.encode_snapshot(opened.snapshot, opened.position.epoch, sys.maxsize)
    return frames[0].payloads[0].removeprefix(_FRAME)[:-1]


def _binary(opened: Opened) -> bytes:
    frames = proto_frames.snapshot_frames(opened.snapshot, opened.position.epoch, sys.maxsize)
    return frames[0].snapshot.SerializeToString(deterministic=True)
