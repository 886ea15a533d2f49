"""Runs one connection: moves what the protocol decides between a wire and a Hub."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cached_property, partial
from typing import assert_never

from sessionstream.observer import TransportEvent, TransportRecord
from sessionstream.transport.access import Principal
from sessionstream.transport.actions import (
    Action,
    Answer,
    Authenticate,
    Authorize,
    Close,
    Deliver,
    Discard,
    Leave,
    Load,
    Report,
    Run,
)
from sessionstream.transport.admission import Admission
from sessionstream.transport.codes import CloseCode
from sessionstream.transport.command_runs import CommandRuns
from sessionstream.transport.connection_tasks import ConnectionTasks
from sessionstream.transport.info import ConnectionInfo
from sessionstream.transport.loads import Loads
from sessionstream.transport.outbox import Outbox
from sessionstream.transport.protocol import Client, ServerProtocol
from sessionstream.transport.shared import SharedBatch
from sessionstream.transport.surroundings import Surroundings
from sessionstream.transport.timers import Timers
from sessionstream.transport.wire import Wire, close_within
from sessionstream.types import Position

logger = logging.getLogger("sessionstream.transport")


class Connection:
    """One client. `run` serves it until either side closes.

    `deliver`, `reset`, `look`, `revoke`, `go_away` and `stop` may be called at
    any time on the event loop. They never suspend and never raise, so no
    client can delay or fail a publisher.
    """

    def __init__(
        self, connection_id: str, wire: Wire, admission: Admission, rooms: Surroundings[Connection]
    ) -> None:
        self.id = connection_id
        self.dialect = admission.dialect
        self._wire = wire
        self._admission = admission
        self._rooms = rooms
        self._settings = rooms.settings
        client = Client(
            connection_id=connection_id,
            dialect=admission.dialect,
            principal=admission.principal,
        )
        registry = rooms.source.registry
        self._protocol = ServerProtocol(
            client, rooms.settings, lambda name: registry.command_type(name).message_type
        )
        self._subscriptions = self._protocol.subscriptions
        self._outbox = Outbox(rooms.settings)
        self._timers = Timers(
            self._protocol.standing, self._perform, wire.unsent, rooms.settings.progress_timeout
        )
        self._progress = self._timers.progress
        self._tasks = ConnectionTasks(self._hung_up, self._fail)
        self._loads = Loads(
            self._subscriptions,
            rooms.reads,
            self._outbox,
            rooms.settings.max_snapshot_loads,
            self._perform,
        )
        # Guarded by the event loop: changed by _perform and stop, which do not suspend.
        self._joined: set[str] = set()
        self._lags = False
        self._loop = asyncio.get_running_loop()
        self._end: asyncio.Future[Close] = self._loop.create_future()

    @property
    def principal(self) -> Principal | None:
        """Who the client is; None where it has not shown that."""
        return self._protocol.standing.principal

    @cached_property
    def _commands(self) -> CommandRuns:
        # Most clients only watch.
        return CommandRuns(self._rooms.intake, self._protocol, self._perform)

    @property
    def queued_bytes(self) -> int:
        """How many bytes wait to be sent."""
        return self._outbox.size

    def info(self) -> ConnectionInfo:
        """Returns how it stands now."""
        return ConnectionInfo(
            id=self.id,
            principal="" if self.principal is None else self.principal.id,
            remote=self._admission.request.remote,
            subprotocol=self.dialect.subprotocol,
            queued_frames=len(self._outbox),
            queued_bytes=self._outbox.size,
            subscriptions=self._subscriptions.info(),
        )

    async def run(self) -> None:
        """Serves the client; returns when the connection is closed.

        Cancelling it cuts the connection's tasks off and nothing else: no
        command and no other connection is affected.
        """
        self._report(Report(TransportEvent.CONNECTED))
        try:
            end = await self._tasks.run(self._begin, self._end)
            if not await close_within(self._wire, end, self._settings.close_timeout):
                logger.info("a connection did not close in time", extra={"connection_id": self.id})
        finally:
            self.stop(CloseCode.NORMAL, "")
            end = self._end.result()
            detail = f"{end.code.value} {end.reason}".rstrip()
            self._report(Report(TransportEvent.DISCONNECTED, detail=detail))

    # -- what happens around it ------------------------------------------------------

    def deliver(self, batch: SharedBatch) -> None:
        """Takes a batch of UI events of a session that it watches."""
        if self._end.done():
            return
        try:
            cursor = self._subscriptions.passing(batch)
            if cursor is None:
                self._perform(self._subscriptions.deliver(batch))
            elif self._outbox.is_idle() and self._wire.send_now(batch.frames(self.dialect)):
                self._progress.end()
            else:
                self._put(self._subscriptions.delivery(batch, cursor))
        except Exception:  # a border: other subscribers come after this one
            self._fail("a batch could not be delivered")

    def reset(self, session_id: str) -> None:
        """Takes note that a session is another now."""
        self._happens(lambda: self._subscriptions.reset(session_id))

    def look(self, session_id: str, position: Position) -> None:
        """Takes the position of a session that was quiet for a while."""
        self._happens(lambda: self._subscriptions.look(session_id, position))

    def revoke(self, session_id: str) -> None:
        """Ends what it may not see any more."""
        self._happens(lambda: self._subscriptions.revoke(session_id))

    def go_away(self, reconnect_within: float) -> None:
        """Tells the client that the server ends, and in how many seconds it may come back."""
        self._happens(lambda: self._protocol.go_away(reconnect_within))

    def _happens(self, take: Callable[[], Iterable[Action]]) -> None:
        if self._end.done():
            return
        try:
            self._perform(take())
        except Exception:  # a border: others are told after this one
            self._fail("what happened around a connection could not be told")

    async def sent(self) -> None:
        """Returns when the client was sent everything so far, or the connection ends."""
        await self._outbox.wait_until_sent()

    def stop(self, code: CloseCode, reason: str) -> None:
        """Ends the connection: leaves every room now and makes `run` close. Idempotent."""
        if self._end.done():
            return
        self._end.set_result(Close(code, reason))
        self._timers.stop()
        for session_id in self._joined:
            self._rooms.leave(session_id, self)
        self._joined.clear()
        self._outbox.clear()

    # -- its tasks ---------------------------------------------------------------------

    def _begin(self) -> None:
        self._perform(self._protocol.hello())
        self._timers.begin()
        for work in (self._read, self._write):
            _ = self._tasks.start(work)

    def _hung_up(self) -> None:
        self.stop(CloseCode.NORMAL, "")

    async def _read(self) -> None:
        while (data := await self._wire.receive()) is not None:
            self._perform(self._protocol.receive(data, self._loop.time()))
            await self._outbox.wait_for_room()
        self._hung_up()

    async def _write(self) -> None:
        while True:
            frames = await self._outbox.get()
            self._progress.begin()
            await self._wire.send(frames)
            self._progress.end()
            self._catch_up()

    async def _authenticate(self, token: str) -> None:
        request = replace(self._admission.request, token=token)
        principal = await self._rooms.gate.authenticate(request)
        before = self.principal
        is_new = principal is not None and before is None
        if is_new and principal is not None and not self._rooms.identify(self, principal):
            self.stop(CloseCode.TOO_MANY_OF_PRINCIPAL, "too many connections")
            return
        self._timers.authenticated(principal)

    # -- actions -------------------------------------------------------------------------

    def _perform(self, actions: Iterable[Action]) -> None:
        for action in actions:
            if self._end.done():
                return
            match action:
                case Answer():
                    self._outbox.put_answer(action.frames, action.session_id)
                case Deliver():
                    self._put(action)
                case Discard():
                    self._outbox.discard(action.session_id)
                case Authorize() if self._rooms.gate.shows_all:
                    self._perform(self._subscriptions.authorized(action, True))
                case Authorize():
                    self._loads.ask(action, self.principal, self._rooms.gate, self._tasks.start)
                case Load():
                    self._start_load(action)
                case Leave():
                    self._leave(action.session_id)
                case Authenticate():
                    _ = self._tasks.start(partial(self._authenticate, action.token))
                case Run():
                    owner = self._rooms.gate.owner(self.principal, self.id)
                    _ = self._tasks.start(
                        partial(self._commands.run, action, self.principal, owner)
                    )
                case Report():
                    self._report(action)
                case Close():
                    self.stop(action.code, action.reason)
                case _:
                    assert_never(action)

    def _put(self, delivery: Deliver) -> None:
        for dropped in self._outbox.put(delivery):
            self._lags = True
            self._perform(self._subscriptions.dropped(dropped.session_id, dropped.cursor))
        if self._lags and self._outbox.is_low() and not self._progress.is_sending:
            # Nothing is on its way whose end would tell that the client reads.
            self._loop.call_soon(self._catch_up)

    def _catch_up(self) -> None:
        if self._lags and self._outbox.is_low():
            self._lags = False
            self._happens(self._subscriptions.catch_up)

    def _start_load(self, load: Load) -> None:
        self._joined.add(load.session_id)
        self._rooms.join(load.session_id, self)
        self._outbox.keep(load.session_id)
        self._loads.start(load, self._tasks.start)

    def _leave(self, session_id: str) -> None:
        self._loads.cancel(session_id)
        self._joined.discard(session_id)
        self._rooms.leave(session_id, self)

    def _fail(self, message: str) -> None:
        logger.exception(message, extra={"connection_id": self.id})
        self.stop(CloseCode.INTERNAL_ERROR, "internal error")

    def _report(self, report: Report) -> None:
        observers = self._rooms.source.observers
        if observers:
            observers.notify(
                TransportRecord(
                    event=report.event,
                    connection_id=self.id,
                    session_id=report.session_id,
                    detail=report.detail,
                )
            )
