"""Who watches which session: the feed behind every server."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from typing import Final, Self

from sessionstream.arguments import check_callable, check_type
from sessionstream.closing import AsyncClosing
from sessionstream.transport.access import Access, ConnectionRequest, Principal
from sessionstream.transport.admission import Admission
from sessionstream.transport.codes import CloseCode
from sessionstream.transport.connection import Connection
from sessionstream.transport.dialects import Dialect
from sessionstream.transport.gate import Gate
from sessionstream.transport.info import ConnectionInfo
from sessionstream.transport.intake import Intake
from sessionstream.transport.leaving import go_away_one_by_one
from sessionstream.transport.pace import Pace
from sessionstream.transport.positions import tell_positions
from sessionstream.transport.reads import Reads
from sessionstream.transport.room import Room
from sessionstream.transport.seats import Seats
from sessionstream.transport.settings import TransportSettings
from sessionstream.transport.source import Rest, SessionSource
from sessionstream.transport.visits import Visit, visiting
from sessionstream.transport.wire import Wire
from sessionstream.types import UIBatch

logger = logging.getLogger("sessionstream.transport")

_SHUTS_DOWN: Final = "the server shuts down"
_REVOKED: Final = "the access was revoked"
# What is kept of batches that were shown last, for those who come back.
_SHARED_BYTES: Final = 8 * 2**20


class Rooms(AsyncClosing):
    """A `UIFeed` that serves connections and hands them UI events.

    Enter it to add it to the Hub; leaving removes it, closes every connection
    with code 1001 and returns when their tasks have ended. To let clients see
    what the Hub still finishes, close the Hub first.

    Attributes:
        settings: Limits and deadlines.
        source: The Hub.
        gate: Asks the hooks of ``access``.
        reads: What connections read of the Hub.
        intake: Takes their commands in.
    """

    def __init__(
        self,
        source: SessionSource,
        settings: TransportSettings | None = None,
        *,
        access: Access | None = None,
    ) -> None:
        check_callable("source", source, "add_feed")
        self.settings = TransportSettings() if settings is None else settings
        check_type("settings", self.settings, TransportSettings)
        access = Access() if access is None else access
        check_type("access", access, Access)
        self.source = source
        self.gate = Gate(access, self.settings.hook_timeout)
        self.reads = Reads(source, _SHARED_BYTES)
        self.intake = Intake(source, self.gate, self.settings.max_pending_commands)
        self._pace = Pace(self.settings)
        # Guarded by the event loop: changed only by methods that do not suspend.
        self._entered = False
        self._open = False
        self._rooms: dict[str, Room[Connection]] = {}
        self._connections: set[Connection] = set()
        self._seats = Seats(self.settings, knows_principals=self.gate.knows_principals)
        self._deserted = asyncio.Event()
        self._deserted.set()
        self._telling: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self.source.add_feed(self)
        telling = tell_positions(self._rooms, self.reads, self.settings.position_interval)
        self._telling = asyncio.get_running_loop().create_task(telling)
        self._entered = self._open = True
        return self

    async def aclose(self) -> None:
        """Closes every connection with code 1001 and waits for them; may be called twice.

        Clients first get what is queued for them, as far as they take it
        within ``close_timeout``; those of version 2 are told, and closed one
        after the other within ``drain_seconds``. A connection that comes
        meanwhile is closed at once.
        """
        if self._open:
            self._open = False
            self.source.remove_feed(self)
            if self._telling is not None:
                self._telling.cancel()
                await asyncio.wait([self._telling])
            for connection in tuple(self._connections):
                connection.go_away(self.settings.drain_seconds)
            await self._let_clients_take_what_waits()
            told = [each for each in self._connections if each.dialect.is_v2]
            for connection in self._connections.difference(told):
                connection.stop(CloseCode.GOING_AWAY, _SHUTS_DOWN)
            await go_away_one_by_one(told, self._deserted, self.settings.drain_seconds)
        for connection in tuple(self._connections):
            connection.stop(CloseCode.GOING_AWAY, _SHUTS_DOWN)
        await self.deserted()

    async def _let_clients_take_what_waits(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self.settings.close_timeout):
                for connection in tuple(self._connections):
                    await connection.sent()

    async def deserted(self) -> None:
        """Returns when there is no connection."""
        await self._deserted.wait()

    def watched(self) -> set[str]:
        """Returns the sessions that somebody watches."""
        return set(self._rooms)

    def queued_bytes(self) -> int:
        """Returns how many bytes wait for all clients together."""
        return sum(connection.queued_bytes for connection in self._connections)

    def connections(self) -> tuple[ConnectionInfo, ...]:
        """Returns how each connection stands now; requests over plain HTTP are none."""
        return tuple(connection.info() for connection in self._connections)

    # -- what is fanned out -----------------------------------------------------------

    def deliver(self, batch: UIBatch) -> Rest | None:
        """Hands the UI events to every subscriber and waits for none of them."""
        room = self._rooms.get(batch.session_id)
        if not room:
            return None
        room.is_quiet = False
        turns = self._hand_out(batch, room.members())
        is_done = next(turns, True)
        return None if is_done else _in_turns(turns)

    def _hand_out(self, batch: UIBatch, members: Sequence[Connection]) -> Iterator[None]:
        """Yields where others are to have their turn."""
        shared = self.reads.share(batch)
        for number, connection in enumerate(members, 1):
            connection.deliver(shared)  # one that has left meanwhile does nothing
            if number % self._pace.members_at_once == 0:
                yield
        if self._pace.is_turn_of_others(shared.frames(members[0].dialect)):
            yield

    def reset(self, session_id: str) -> None:
        """Makes every subscriber load the session anew."""
        self.reads.forget(session_id)
        room = self._rooms.get(session_id)
        for connection in room.members() if room else ():
            connection.reset(session_id)

    # -- who comes and goes -------------------------------------------------------------

    async def admit(self, request: ConnectionRequest, dialect: Dialect) -> Admission | None:
        """Returns with what a client comes in; None for one that has to be refused, with 401.

        To be asked before the handshake is answered.
        """
        principal = await self.gate.authenticate(request)
        may_be_late = dialect.is_v2 and self.settings.unauthenticated_seconds > 0
        if principal is None and not may_be_late:
            logger.info("a connection was refused: it is not authenticated")
            return None
        if not self.gate.knows_principals:  # nobody will ask for the request any more
            return Admission(dialect=dialect, principal=principal)
        mark = self.gate.revocations.mark
        return Admission(request=request, dialect=dialect, principal=principal, mark=mark)

    async def handle(self, wire: Wire, admission: Admission | None = None) -> None:
        """Serves a client on an accepted connection until it is closed.

        After `aclose` it closes at once with code 1001, and with code 1013 when
        as many clients as may be are served already.

        Args:
            wire: The connection.
            admission: What `admit` gave; without it anybody comes in, in version 1.

        Raises:
            RuntimeError: The rooms were never entered with ``async with``.
        """
        if not self._entered:
            raise RuntimeError("enter the rooms first: async with Rooms(hub) as rooms")
        admission = Admission() if admission is None else admission
        connection = Connection(secrets.token_hex(8), wire, admission, self)
        self._seat(connection, admission.mark)
        self._connections.add(connection)
        self._deserted.clear()
        try:
            await connection.run()
        finally:
            self._seats.leave(connection)
            self._connections.discard(connection)
            if not self._connections:
                self._deserted.set()

    def _seat(self, connection: Connection, mark: int | None) -> None:
        principal = connection.principal
        if not self._open:
            connection.stop(CloseCode.GOING_AWAY, _SHUTS_DOWN)
        elif mark is not None and principal is not None and self.gate.was_revoked(principal, mark):
            # While the handshake was being answered there was no connection to end.
            connection.stop(CloseCode.REVOKED, _REVOKED)
        elif (refused := self._seats.enter(connection, principal)) is not None:
            connection.stop(refused, "too many connections")

    def identify(self, member: Connection, principal: Principal) -> bool:
        """Takes note who a client is; False where that one has too many connections."""
        return self._seats.identify(member, principal)

    def visit(self, principal: Principal, session_id: str) -> AbstractContextManager[Visit]:
        """Counts a request that has no connection of its own; see `visits.visiting`."""
        return visiting(self._seats, self.source.observers, principal, session_id)

    def revoke(self, principal_id: str, session_id: str | None = None) -> int:
        """Ends the connections of a principal, with code 4403; returns how many it has.

        With a session id, only their subscriptions of that session end. Have
        the hooks refuse first: what comes from now on is theirs to decide, and
        whoever is just being asked about is asked about again.
        """
        revoked = principal_id if session_id is None else (principal_id, session_id)
        self.gate.revocations.add(revoked)
        found = [
            each
            for each in self._connections
            if each.principal is not None and each.principal.id == principal_id
        ]
        for connection in found:
            if session_id is None:
                connection.stop(CloseCode.REVOKED, _REVOKED)
            else:
                connection.revoke(session_id)
        return len(found)

    def join(self, session_id: str, member: Connection) -> None:
        """Makes ``member`` receive the session's batches; may be repeated."""
        self._rooms.setdefault(session_id, Room()).add(member)

    def leave(self, session_id: str, member: Connection) -> None:
        """Ends that; does nothing where there is nothing to end."""
        room = self._rooms.get(session_id)
        if room is not None:
            room.discard(member)
            if not room:
                del self._rooms[session_id]


async def _in_turns(turns: Iterator[None]) -> None:
    await asyncio.sleep(0)
    for _ in turns:
        await asyncio.sleep(0)
