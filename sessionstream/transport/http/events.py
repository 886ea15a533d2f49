"""``GET /sessions/{id}/events``: a subscription as Server-Sent Events.

``mode`` in the query says what comes first, as in a ``subscribe`` frame:
``snapshot``, ``resume``, ``resume_only`` or ``live``. Without it that is what came
after the position where there is one, and else the snapshot. The position is
the id of the last event that the client has: the header ``Last-Event-ID``, which
browsers send by themselves, or ``lastEventId`` in the query.

What `Connection` refuses before anything was sent is an HTTP status; later it
is an ``error`` frame, and the end of the stream.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Final

from sessionstream.transport.access import ConnectionRequest, Principal
from sessionstream.transport.admission import Admission
from sessionstream.transport.dialects import V2_JSON
from sessionstream.transport.http.asking import (
    At,
    checked_session_id,
    parameters,
    position,
    single_header,
)
from sessionstream.transport.http.event_wire import EVENT_HEADERS, EventWire
from sessionstream.transport.http.exchange import Exchange
from sessionstream.transport.http.messages import Response
from sessionstream.transport.http.problems import ProblemCode, ProblemError
from sessionstream.transport.http.settings import HTTPSettings
from sessionstream.transport.http.stream import EventStream, Frames
from sessionstream.transport.rooms import Rooms

MODES: Final = ("SNAPSHOT", "RESUME", "RESUME_ONLY", "LIVE")


class EventDoor:
    """Serves event streams, each as a connection of the rooms."""

    def __init__(self, rooms: Rooms, settings: HTTPSettings) -> None:
        self._rooms = rooms
        self._settings = settings
        self._frames = Frames()

    async def answer(self, exchange: Exchange, principal: Principal) -> Response | None:
        """Serves a stream until either side ends it; returns the answer to HEAD.

        Raises:
            ProblemError: The stream did not begin.
        """
        at = _position(exchange.request)
        mode = _mode(exchange.request, at)
        session_id = exchange.route.session_id
        if exchange.method == "HEAD":
            return await self._head(session_id, principal)
        wire = EventWire(
            exchange.send,
            EventStream(self._frames, "" if at is None else at.epoch),
            _subscribe(session_id, mode, at),
            retry=self._settings.retry,
        )
        admission = Admission(request=exchange.request, dialect=V2_JSON, principal=principal)
        watch = asyncio.create_task(_watch(exchange, wire))
        try:
            await self._rooms.handle(wire, admission)
        finally:
            watch.cancel()
        wire.check_begun()
        return None

    async def _head(self, session_id: str, principal: Principal) -> Response:
        checked_session_id(session_id)
        if not await self._rooms.gate.may_subscribe(principal, session_id):
            raise ProblemError("subscribe_denied", "you may not see this session")
        return Response(status=200, body=None, headers=EVENT_HEADERS)


async def _watch(exchange: Exchange, wire: EventWire) -> None:
    while (await exchange.receive())["type"] != "http.disconnect":
        pass
    wire.hang_up()


def _position(request: ConnectionRequest) -> At | None:
    # The browser's own is the newer one: the query stays as the page wrote it.
    given = single_header(request, "last-event-id")
    if not given:
        given = parameters(request, "lastEventId").get("lastEventId")
    return position(given) if given else None


def _mode(request: ConnectionRequest, at: At | None) -> str:
    given = parameters(request, "mode").get("mode")
    if given is None:
        return "SNAPSHOT" if at is None else "RESUME"
    if given.upper() not in MODES:
        listed = ", ".join(MODES).lower()
        raise ProblemError(ProblemCode.BAD_REQUEST, f"mode is one of {listed}; got {given[:40]!r}")
    if given.upper() == "RESUME_ONLY" and at is None:
        message = "mode resume_only needs a position: Last-Event-ID, or ?lastEventId="
        raise ProblemError(ProblemCode.BAD_REQUEST, message)
    return given.upper()


def _subscribe(session_id: str, mode: str, at: At | None) -> str:
    fields: dict[str, str] = {"sessionId": session_id, "mode": mode}
    if at is not None:
        fields |= {"sinceEpoch": at.epoch, "sinceSnapshotOrdinal": str(at.ordinal)}
    frame: Mapping[str, object] = {"subscribe": fields}
    return json.dumps(frame)
