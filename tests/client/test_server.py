"""The client and the server, over real sockets."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from google.protobuf.message import Message

from sessionstream.client import (
    AccessError,
    Client,
    ClientSettings,
    CommandFailedError,
    CommandRejectedError,
    ConnectError,
    Dialect,
    SubscriptionError,
    UIUpdate,
    connect,
)
from sessionstream.transport.access import Access, ConnectionRequest, Principal
from tests.client.scripted_server import text
from tests.client.serving import make_registry, serving, shown


@pytest.fixture(params=Dialect)
def settings(request: pytest.FixtureRequest) -> ClientSettings:
    return ClientSettings(dialect=request.param, backoff_base=0.01, backoff_limit=0.05)


async def submit(client: Client, value: str) -> None:
    await client.submit("s", "Say", text(value))


class TestOverSockets:
    async def test_what_one_client_says_another_is_shown(
        self, tmp_path: Path, settings: ClientSettings
    ) -> None:
        async with (
            serving(tmp_path) as (_, server),
            connect(server.url, make_registry(), settings=settings) as one,
            connect(server.url, make_registry(), settings=settings) as other,
        ):
            await submit(one, "first")
            async with other.watch("s") as updates:
                assert shown(await anext(updates)) == ["first"]
                await submit(one, "second")
                assert shown(await anext(updates)) == ["second"]

    async def test_a_handler_that_refuses_tells_why(
        self, tmp_path: Path, settings: ClientSettings
    ) -> None:
        async with (
            serving(tmp_path) as (_, server),
            connect(server.url, make_registry(), settings=settings) as client,
        ):
            with pytest.raises(CommandFailedError, match="busy: Try later"):
                await submit(client, "no")

    async def test_a_command_with_the_id_of_another_is_not_run_again(
        self, tmp_path: Path, settings: ClientSettings
    ) -> None:
        async with (
            serving(tmp_path) as (hub, server),
            connect(server.url, make_registry(), settings=settings) as client,
        ):
            for _ in range(2):
                await client.send("s", "Say", text("once"), command_id="a")
            assert await hub.event_cursor("s") == 1

    async def test_after_a_restart_the_watch_goes_on_where_it_was(
        self, tmp_path: Path, settings: ClientSettings
    ) -> None:
        async with serving(tmp_path) as (hub, server):
            port, url = server.port, server.url
            client_of_it = connect(url, make_registry(), settings=settings)
            client = await client_of_it.__aenter__()
            watching = client.watch("s")
            updates = await watching.__aenter__()
            await submit(client, "before")
            got = [shown(await anext(updates))]
            if got == [[]]:
                got = [shown(await anext(updates))]
        async with serving(tmp_path, port) as (hub, server):
            await hub.publish("s", "Said", text("meanwhile"))
            await submit(client, "after")
            rest = [await anext(updates) for _ in range(2)]
            assert [shown(update) for update in rest] == [["meanwhile"], ["after"]]
            assert all(isinstance(update, UIUpdate) for update in rest)
            await watching.__aexit__(None, None, None)
            await client_of_it.__aexit__(None, None, None)

    async def test_a_slow_watcher_misses_nothing(self, tmp_path: Path) -> None:
        settings = ClientSettings(max_queued_updates=4)
        async with (
            serving(tmp_path) as (hub, server),
            connect(server.url, make_registry(), settings=settings) as client,
            client.watch("s") as updates,
        ):
            await anext(updates)
            for number in range(50):
                await hub.publish("s", "Said", text(str(number)))
            got = [shown(await anext(updates)) for _ in range(50)]
            assert got == [[str(number)] for number in range(50)]

    async def test_nobody_is_served_where_nothing_listens(self) -> None:
        settings = ClientSettings(connect_timeout=0.05, backoff_base=0.01)
        with pytest.raises(ConnectError, match="the last attempt"):
            async with connect("ws://127.0.0.1:9/ws", make_registry(), settings=settings):
                pass

    async def test_another_path_is_not_tried_again(self, tmp_path: Path) -> None:
        async with serving(tmp_path) as (_, server):
            with pytest.raises(ConnectError, match="HTTP 404"):
                async with connect(server.url + "x", make_registry()):
                    pass


class TestAccess:
    @staticmethod
    async def authenticate(request: ConnectionRequest) -> Principal | None:
        return Principal("me") if request.bearer() == "secret" else None

    @staticmethod
    async def subscribe(principal: Principal, session_id: str) -> bool:
        return session_id == "mine"

    @staticmethod
    async def command(principal: Principal, session_id: str, name: str, message: Message) -> bool:
        return session_id == "mine"

    @property
    def access(self) -> Access:
        return Access(
            authenticate=self.authenticate,
            authorize_subscribe=self.subscribe,
            authorize_command=self.command,
        )

    async def test_a_token_that_is_not_taken_is_asked_for_once_more(self, tmp_path: Path) -> None:
        tokens = ["old", "secret"]

        async def token() -> str:
            return tokens.pop(0)

        settings = ClientSettings(backoff_base=0.001)
        async with (
            serving(tmp_path, access=self.access) as (_, server),
            connect(server.url, make_registry(), token=token, settings=settings) as client,
        ):
            await client.submit("mine", "Say", text("hi"))

    async def test_a_token_that_is_never_taken_is_an_error(self, tmp_path: Path) -> None:
        async with serving(tmp_path, access=self.access) as (_, server):
            with pytest.raises(AccessError):
                async with connect(server.url, make_registry(), token="guess"):
                    pass

    async def test_sessions_of_others_are_refused(self, tmp_path: Path) -> None:
        async with (
            serving(tmp_path, access=self.access) as (_, server),
            connect(server.url, make_registry(), token="secret") as client,
        ):
            async with client.watch("yours") as updates:
                with pytest.raises(SubscriptionError, match="subscribe_denied"):
                    await anext(updates)
            with pytest.raises(CommandRejectedError, match="command_denied"):
                await client.submit("yours", "Say", text("hi"))

    async def test_when_a_token_expires_the_client_goes_on_with_the_next(
        self, tmp_path: Path
    ) -> None:
        """The server does not say until when a token of the handshake holds, and ends it then."""
        asked = 0

        async def token() -> str:
            nonlocal asked
            asked += 1
            return f"token-{asked}"

        async def authenticate(request: ConnectionRequest) -> Principal:
            expires_at = time.time() + 0.05 if request.bearer() == "token-1" else None
            return Principal("me", expires_at=expires_at)

        settings = ClientSettings(backoff_base=0.001)
        access = Access(authenticate=authenticate)
        async with (
            serving(tmp_path, access=access) as (hub, server),
            connect(server.url, make_registry(), token=token, settings=settings) as client,
            client.watch("mine") as updates,
        ):
            await anext(updates)
            while asked < 2:
                await hub.publish("mine", "Said", text("tick"))
                assert isinstance(await anext(updates), UIUpdate)
            await client.submit("mine", "Say", text("still here"))
            while shown(await anext(updates)) != ["still here"]:
                pass

    async def test_revoked_access_ends_the_client(self, tmp_path: Path) -> None:
        async with (
            serving(tmp_path, access=self.access) as (_, server),
            connect(server.url, make_registry(), token="secret") as client,
            client.watch("mine") as updates,
        ):
            await anext(updates)
            waiting = asyncio.ensure_future(anext(updates))
            server.rooms.revoke("me")
            with pytest.raises(AccessError):
                await waiting
