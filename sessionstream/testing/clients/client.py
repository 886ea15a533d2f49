"""A client that does what a test tells it, and fails when it is not answered as expected."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection
from dataclasses import replace
from typing import Generic, TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message

from sessionstream.testing.clients.received import Reader, Received, ReceivedSnapshot
from sessionstream.testing.clients.wire import Connection
from sessionstream.testing.comparing.awaiting import Calls, step
from sessionstream.testing.comparing.comparison import (
    Comparison,
    entity_item,
    text_lines,
    ui_event_item,
)
from sessionstream.types import TimelineEntity, UIEvent
from sessionstream.v1 import transport_pb2 as pb

__tracebackhide__ = True  # pytest shows the line of the test instead

U = TypeVar("U", bound=UIEvent[Message])
T = TypeVar("T", bound=TimelineEntity[Message])


class ScriptedClient(Generic[U, T]):
    """One connection to a `MemoryServer`, from the client's side of the wire.

    What it expects has to come next, in order; UI events may come before the
    answer to a request and are kept until they are expected. Every failure is
    an `AssertionError` that tells what came instead::

        async with ChatScenario(install) as chat:
            page = await chat.connect()
            await page.subscribe(chat.session_id)
            await chat.when(pb.InferenceStarted(message_id="a"))
            received = await page.next_shown()
            assert received.ui_event.name == "ChatMessageStarted"
            await page.unsubscribe(chat.session_id)
            await chat.when(pb.TokensDelta(message_id="a", chunk="Good"))
            await page.expect_nothing()

    Clients come from `Scenario.connect` and `MemoryServer.connect`.

    Attributes:
        patience: Seconds that it waits for something before it fails.
    """

    def __init__(
        self,
        connection: Connection,
        reader: Reader[U, T],
        comparison: Comparison,
        calls: Calls,
        patience: float,
    ) -> None:
        self._wire = connection.wire
        self._serving = connection.serving
        self._calls = calls
        self._reader = reader
        self._comparison = comparison
        self.patience = patience
        self._shown: deque[Received[U]] = deque()
        self._snapshots: dict[str, ReceivedSnapshot[T]] = {}

    # -- requests and their answers ----------------------------------------------

    @step
    async def subscribe(self, session_id: str) -> ReceivedSnapshot[T]:
        """Subscribes to the session; returns its snapshot once the server says it is live."""
        await self._send(pb.ClientFrame(subscribe=pb.SubscribeRequest(session_id=session_id)))
        frame = (await self._answer("snapshot")).snapshot
        snapshot = self._snapshots[session_id] = self._reader.snapshot(frame)
        await self._answer("subscribed")
        return snapshot

    @step
    async def unsubscribe(self, session_id: str) -> None:
        """Unsubscribes from the session."""
        await self._send(pb.ClientFrame(unsubscribe=pb.UnsubscribeRequest(session_id=session_id)))
        await self._answer("unsubscribed")

    @step
    async def ping(self) -> None:
        """Sends a ping and waits for its pong: all that the server had to say came before."""
        await self._send(pb.ClientFrame(ping=pb.PingFrame(nonce="ping")))
        await self._answer("pong")

    def send(self, data: str | bytes) -> None:
        """Sends a message as it is, to see how the server takes it."""
        self._wire.say(data)

    async def expect_hello(self) -> None:
        """The greeting comes next; whoever gives out a client has expected it already."""
        await self._answer("hello")

    @step
    async def expect_error(self, code: str, text: str = "") -> None:
        """An error frame of this code comes next, with this text in its message."""
        error = (await self._answer("error")).error
        if error.code != code or text not in error.message:
            wanted = code + (f" with {text!r} in it" if text else "")
            raise AssertionError(f"expected {wanted}; got {error.code}: {error.message}")

    # -- what the server sends on its own ------------------------------------------

    @step
    async def expect_snapshot(self, session_id: str, *entities: T) -> None:
        """The last snapshot of the session has these entities. Ordinals are not compared."""
        snapshot = self._snapshots.get(session_id)
        if snapshot is None:
            raise AssertionError(f"there is no snapshot: subscribe to {session_id!r} first")
        self._comparison.check(
            f"the snapshot at event {snapshot.ordinal} differs",
            [entity_item(entity) for entity in entities],
            [entity_item(entity) for entity in snapshot.entities],
        )

    @step
    async def expect_shown(self, ui_event: U, *more: U, session_id: str | None = None) -> None:
        """These UI events of the session come next; `expect_nothing` holds that none came.

        Which session has to be told where the client has subscribed to several.
        """
        session_id = self._session(session_id)
        ui_events = (ui_event, *more)
        got: list[Received[U]] = []
        problem = "the client was shown something else"
        try:
            while len(got) < len(ui_events):
                got.append(await self.next_shown())
        except AssertionError as error:
            problem = str(error)
        self._check(problem, session_id, ui_events, got)

    @step
    async def until_shown(self, expected: U, session_id: str | None = None) -> list[Received[U]]:
        """Waits until the UI event of the session comes; returns it and those before it.

        Which session has to be told where the client has subscribed to several.
        """
        session_id = self._session(session_id)
        wanted = ui_event_item(expected)
        got: list[Received[U]] = []
        while True:
            try:
                got.append(await self.next_shown())
            except AssertionError as error:
                self._check(str(error), session_id, [expected], got)
                raise
            is_of_it = got[-1].session_id == session_id
            if is_of_it and self._comparison.matches(wanted, ui_event_item(got[-1].ui_event)):
                return got

    async def next_shown(self) -> Received[U]:
        """Returns the next UI event."""
        if not self._shown:
            wanted = "a UI event"
            if self._snapshots:
                wanted += f" (subscribed to {self._sessions()})"
            frame = await self._next_frame(wanted)
            if frame.WhichOneof("frame") != "ui_event":
                raise AssertionError(f"expected {wanted}; got {_told(frame)}")
            self._shown.append(self._reader.ui_event(frame.ui_event))
        return self._shown.popleft()

    @step
    async def expect_nothing(self) -> None:
        """Nothing has come that was not expected; asks the server with a ping."""
        await self.ping()
        only = next(iter(self._snapshots), "") if len(self._snapshots) < 2 else ""
        self._check("the client was shown something", only, [], self._shown)

    # -- being slow, and leaving ---------------------------------------------------

    def stop_reading(self) -> None:
        """Takes nothing from the server any more, as a client with a full buffer."""
        self._wire.stop_reading()

    def go_on_reading(self) -> None:
        """Ends `stop_reading`."""
        self._wire.go_on_reading()

    @step
    async def expect_close(self, code: int) -> str:
        """The server closes the connection with this code; returns the reason it gives."""
        try:
            async with asyncio.timeout(self.patience):
                closed = await self._wire.closed()
        except TimeoutError:
            text = f"the server has not closed after {self.patience} seconds; expected {int(code)}"
            raise AssertionError(text) from None
        if closed.code != code:
            got = f"{closed.code} ({closed.reason})"
            raise AssertionError(f"expected the server to close with {int(code)}; got {got}")
        return closed.reason

    @step
    async def disconnect(self) -> None:
        """Leaves, and returns when the server has noticed."""
        self._wire.hang_up()
        _, serving = await asyncio.wait([self._serving], timeout=self.patience)
        if serving:
            raise AssertionError(f"the server still serves it after {self.patience} seconds")

    # -- comparing ---------------------------------------------------------------------

    def _session(self, session_id: str | None) -> str:
        if session_id is not None:
            return session_id
        known = list(self._snapshots)
        if len(known) == 1:
            return known[0]
        if not known:
            raise AssertionError("the client is shown nothing: it has not subscribed to a session")
        raise AssertionError(
            f"the client has subscribed to {self._sessions()}: tell which by session_id=…"
        )

    def _sessions(self) -> str:
        return ", ".join(map(repr, self._snapshots))

    def _check(
        self,
        what: str,
        session_id: str,
        expected: Collection[U],
        got: Collection[Received[U]],
    ) -> None:
        """Compares the sessions too; they are shown where one is another."""
        wanted = [ui_event_item(ui_event) for ui_event in expected]
        received = [ui_event_item(each.ui_event, each.ordinal) for each in got]
        sessions = [each.session_id for each in got]
        if any(each != session_id for each in sessions):
            wanted = [replace(item, session_id=session_id) for item in wanted]
            received = [
                replace(item, session_id=each)
                for item, each in zip(received, sessions, strict=True)
            ]
        self._comparison.check(what, wanted, received)

    # -- frames ----------------------------------------------------------------------

    async def _send(self, frame: pb.ClientFrame) -> None:
        self._wire.say(json_format.MessageToJson(frame))

    async def _answer(self, wanted: str) -> pb.ServerFrame:
        """The next frame that is no UI event; UI events before it are kept."""
        while True:
            frame = await self._next_frame(wanted)
            kind = frame.WhichOneof("frame")
            if kind == wanted:
                return frame
            if kind != "ui_event":
                raise AssertionError(f"expected {wanted}; got {_told(frame)}")
            self._shown.append(self._reader.ui_event(frame.ui_event))

    async def _next_frame(self, wanted: str) -> pb.ServerFrame:
        hearing = asyncio.ensure_future(self._wire.hear())
        ending = asyncio.ensure_future(self._wire.closed())
        try:
            await asyncio.wait(
                [hearing, ending, self._serving],
                timeout=self.patience,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if hearing.done():  # what was sent before the end comes before it
                return self._reader.frame(hearing.result())
            if ending.done():
                closed = ending.result()
                got = f"the server closed with {closed.code} ({closed.reason})"
            elif self._serving.done():
                self._serving.result()  # raises why
                got = "the server left without closing"
            else:
                got = f"nothing came in {self.patience} seconds"
            raise AssertionError(f"expected {wanted}; {got}")
        finally:
            hearing.cancel()
            ending.cancel()


def _told(frame: pb.ServerFrame) -> str:
    return " ".join(line.strip() for line in text_lines(frame)) or "an empty frame"
