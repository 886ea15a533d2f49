from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from sessionstream.client import (
    AccessError,
    ClientClosedError,
    ConnectError,
    ConnectionState,
    Dialect,
    connect,
)
from sessionstream.client.backlog import Room
from sessionstream.client.backoff import Backoff
from sessionstream.client.connection import Connection
from sessionstream.client.protocol import ClientProtocol
from sessionstream.client.wire import Refused
from sessionstream.v1 import transport_pb2 as pb
from tests.client.conftest import Play
from tests.client.model_server import hello, make_registry, snapshot, subscribed, ui_event
from tests.client.scripted_server import SETTINGS, ScriptedConnection, ScriptedServer


class TestTheFirstConnection:
    async def test_a_server_that_is_not_there_yet_is_tried_again(self) -> None:
        server = ScriptedServer(ConnectionRefusedError(), Refused(503))
        async with connect(
            "ws://server", make_registry(), settings=SETTINGS, dial=server.dial
        ) as client:
            assert client.state.value == "connected"
        assert client.state.value == "closed"
        assert server.dialled == 3

    async def test_what_is_no_such_server_is_not_tried_again(self) -> None:
        server = ScriptedServer(Refused(404))
        with pytest.raises(ConnectError, match="HTTP 404"):
            async with connect("ws://server", make_registry(), dial=server.dial):
                pass
        assert server.dialled == 1

    async def test_it_has_to_come_in_time(self) -> None:
        server = ScriptedServer(*[ConnectionRefusedError("nobody") for _ in range(1000)])
        settings = replace(SETTINGS, connect_timeout=0.02)
        with pytest.raises(ConnectError, match=r"not in 0\.02 s; the last attempt: nobody"):
            async with connect("ws://server", make_registry(), settings=settings, dial=server.dial):
                pass


