"""Runs one connection: moves what the protocol decides between a wire and a Hub."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable
from functools import partial
from typing import Final, Protocol, assert_never

from sessionstream.errors import HubClosedError
from sessionstream.fanout import UIFanout
from sessionstream.observer import Observers, TransportEvent, TransportRecord
from sessionstream.transport.frames import CloseCode, UIBatch
from sessionstream.transport.outbox import Outbox
from sessionstream.transport.progress import Progress
from sessionstream.transport.protocol import (
    Action,
    Answer,
    Close,
    Deliver,
    Leave,
    Load,
    Report,
    ServerProtocol,
)
from sessionstream.transport.settings import TransportSettings
from sessionstream.types import Snapshot

logger = logging.getLogger("sessionstream.transport")

# How often, in one progress_timeout, is looked whether the client takes anything.
_LOOKS: Final = 2


class Wire(Protocol):
    """An open WebSocket. An adapter implements it and only moves data."""

    async def receive(self) -> str | bytes | None:
        """Returns the next message, a text as str; None once the connection is closed."""

    async def send(self, data: str) -> None:
        """Sends a text message; returns when more can be taken.

        Raises:
            OSError: The connection is closed.
        """

    def unsent(self) -> int:
        """How many bytes the network still has to take; 0 where nobody can tell."""

    async def close(self, code: int, reason: str) -> None:
        """Closes the connection. Does nothing when it is closed already."""

    def abort(self) -> None:
        """Cuts the connection now and drops what is unsent, where that can be done.

        Called when `close` took too long. Does nothing when it is closed already.
        """


class SnapshotSource(Protocol):
    """What the transport needs of a Hub."""

    @property
    def observers(self) -> Observers:
        """Who is told what happens on connections."""

    async def snapshot(self, session_id: str) -> Snapshot:
        """Returns the session's timeline at one ordinal."""

    def add_fanout(self, fanout: UIFanout) -> None:
        """Hands every later UI event to ``fanout`` too."""

    def remove_fanout(self, fanout: UIFanout) -> None:
        """Stops handing UI events to ``fanout``."""

    async def aclose(self) -> None:
        """Refuses new work and finishes what was accepted; may be called twice."""


class Membership(Protocol):
    """Which sessions a connection watches; see `rooms.Rooms`."""

    def join(self, session_id: str, member: Connection) -> None:
        """Makes ``member`` receive the session's batches; may be repeated."""

    def leave(self, session_id: str, member: Connection) -> None:
        """Ends that; does nothing where there is nothing to end."""


