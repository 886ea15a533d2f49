"""Plays one case against a server."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from pathlib import Path

from sessionstream import Hub
from sessionstream.errors import StoreFullError
from sessionstream.hydration.base import CommitBatch, HydrationStore, Retention
from sessionstream.hydration.memory import MemoryStore
from sessionstream.hydration.sqlite import SQLiteStore
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
    """Both tokens are anne's, and ``short`` expires; without one a client authenticates later."""
    if request.token == "short":
        return Principal("anne", expires_at=time.time() + 0.2)
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


class FillingStore(MemoryStore):
    """A store whose disk may be full."""

    is_full = False

    async def commit(self, batch: CommitBatch) -> None:
        if self.is_full:
            raise StoreFullError("memory", "no space")
        await super().commit(batch)


class Play:
    """A server, its store, and the client of the case."""

    def __init__(self, case: Case, door: Door, dialect: str, folder: Path) -> None:
        self._case = case
        self._folder = folder
        self._door = door
        self._subprotocol = _SUBPROTOCOLS[dialect]
        self._is_text = dialect != "v2.proto"
        retention = Retention(**dict(case.retention))  # type: ignore[arg-type]  # numbers, as YAML has them
        self._store = FillingStore(retention=retention)
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

    async def _start(self, without: str = "") -> None:
        self._gate = app.Gate()
        registry = app.registry(without)
        store: HydrationStore = self._store
        if self._case.sqlite:
            opening = SQLiteStore.open(self._folder / "sessions.db", registry)
            store = await self._open.enter_async_context(opening)
        self._hub = await self._open.enter_async_context(
            Hub(registry, store=store, drain_seconds=0.01)
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

    async def _cut(self, _: Tree) -> None:
        await self._talk.leave()

    async def _reconnect(self, _: Tree) -> None:
        await self._talk.leave()
        self._talk = await self._served.connect(self._subprotocol)

    async def _restart(self, how: Tree) -> None:
        await self._stop()
        await self._start(without=how["without"] if isinstance(how, dict) else "")

    async def _another(self, client: dict[str, str | int]) -> None:
        talk = await self._served.connect(self._subprotocol)
        if "token" in client:
            await talk.hear()
            await talk.say(
                written({"authenticate": {"token": client["token"]}}, is_text=self._is_text)
            )
        got = await talk.closed()
        assert got == client["closed"], f"expected the other one's end with {client}; got {got}"
        await talk.leave()

    async def _stall(self, _: Tree) -> None:
        self._talk.stall()

    async def _revoke(self, whose: dict[str, str]) -> None:
        self._served.rooms.revoke(whose["principal"], whose.get("session"))

    async def _close_hub(self, _: Tree) -> None:
        await self._hub.aclose()

    async def _full_store(self, is_full: bool) -> None:
        self._store.is_full = is_full

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
