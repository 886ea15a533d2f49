"""Plays one case against the Python client, which is connected to the server that the case is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Final

import pytest

from sessionstream.client import (
    Client,
    ClientSettings,
    CommandError,
    CommandFailedError,
    ConnectionState,
    Dialect,
    SnapshotUpdate,
    SubscriptionError,
    connect,
)
from sessionstream.watching import AnyUpdate
from tests.conformance.case import SERVER_ONLY, Case
from tests.conformance.matching import Tree
from tests.conformance.server_end import ServerEnd
from tests.wire import app

PATIENCE = 10.0
_DIALECTS: Final = {"v2.json": Dialect.JSON, "v2.proto": Dialect.PROTO}
_STATES: Final = {
    ConnectionState.CONNECTING: "connecting",
    ConnectionState.CONNECTED: "connected",
    ConnectionState.CLOSED: "ended",
}


class ClientPlay:
    """A client, what its application does and sees, and its server."""

    def __init__(self, case: Case, dialect: str) -> None:
        self._case = case
        self._settings = ClientSettings(
            dialect=_DIALECTS[dialect], backoff_base=0.001, backoff_limit=0.002
        )
        self._end = ServerEnd(is_text=dialect == "v2.json")
        self._open = AsyncExitStack()
        self._states: list[str] = []
        self._watches: dict[str, AsyncExitStack] = {}
        self._updates: dict[str, AsyncIterator[AnyUpdate]] = {}
        self._sent: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Plays every step.

        Raises:
            AssertionError: The client did something else.
        """
        self._opening = asyncio.create_task(self._connect())
        try:
            await self._end.accept()
            for number, what, value in self._case.steps_of(SERVER_ONLY):
                try:
                    async with asyncio.timeout(PATIENCE):
                        await getattr(self, f"_{what}")(value)
                except TimeoutError:
                    raise AssertionError(
                        f"step {number}: nothing came of {what}: {value}"
                    ) from None
                except AssertionError as error:
                    raise AssertionError(f"step {number}: {error}") from error
            await self._end.hear_nothing()
        finally:
            await self._stop()

    async def _connect(self) -> Client:
        connecting = connect(
            "ws://server",
            app.registry(),
            token=self._case.token,
            settings=self._settings,
            on_state=lambda state: self._states.append(_STATES[state]),
            dial=self._end.dial,
        )
        return await self._open.enter_async_context(connecting)

    async def _stop(self) -> None:
        tasks = [self._opening, *self._sent.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for watch in self._watches.values():
            await watch.aclose()
        await self._open.aclose()

    # -- steps: what goes over the wire ------------------------------------------------

    async def _server(self, frame: Tree) -> None:
        await self._end.hear_nothing()
        self._end.say(frame)

    async def _client(self, expected: Tree) -> None:
        await self._end.hear(expected)

    async def _cut(self, _: Tree) -> None:
        await self._end.hear_nothing()
        self._end.end(1006)

    async def _reconnect(self, _: Tree) -> None:
        await self._cut(True)
        await self._end.accept()

    _restart = _reconnect

    async def _leaves(self, _: Tree) -> None:
        await self._end.left()
        await self._end.accept()

    async def _closed(self, code: int) -> None:
        await self._end.hear_nothing()
        self._end.end(code)

    # -- steps: what the application does, and sees --------------------------------------

    async def _watch(self, session_id: str) -> None:
        client = await self._opening
        watch = self._watches[session_id] = AsyncExitStack()
        self._updates[session_id] = await watch.enter_async_context(client.watch(session_id))

    async def _unwatch(self, session_id: str) -> None:
        await self._watches.pop(session_id).aclose()

    async def _submit(self, command: dict[str, str]) -> None:
        client = await self._opening
        expected = command.get("expectedOrdinal")
        sending = client.send(
            command["session"],
            command["name"],
            app.text(command["value"]),
            command_id=command["id"],
            expected_ordinal=None if expected is None else int(expected),
        )
        self._sent[command["id"]] = asyncio.create_task(sending)
        await asyncio.sleep(0)

    async def _outcome(self, expected: dict[str, str]) -> None:
        await self._end.hear_nothing()
        await _others_had_a_turn()
        got = _outcome(self._sent[expected["of"]])
        assert {"of": expected["of"], **got} == expected, f"expected {expected}; got {got}"

    async def _shows(self, expected: dict[str, list[Tree]]) -> None:
        await self._end.hear_nothing()
        for session_id, updates in expected.items():
            got: list[Tree] = []
            while (update := await _soon(self._updates[session_id])) is not None:
                got.append(_plain(update))
            assert got == updates, f"{session_id}: expected {updates}; got {got}"

    async def _refused(self, expected: dict[str, str]) -> None:
        await self._end.hear_nothing()
        for session_id, code in expected.items():
            with pytest.raises(SubscriptionError) as refused:
                await _soon(self._updates[session_id])
            assert refused.value.code == code, f"expected {code}; got {refused.value}"

    async def _state(self, expected: str) -> None:
        await self._end.hear_nothing()
        await _others_had_a_turn()
        got = self._states[-1] if self._states else "connecting"
        assert got == expected, f"expected to be {expected}; got {self._states}"


async def _others_had_a_turn() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def _soon(updates: AsyncIterator[AnyUpdate]) -> AnyUpdate | None:
    """Returns the next update that is there; None where there is none."""
    waiting = asyncio.ensure_future(anext(updates))
    await _others_had_a_turn()
    if waiting.done():
        return await waiting
    waiting.cancel()
    await asyncio.wait([waiting])
    return None


def _plain(update: AnyUpdate) -> Tree:
    if isinstance(update, SnapshotUpdate):
        cells: Tree = [f"{each.id}={app.text_of(each.payload)}" for each in update.entities]
        return {"snapshot": str(update.position.ordinal), "cells": cells}
    events: Tree = [f"{each.name} {app.text_of(each.payload)}" for each in update.events]
    return {"event": str(update.ordinal), "ui": events}


def _outcome(sending: asyncio.Task[None]) -> dict[str, str]:
    if not sending.done():
        return {"is": "open"}
    error = sending.exception()
    if error is None:
        return {"is": "completed"}
    if not isinstance(error, CommandError):
        raise error
    is_run = isinstance(error, CommandFailedError)
    return {"is": "failed" if is_run else "not run", "code": error.code}
