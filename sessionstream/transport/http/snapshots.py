"""``GET /sessions/{id}/snapshot``: a session's timeline at one position.

The body is a `SnapshotFrame`, whole. Its ``ETag`` is ``"epoch:ordinal:digest"``:
the position, to begin events at, and what tells two forms of it apart, and
two timelines of one position, since a timeline can be made anew from its log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from weakref import WeakValueDictionary

from sessionstream.errors import HubClosedError, StoreError
from sessionstream.transport.access import Principal
from sessionstream.transport.http.asking import At, checked_session_id
from sessionstream.transport.http.bodies import Bodies
from sessionstream.transport.http.exchange import Exchange
from sessionstream.transport.http.messages import Response
from sessionstream.transport.http.negotiating import matches_etag, preferred
from sessionstream.transport.http.payloads import JSON, PROTOBUF
from sessionstream.transport.http.problems import ProblemCode, ProblemError
from sessionstream.transport.http.settings import HTTPSettings
from sessionstream.transport.rooms import Rooms
from sessionstream.transport.shared import SharedSnapshot


class SnapshotDoor:
    """Hands out snapshots."""

    def __init__(self, rooms: Rooms, settings: HTTPSettings) -> None:
        self._rooms = rooms
        self._bodies = Bodies(settings.max_snapshot_bytes)
        # Those who load something at the moment: nobody waits for the loads of another.
        self._loads: WeakValueDictionary[Hashable, asyncio.Semaphore] = WeakValueDictionary()

    async def answer(self, exchange: Exchange, principal: Principal) -> Response:
        """Returns the snapshot, or that the client has it.

        Raises:
            ProblemError: The principal may not see it, or wants another form of
                it, or too many are being sent.
        """
        session_id = checked_session_id(exchange.route.session_id)
        mark = self._rooms.gate.revocations.mark
        if not await self._rooms.gate.may_subscribe(principal, session_id):
            raise _denied()
        form = preferred(exchange.request, (JSON, PROTOBUF))
        if form is None:
            message = f"a snapshot comes as {JSON} or {PROTOBUF}"
            raise ProblemError(ProblemCode.NOT_ACCEPTABLE, message)
        snapshot = await self._load(session_id, principal)
        if self._rooms.gate.was_revoked(principal, mark, session_id):
            raise _denied()
        owner = self._rooms.gate.owner(principal, exchange.request.remote)
        body = self._bodies.of(snapshot, form)
        etag = f'"{At(snapshot.position.epoch, snapshot.ordinal)}:{body.digest}"'
        # A browser may keep it, and asks each time whether it still holds.
        headers = (("etag", etag), ("cache-control", "private, no-cache"), ("vary", "accept"))
        if matches_etag(exchange.request, etag):
            return Response(status=304, headers=headers)
        exchange.until_sent.enter_context(self._bodies.holding(body, owner))
        return Response(status=200, body=body.data, headers=(("content-type", form), *headers))

    async def _load(self, session_id: str, principal: Principal) -> SharedSnapshot:
        at_once = self._rooms.settings.max_snapshot_loads
        # Of those who can't be told apart, each is one of its own, as a connection is.
        owner = self._rooms.gate.owner(principal, object())
        turn = self._loads.setdefault(owner, asyncio.Semaphore(at_once))
        try:
            async with turn:
                self._bodies.check_room()
                return await self._rooms.reads.opened(session_id)
        except (StoreError, HubClosedError) as error:
            message = "the snapshot of this session could not be loaded"
            raise ProblemError("unavailable", message) from error


def _denied() -> ProblemError:
    return ProblemError("subscribe_denied", "you may not see this session")
