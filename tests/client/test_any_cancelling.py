"""Whatever is cancelled, cut or closed at whatever moment: everybody comes to an end."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from sessionstream.client import Client, ClientError, SnapshotUpdate, connect
from sessionstream.v1 import transport_pb2 as pb
from sessionstream.watching import AnyUpdate
from tests.client.model_server import (
    ModelServer,
    make_registry,
)
from tests.client.scripted_server import SETTINGS, ScriptedConnection, ScriptedServer, text

STEPS = ("watch", "submit", "publish", "cancel", "cut", "refuse", "turn", "turn", "close")
AT_ONCE = replace(SETTINGS, backoff_base=1e-9, backoff_limit=1e-9, max_queued_updates=2)


class World:
    """A client, a server with one session, and the tasks of those who use the client."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.model = ModelServer()
        self.server = ScriptedServer()
        self.connection: ScriptedConnection | None = None
        self.users: list[asyncio.Task[None]] = []

    async def serve(self) -> None:
        while True:
            connection = self.connection = await self.server.accept()
            self.model.cut()
            while not connection.is_closed.is_set():
                if connection.has_heard():
                    self.answer(connection, await connection.hear_any())
                while self.model.out:
                    connection.say(self.model.out.popleft())
                await asyncio.sleep(0)

    def answer(self, connection: ScriptedConnection, frame: pb.ClientFrame) -> None:
        if not frame.HasField("command"):
            self.model.receive(frame)
            return
        for status in (pb.CommandAckFrame.ACCEPTED, pb.CommandAckFrame.COMPLETED):
            if self.chance.random() < 0.7:
                connection.acknowledge(frame.command, status)

    async def watch(self, client: Client) -> None:
        seen: AnyUpdate | None = None
        async with client.watch("s") as updates:
            async for update in updates:
                if not isinstance(update, SnapshotUpdate):
                    assert seen is None or update.ordinal > seen.position.ordinal
                seen = update

    async def submit(self, client: Client) -> None:
        await client.submit("s", "Say", text("hi"))

    def start(self, client: Client, step: str) -> None:
        work = self.watch(client) if step == "watch" else self.submit(client)
        self.users.append(asyncio.create_task(work))

    def break_something(self, step: str) -> None:
        if step == "cancel" and self.users:
            self.chance.choice(self.users).cancel()
        elif step == "publish":
            self.model.publish(2)
        elif step == "cut" and self.connection is not None:
            self.connection.abort()
        elif step == "refuse":
            self.server.refusals.append(ConnectionRefusedError())


async def play(steps: list[str], seed: int) -> None:
    world = World(seed)
    serving = asyncio.create_task(world.serve())
    async with connect(
        "ws://server", make_registry(), settings=AT_ONCE, dial=world.server.dial
    ) as client:
        closing: list[asyncio.Task[None]] = []
        for step in steps:
            if step in {"watch", "submit"}:
                world.start(client, step)
            elif step == "close":
                closing.append(asyncio.create_task(client.aclose()))
                world.users.append(closing[-1])
            else:
                world.break_something(step)
            for _ in range(world.chance.randrange(4)):
                await asyncio.sleep(0)
    await asyncio.wait([*world.users, asyncio.create_task(asyncio.sleep(0))], timeout=5)
    assert all(user.done() for user in world.users)
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
    for user in world.users:
        if not user.cancelled() and user.exception() is not None:
            assert isinstance(user.exception(), ClientError)
    for _ in range(3):
        await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}


class TestAnyCancelling:
    @settings(max_examples=300, deadline=None)
    @given(steps=st.lists(st.sampled_from(STEPS), max_size=30), seed=st.integers(0, 2**32))
    def test_leaves_nobody_waiting_and_no_task(self, steps: list[str], seed: int) -> None:
        asyncio.run(play(steps, seed))