class TestALostConnection:
    @pytest.mark.parametrize("code", [1000, 1001, 1006, 1011, 1013, 4008, 4408, 4429])
    async def test_is_made_again_and_goes_on(self, play: Play, code: int) -> None:
        async with play.client.watch("s") as updates:
            play.connection.say(snapshot(1), subscribed(1))
            await anext(updates)
            play.connection.end(code)
            connection = await play.server.accept()
            request = (await connection.hear("subscribe")).subscribe
            assert request.mode == pb.SubscribeRequest.RESUME
            connection.say(ui_event(2, previous=1))
            assert (await anext(updates)).position.ordinal == 2

    async def test_is_told(self) -> None:
        server = ScriptedServer()
        states: list[ConnectionState] = []
        async with connect(
            "ws://server",
            make_registry(),
            settings=SETTINGS,
            dial=server.dial,
            on_state=states.append,
        ) as client:
            (await server.accept()).end(1006)
            connection = await server.accept()
            async with client.watch("s"):
                await connection.hear("subscribe")
        states_of_two = [ConnectionState.CONNECTED, ConnectionState.CONNECTING] * 2
        assert states[:3] == states_of_two[:3]
        assert states[-1] is ConnectionState.CLOSED

    async def test_a_listener_that_raises_harms_nobody(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        def raises(state: ConnectionState) -> None:
            raise RuntimeError("no page to show it on")

        server = ScriptedServer()
        async with connect(
            "ws://server", make_registry(), settings=SETTINGS, dial=server.dial, on_state=raises
        ):
            (await server.accept()).end(1006)
            await server.accept()
        assert "on_state raised" in caplog.text

    async def test_a_silent_server_is_asked_and_then_given_up(self) -> None:
        server = ScriptedServer()
        settings = replace(SETTINGS, heartbeat_interval=0.005, heartbeat_timeout=0.005)
        async with connect("ws://server", make_registry(), settings=settings, dial=server.dial):
            connection = await server.accept()
            await connection.hear("ping")
            await connection.is_closed.wait()
            await server.accept()

    async def test_what_is_no_frame_ends_the_connection(self, play: Play) -> None:
        play.connection.say_text("no JSON")
        await play.connection.is_closed.wait()
        await play.server.accept()

    async def test_a_server_that_goes_is_left_in_time(self, play: Play) -> None:
        play.connection.say(pb.ServerFrame(go_away=pb.GoAwayFrame(reconnect_within_ms=1)))
        await play.connection.is_closed.wait()
        await play.server.accept()

    async def test_a_server_that_only_sends_what_is_no_frame_is_asked_less_and_less(self) -> None:
        backoff = Backoff(1, 100, lambda low, high: high)
        room = Room(updates=1, octets=1, assembled=1)
        protocol = ClientProtocol(make_registry(), Dialect.JSON, room)
        waits = []
        for _ in range(3):
            wire = ScriptedConnection(None)
            wire.say(hello())
            wire.say_text("no JSON")
            protocol.opened(None)
            await Connection(wire, protocol, SETTINGS, backoff, lambda action: None, None).run()
            protocol.closed()
            waits.append(backoff.next())
        assert waits == [1, 2, 4]

    async def test_pings_are_answered(self, play: Play) -> None:
        play.connection.say(pb.ServerFrame(ping=pb.PingFrame(nonce="n")))
        assert (await play.connection.hear("pong")).pong.nonce == "n"

    async def test_a_frame_of_a_newer_server_is_passed_over(self, play: Play) -> None:
        play.connection.say_text('{"newer": {}}')
        play.connection.say(pb.ServerFrame(ping=pb.PingFrame()))
        await play.connection.hear("pong")


class TestTokens:
    async def test_the_token_is_asked_for_at_every_connection(self) -> None:
        server = ScriptedServer()
        tokens = iter(["one", "two"])

        async def token() -> str:
            return next(tokens)

        async with connect(
            "ws://server", make_registry(), token=token, settings=SETTINGS, dial=server.dial
        ):
            connection = await server.accept()
            assert connection.token == "one"
            connection.end(4401, "expired")
            assert (await server.accept()).token == "two"

    async def test_a_server_that_asks_for_it_in_a_frame_gets_it_first(self) -> None:
        server = ScriptedServer()
        greeting = hello()
        greeting.hello.authentication_required = True
        server.greets = lambda: greeting
        async with asyncio.TaskGroup() as group:
            group.create_task(self._authenticates(server))
            async with connect(
                "ws://server", make_registry(), token="t", settings=SETTINGS, dial=server.dial
            ) as client:
                assert client.state is ConnectionState.CONNECTED

    async def _authenticates(self, server: ScriptedServer) -> None:
        connection = await server.accept()
        assert (await connection.hear("authenticate")).authenticate.token == "t"
        connection.say(pb.ServerFrame(authenticated=pb.AuthenticatedFrame()))

    async def test_a_token_is_renewed_before_it_expires(self) -> None:
        server = ScriptedServer()

        async def token() -> str:
            return "fresh"

        async with connect(
            "ws://server", make_registry(), token=token, settings=SETTINGS, dial=server.dial
        ):
            connection = await server.accept()
            authenticated = pb.AuthenticatedFrame(expires_in_ms=1)
            connection.say(pb.ServerFrame(authenticated=authenticated))
            assert (await connection.hear("authenticate")).authenticate.token == "fresh"

    @pytest.mark.parametrize("refusals", [[Refused(401)], [Refused(403)]])
    async def test_a_fixed_token_that_is_not_taken_is_an_error(
        self, refusals: list[Exception]
    ) -> None:
        server = ScriptedServer(*refusals)
        with pytest.raises(AccessError):
            async with connect("ws://server", make_registry(), token="t", dial=server.dial):
                pass

    async def test_a_token_that_can_not_be_had_is_tried_again(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        server = ScriptedServer()
        fails = [True]

        async def token() -> str:
            if fails:
                fails.clear()
                raise OSError("no network")
            return "t"

        async with connect(
            "ws://server", make_registry(), token=token, settings=SETTINGS, dial=server.dial
        ):
            assert (await server.accept()).token == "t"
        assert "there is no token" in caplog.text

    async def test_revoked_access_ends_the_client(self, play: Play) -> None:
        async with play.client.watch("s") as updates:
            play.connection.end(4403, "revoked")
            with pytest.raises(AccessError, match="revoked"):
                await anext(updates)
        with pytest.raises(AccessError):
            async with play.client.watch("s"):
                pass


class TestClosing:
    async def test_leaves_no_task_behind(self) -> None:
        before = asyncio.all_tasks()
        server = ScriptedServer()
        async with connect(
            "ws://server", make_registry(), settings=SETTINGS, dial=server.dial
        ) as client:
            connection = await server.accept()
            async with client.watch("s"):
                await connection.hear("subscribe")
        assert asyncio.all_tasks() == before
        assert connection.is_closed.is_set()

    async def test_ends_what_waits_before_the_connection_has_closed(self, play: Play) -> None:
        """A server that does not answer the close must not hold them up."""

        async def closing_for_ever() -> None:
            await play.connection.is_closed.wait()

        play.connection.close = closing_for_ever  # type: ignore[method-assign]
        async with play.client.watch("s") as updates:
            closing = asyncio.ensure_future(play.client.aclose())
            with pytest.raises(ClientClosedError):
                await anext(updates)
            assert not closing.done()
            other = asyncio.ensure_future(play.client.aclose())
            closing.cancel()
            await asyncio.wait([closing, other])
            assert closing.cancelled()

    async def test_the_same_error_again_and_again_keeps_no_tracebacks(self, play: Play) -> None:
        await play.client.aclose()
        lengths = []
        for _ in range(3):
            with pytest.raises(ClientClosedError) as caught:
                async with play.client.watch("s"):
                    pass
            lengths.append(len(caught.traceback))
        assert lengths[0] == lengths[2]

    async def test_while_there_is_no_connection_is_at_once(self) -> None:
        settings = replace(SETTINGS, backoff_base=1000, backoff_limit=1000)
        server = ScriptedServer()
        async with connect(
            "ws://server", make_registry(), settings=settings, dial=server.dial
        ) as client:
            (await server.accept()).end(1006)
            async with client.watch("s") as updates:
                waiting = asyncio.ensure_future(anext(updates))
                await client.aclose()
                with pytest.raises(ClientClosedError):
                    await waiting
