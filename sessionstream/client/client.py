"""The client of a remote server."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from google.protobuf.message import Message

from sessionstream.arguments import (
    check_amount,
    check_callable,
    check_ordinal,
    check_text,
    check_type,
)
from sessionstream.client.actions import Ready, Settled, Wake
from sessionstream.client.backlog import Room
from sessionstream.client.calls import Call
from sessionstream.client.errors import (
    ClientClosedError,
    ClientError,
    CommandTimeoutError,
    ConnectError,
)
from sessionstream.client.frames import Dialect
from sessionstream.client.protocol import ClientProtocol
from sessionstream.client.reconnecting import Reconnecting
from sessionstream.client.settings import ClientSettings
from sessionstream.client.state import ConnectionState, StateListener, States, check_listener
from sessionstream.client.tokens import Token, check_token
from sessionstream.client.urls import without_secrets
from sessionstream.client.watch import Watched
from sessionstream.client.wire import Dial
from sessionstream.closing import AsyncClosing
from sessionstream.payloads import check_json, check_payload
from sessionstream.schema import SchemaRegistry
from sessionstream.types import check_session_id
from sessionstream.watching import AnyWatch, ResumePoint, check_since

logger = logging.getLogger("sessionstream.client")


class Client(AsyncClosing):
    """Runs commands on a server and watches its sessions; made by `connecting.connect`.

    Give it to a generated client: ``ChatClient(client)``. For one event loop.
    """

    def __init__(
        self,
        url: str,
        registry: SchemaRegistry,
        token: Token,
        settings: ClientSettings,
        on_state: StateListener | None,
        dial: Dial,
    ) -> None:
        check_type("url", url, str)
        check_type("registry", registry, SchemaRegistry)
        check_token(token)
        check_type("settings", settings, ClientSettings)
        check_listener(on_state)
        check_callable("dial", dial)
        room = Room(
            updates=settings.max_queued_updates,
            octets=settings.max_queued_bytes,
            assembled=settings.max_assembled_bytes,
        )
        self.url = url
        self._registry = registry
        self._settings = settings
        self._protocol = ClientProtocol(registry, settings.dialect, room)
        self._reconnecting = Reconnecting(
            url, token, settings, self._protocol, dial, self._perform, self._lost
        )
        self._running: asyncio.Task[None] | None = None
        self._is_closing = False
        self._is_connected = asyncio.Event()
        self._states = States(on_state)
        self._error: ClientError | None = None
        self._watched: dict[str, Watched] = {}
        self._outcomes: dict[Call, asyncio.Future[None]] = {}
        self._may_submit = asyncio.Semaphore(settings.max_commands)

    @property
    def state(self) -> ConnectionState:
        """Whether there is a connection now."""
        return self._states.now

    # -- commands -------------------------------------------------------------------

    async def submit(self, session_id: str, name: str, payload: Message) -> None:
        """Returns when the command's handler has returned on the server; see `send`."""
        await self.send(session_id, name, payload)

    async def send(
        self,
        session_id: str,
        name: str,
        payload: Message,
        *,
        command_id: str | None = None,
        expected_ordinal: int | None = None,
        seconds: float | None = None,
    ) -> None:
        """Runs a command and returns when its handler has returned on the server.

        The command is sent on every new connection until its outcome is known,
        and is run once. Cancelling stops the wait and not the command.

        Args:
            session_id: The session.
            name: The command.
            payload: Its message; copied before the first suspension.
            command_id: Names the command in its session. Sent with the same id
                again, also by another client, it is not run again. Without
                one, every call is a command of its own.
            expected_ordinal: The session's last event has to have this ordinal.
            seconds: How long to wait; ``settings.command_timeout`` if not given.

        Raises:
            TypeError, ValueError: An argument is unusable, and which.
            SchemaError: No such command is registered, or the payload is not
                its message, or can't be written as JSON where that is the dialect.
            SessionIdError: The session id is unusable.
            CommandRejectedError: The server did not run it, and why.
            CommandConflictError: The session has another last event.
            CommandFailedError: Its handler failed.
            CommandTimeoutError: There is no outcome yet.
            ClientError: The client is closed, or is not let in any more.
        """
        check_session_id(session_id)
        known = self._registry.command_type(name)
        check_payload("command", known.name, known.message_type, payload)
        if self._settings.dialect is Dialect.JSON:
            check_json("command", known.name, payload)
        if command_id is not None:
            check_text("command_id", command_id)
        if expected_ordinal is not None:
            check_ordinal("expected_ordinal", expected_ordinal)
        if seconds is not None:
            check_amount("seconds", seconds)
        copied = type(payload).FromString(payload.SerializeToString())
        limit = self._settings.command_timeout if seconds is None else seconds
        deadline = asyncio.timeout(limit)
        try:
            async with deadline, self._may_submit:
                self._check_open("submit")
                await self._outcome(session_id, known.name, copied, command_id, expected_ordinal)
        except TimeoutError:
            if not deadline.expired():
                raise
            raise CommandTimeoutError(session_id, known.name, limit or 0) from None

    async def _outcome(
        self,
        session_id: str,
        name: str,
        payload: Message,
        command_id: str | None,
        expected_ordinal: int | None,
    ) -> None:
        call, actions = self._protocol.submit(
            session_id, name, payload, command_id=command_id, expected_ordinal=expected_ordinal
        )
        outcome = self._outcomes[call] = asyncio.get_running_loop().create_future()
        try:
            self._reconnecting.take(actions)
            await outcome
        finally:
            self._protocol.forget(call)
            del self._outcomes[call]
        if call.error is not None:
            raise call.error.with_traceback(None)

    # -- sessions ---------------------------------------------------------------------

    def watch(self, session_id: str, *, since: ResumePoint | None = None) -> AnyWatch:
        """Gives the session's timeline, then every later UI event once and in order.

        With ``since`` it gives the UI events after that position, or the
        timeline where they are not there any more. A watcher that does not
        read has what it misses sent again when it does; UI events of ephemeral
        events it may miss. What the client can't read is left out, with a log
        line: a newer server may have UI events that the client does not know.

        Iterating raises, once all updates were taken:
            SubscriptionError: The server refuses the session, or a watcher of
                this client has it already.
            ClientError: The client is closed, or is not let in any more.
        """
        check_session_id(session_id)
        check_since(since)
        return self._watching(session_id, since)

    @asynccontextmanager
    async def _watching(self, session_id: str, since: ResumePoint | None) -> AsyncIterator[Watched]:
        self._check_open("watch")
        subscription, actions = self._protocol.watch(session_id, since)
        watched = Watched(subscription, self._taken)
        self._watched[session_id] = watched
        try:
            self._reconnecting.take(actions)
            yield watched
        finally:
            del self._watched[session_id]
            watched.leave()
            self._reconnecting.take(self._protocol.unwatch(subscription))

    def _taken(self, watched: Watched) -> None:
        self._reconnecting.take(self._protocol.taken(watched.subscription))

    # -- the connection -----------------------------------------------------------------

    async def start(self) -> None:
        """Connects; `connecting.connect` calls it. Raises what that does."""
        running = self._running = asyncio.create_task(
            self._run(), name=f"client of {without_secrets(self.url)}"
        )
        connected = asyncio.ensure_future(self._is_connected.wait())
        try:
            await asyncio.wait(
                [running, connected],
                timeout=self._settings.connect_timeout,
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            connected.cancel()
        if self._error is not None:
            raise self._error.with_traceback(None)
        if not self._is_connected.is_set():
            seconds = self._settings.connect_timeout
            reason = f"not in {seconds:g} s; the last attempt: {self._reconnecting.last_end}"
            raise ConnectError(self.url, reason)

    async def aclose(self) -> None:
        """Closes the connection, within ``settings.close_timeout``; may be called twice.

        Cancelling it cuts the connection.
        """
        # First whoever waits: closing the connection may take its time, or be cancelled.
        self._end(ClientClosedError("what it was doing"))
        if self._running is None or self._running.done():
            return
        if not self._is_closing:
            self._is_closing = True
            self._running.cancel()
        try:
            await asyncio.wait([self._running])
        except asyncio.CancelledError:
            self._reconnecting.abort()
            raise

    async def _run(self) -> None:
        try:
            await self._reconnecting.run()
        except ClientError as error:
            self._end(error)
        except Exception as error:
            # A defect: without this, whoever waits would wait for ever.
            logger.exception("the client ends")
            self._end(ConnectError(self.url, f"the client failed: {type(error).__name__}"))

    def _end(self, error: ClientError) -> None:
        if self._error is None:
            self._error = error
            self._reconnecting.take(self._protocol.fail(error))
            self._states.become(ConnectionState.CLOSED)

    def _perform(self, action: Wake | Settled | Ready) -> None:
        match action:
            case Wake(session_id):
                if session_id in self._watched:
                    self._watched[session_id].wake()
            case Settled(call):
                outcome = self._outcomes.get(call)
                if outcome is not None and not outcome.done():
                    outcome.set_result(None)
            case Ready():
                self._states.become(ConnectionState.CONNECTED)
                self._is_connected.set()

    def _lost(self) -> None:
        self._states.become(ConnectionState.CONNECTING)

    def _check_open(self, operation: str) -> None:
        if self._error is not None:
            # Raised again and again, it would keep a traceback of each time.
            raise self._error.with_traceback(None)
        if self._running is None:
            raise ClientClosedError(operation)