class Connection:
    """One client. `run` serves it until either side closes.

    `deliver` and `stop` may be called at any time on the event loop. They
    never suspend and never raise, so no client can delay or fail a publisher.
    """

    def __init__(
        self,
        connection_id: str,
        wire: Wire,
        source: SnapshotSource,
        rooms: Membership,
        settings: TransportSettings,
    ) -> None:
        self.id = connection_id
        self._wire = wire
        self._source = source
        self._rooms = rooms
        self._settings = settings
        self._protocol = ServerProtocol(connection_id, settings)
        self._outbox = Outbox(settings)
        self._progress = Progress()
        self._group = asyncio.TaskGroup()
        self._load_slots = asyncio.Semaphore(settings.max_snapshot_loads)
        # Guarded by the event loop: changed by _perform and stop, which do not suspend.
        self._joined: set[str] = set()
        self._loads: dict[str, asyncio.Task[None]] = {}
        self._end: asyncio.Future[Close] = asyncio.get_running_loop().create_future()

    @property
    def queued_bytes(self) -> int:
        """How many bytes wait to be sent."""
        return self._outbox.size

    async def run(self) -> None:
        """Serves the client; returns when the connection is closed.

        Cancelling it cuts the connection's tasks off and nothing else: no
        command and no other connection is affected.
        """
        self._report(Report(TransportEvent.CONNECTED))
        try:
            end = await self._serve()
            await self._close_wire(end)
        finally:
            self.stop(CloseCode.NORMAL, "")
            end = self._end.result()
            detail = f"{end.code.value} {end.reason}".rstrip()
            self._report(Report(TransportEvent.DISCONNECTED, detail=detail))

    def deliver(self, batch: UIBatch) -> None:
        """Takes a batch of UI events of a session that it watches."""
        try:
            self._perform(self._protocol.deliver(batch))
        except Exception:  # a border: other subscribers come after this one
            self._fail("a batch could not be delivered")

    async def sent(self) -> None:
        """Returns when the client was sent everything so far, or the connection ends."""
        await self._outbox.wait_until_sent()

    def stop(self, code: CloseCode, reason: str) -> None:
        """Ends the connection: leaves every room now and makes `run` close. Idempotent."""
        if self._end.done():
            return
        self._end.set_result(Close(code, reason))
        for session_id in self._joined:
            self._rooms.leave(session_id, self)
        self._joined.clear()
        self._outbox.clear()

    async def _serve(self) -> Close:
        async with self._group as group:
            self._perform(self._protocol.hello())
            reader = group.create_task(self._guard(self._read))
            writer = group.create_task(self._guard(self._write))
            watch = group.create_task(self._guard(self._watch))
            end = await self._end
            for task in (reader, writer, watch, *self._loads.values()):
                task.cancel()
        return end

    async def _guard(self, work: Callable[[], Coroutine[object, object, None]]) -> None:
        try:
            await work()
        except OSError:
            self.stop(CloseCode.NORMAL, "")
        except Exception:  # a border: this connection ends, with a code and no text of it
            self._fail("the connection failed")

    async def _read(self) -> None:
        while (data := await self._wire.receive()) is not None:
            self._perform(self._protocol.receive(data))
            await self._outbox.wait_for_room()
        self.stop(CloseCode.NORMAL, "")

    async def _write(self) -> None:
        while True:
            text = await self._outbox.get()
            self._progress.begin()
            await self._wire.send(text)
            self._progress.end()

    async def _watch(self) -> None:
        # The answers that a client does not take stop the reading, so it would
        # not even be seen to leave.
        while True:
            await asyncio.sleep(self._settings.progress_timeout / _LOOKS)
            if self._progress.look(self._wire.unsent()) >= _LOOKS:
                self._too_slow("the client takes nothing")
                return

    async def _load(self, load: Load) -> None:
        async with self._load_slots:
            await self._outbox.wait_for_room()
            try:
                snapshot = await self._source.snapshot(load.session_id)
                actions = self._protocol.snapshot_loaded(load, snapshot)
            except HubClosedError as error:  # the server is ending, and says so in a moment
                actions = self._protocol.snapshot_failed(load, type(error).__name__)
            except Exception as error:  # a border: the client gets no text of it
                logger.exception(
                    "a snapshot could not be loaded",
                    extra={"session_id": load.session_id, "connection_id": self.id},
                )
                actions = self._protocol.snapshot_failed(load, type(error).__name__)
            self._perform(actions)

    async def _close_wire(self, end: Close) -> None:
        try:
            async with asyncio.timeout(self._settings.close_timeout):
                await self._wire.close(end.code, end.reason)
        except (TimeoutError, OSError):
            # A client that does not read takes no close frame either.
            logger.info("a connection did not close in time", extra={"connection_id": self.id})
            self._wire.abort()

    def _perform(self, actions: Iterable[Action]) -> None:
        for action in actions:
            if self._end.done():
                return
            match action:
                case Answer():
                    self._outbox.put_answer(action.frame)
                case Deliver():
                    if not self._outbox.put_batch(action.batch):
                        self._too_slow("the client does not keep up")
                case Load():
                    self._start_load(action)
                case Leave():
                    self._leave(action.session_id)
                case Report():
                    self._report(action)
                case Close(code=CloseCode.SLOW_CLIENT):
                    self._too_slow(action.reason)
                case Close():
                    self.stop(action.code, action.reason)
                case _:
                    assert_never(action)

    def _start_load(self, load: Load) -> None:
        self._cancel_load(load.session_id)
        self._joined.add(load.session_id)
        self._rooms.join(load.session_id, self)
        task = self._group.create_task(self._guard(partial(self._load, load)))
        self._loads[load.session_id] = task
        task.add_done_callback(lambda done: self._forget_load(load.session_id, done))

    def _leave(self, session_id: str) -> None:
        self._cancel_load(session_id)
        self._joined.discard(session_id)
        self._rooms.leave(session_id, self)

    def _cancel_load(self, session_id: str) -> None:
        running = self._loads.pop(session_id, None)
        # A load that failed leaves its own room: it must not cancel itself.
        if running is not None and running is not asyncio.current_task():
            running.cancel()

    def _forget_load(self, session_id: str, done: asyncio.Task[None]) -> None:
        if self._loads.get(session_id) is done:
            del self._loads[session_id]

    def _too_slow(self, reason: str) -> None:
        self._report(Report(TransportEvent.SLOW_CLIENT, detail=reason))
        self.stop(CloseCode.SLOW_CLIENT, reason)

    def _fail(self, message: str) -> None:
        logger.exception(message, extra={"connection_id": self.id})
        self.stop(CloseCode.INTERNAL_ERROR, "internal error")

    def _report(self, report: Report) -> None:
        observers = self._source.observers
        if observers:
            observers.notify(
                TransportRecord(
                    event=report.event,
                    connection_id=self.id,
                    session_id=report.session_id,
                    detail=report.detail,
                )
            )
