"""Plays one case against a server."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from sessionstream import Hub
from sessionstream.hydration.base import Retention
from sessionstream.hydration.memory import MemoryStore
from sessionstream.transport.access import Access, ConnectionRequest, Principal
from sessionstream.transport.settings import TransportSettings
from tests.conformance.case import CLIENT_ONLY, Case
from tests.conformance.doors import Door, Served, Talk
from tests.conformance.matching import Placeholders, Tree, read, without_zeros, written
from tests.wire import app

PATIENCE = 10.0
_SUBPROTOCOLS = {
    "v1": None,
    "v2.json": "sessionstream.v2.json",
    "v2.proto": "sessionstream.v2.proto",
}


async def _authenticate(request: ConnectionRequest) -> Principal | None:
    """The token ``good`` is that of anne; without one a client has to authenticate later."""
    return Principal("anne") if request.token == "good" else None


async def _authorize_subscribe(_: Principal, session_id: str) -> bool:
    return session_id.startswith("s")


async def _authorize_command(_: Principal, session_id: str, name: str, __: object) -> bool:
    return session_id.startswith("s") and name != "Fail"


GUARDED = Access(
    authenticate=_authenticate,
    authorize_subscribe=_authorize_subscribe,
    authorize_command=_authorize_command,
)


class Play:
    """A server, its store, and the client of the case."""

    def __init__(self, case: Case, door: Door, dialect: str) -> None:
        self._case = case
        self._door = door
        self._subprotocol = _SUBPROTOCOLS[dialect]
        self._is_text = dialect != "v2.proto"
        retention = Retention(**dict(case.retention))  # type: ignore[arg-type]  # numbers, as YAML has them
        self._store = MemoryStore(retention=retention)
        self._settings = TransportSettings(**dict(case.settings))  # type: ignore[arg-type]  # likewise
        self._access = GUARDED if case.access else Access()
        self._placeholders = Placeholders()
        self._open = AsyncExitStack()

    async def run(self) -> None:
        """Plays every step.

        Raises:
            AssertionError: The server did something else.
        """
        await self._start()
        try:
            for number, what, value in self._case.steps_of(CLIENT_ONLY):
                try:
                    async with asyncio.timeout(PATIENCE):
                        await getattr(self, f"_{what}")(value)
                except TimeoutError:
                    raise AssertionError(
                        f"step {number}: nothing came of {what}: {value}"
                    ) from None
                except AssertionError as error:
                    raise AssertionError(f"step {number}: {error}") from error
            await self._check_store()
        finally:
            await self._stop()

    async def _start(self) -> None:
        self._gate = app.Gate()
        self._hub = await self._open.enter_async_context(
            Hub(app.registry(), store=self._store, drain_seconds=0.01)
        )
        app.install(self._hub, self._gate)
        self._served: Served = await self._open.enter_async_context(
            self._door(self._hub, self._settings, self._access)
        )
        self._talk: Talk = await self._served.connect(self._subprotocol)

    async def _stop(self) -> None:
        await self._talk.leave()
        await self._open.aclose()

    # -- steps -----------------------------------------------------------------------

    async def _client(self, frame: Tree) -> None:
        await self._talk.say(written(self._placeholders.filled(frame), is_text=self._is_text))

    async def _server(self, expected: Tree) -> None:
        got = read(await self._talk.hear())
        if not self._is_text:
            expected, got = without_zeros(expected), without_zeros(got)
        matches = self._placeholders.matches(expected, got)
        assert matches, f"expected {self._placeholders.filled(expected)}; got {got}"

    async def _put(self, events: dict[str, str]) -> None:
        for session_id, value in events.items():
            await self._hub.publish(session_id, "Put", app.text(value))

    async def _blink(self, events: dict[str, str]) -> None:
        for session_id, value in events.items():
            await self._hub.publish(session_id, "Blinked", app.text(value))

    async def _delete(self, session_id: str) -> None:
        await self._hub.delete_session(session_id)

    async def _reconnect(self, _: Tree) -> None:
        await self._talk.leave()
        self._talk = await self._served.connect(self._subprotocol)

    async def _restart(self, _: Tree) -> None:
        await self._stop()
        await self._start()

    async def _open_gate(self, _: Tree) -> None:
        self._gate.opened.set()

    async def _shut_down(self, _: Tree) -> None:
        self._ending = asyncio.create_task(self._served.shut_down())
        self._open.push_async_callback(asyncio.wait, [self._ending])

    async def _closed(self, code: int) -> None:
        got = await self._talk.closed()
        assert got == code, f"expected the server to close with {code}; got {got}"

    async def _check_store(self) -> None:
        for session_id, expected in self._case.store.items():
            position = await self._hub.position(session_id)
            cells = app.cells(await self._hub.snapshot(session_id))
            got = {"head": position.head, "shown": position.shown, "cells": cells}
            assert got == expected, f"the store of {session_id}: expected {expected}; got {got}"
