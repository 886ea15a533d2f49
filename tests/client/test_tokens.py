from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from sessionstream.client import ConnectError, connect
from sessionstream.client.tokens import Token
from sessionstream.v1 import transport_pb2 as pb
from tests.client.model_server import make_registry
from tests.client.scripted_server import SETTINGS, ScriptedServer

UNUSABLE = ["geheim\n", "geheim\r\nX: y", "Bearer geheim", "geheimß", "geheim\0", "geheim\ud800"]


async def connecting(server: ScriptedServer, token: Token) -> None:
    async with connect(
        "ws://server", make_registry(), token=token, settings=SETTINGS, dial=server.dial
    ):
        pass


def giving(value: object) -> Callable[[], Awaitable[Any]]:
    async def token() -> object:
        return value

    return token


class TestAFixedToken:
    @pytest.mark.parametrize("token", UNUSABLE, ids=repr)
    async def test_that_no_header_can_carry_is_refused_and_not_shown(
        self, token: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        server = ScriptedServer()
        with caplog.at_level(logging.DEBUG), pytest.raises(ValueError, match="token has") as caught:
            await connecting(server, token)
        assert "geheim" not in str(caught.value) + caplog.text
        assert server.dialled == 0

    async def test_that_is_empty_is_refused(self) -> None:
        with pytest.raises(ValueError, match="token is empty; without one, pass None"):
            await connecting(ScriptedServer(), "")

    @pytest.mark.parametrize("token", [5, b"geheim", ["geheim"]], ids=repr)
    async def test_of_another_type_is_refused_and_not_shown(self, token: Any) -> None:
        with pytest.raises(TypeError, match="token is a string or an async function") as caught:
            await connecting(ScriptedServer(), token)
        assert "geheim" not in str(caught.value)


class TestATokenFunction:
    async def test_that_is_not_async_is_an_error_at_once(self) -> None:
        server = ScriptedServer()
        token: Any = lambda: "geheim"  # noqa: E731
        with pytest.raises(ConnectError, match="has to be async; it returned one of str") as caught:
            await connecting(server, token)
        assert "geheim" not in str(caught.value)
        assert server.dialled == 0

    @pytest.mark.parametrize("value", [None, 5, b"geheim"], ids=repr)
    async def test_that_gives_no_text_is_an_error_at_once(self, value: object) -> None:
        with pytest.raises(ConnectError, match="has to give a string; it gave one of"):
            await connecting(ScriptedServer(), giving(value))

    @pytest.mark.parametrize("value", UNUSABLE, ids=repr)
    async def test_that_gives_what_no_header_can_carry_does_not_show_it(
        self, value: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.DEBUG), pytest.raises(ConnectError, match="gave a") as caught:
            await connecting(ScriptedServer(), giving(value))
        assert "geheim" not in str(caught.value) + caplog.text

    async def test_that_can_not_renew_leaves_the_connection_as_it_is(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        values = iter(["one", "geheim\n"])

        async def token() -> str:
            return next(values)

        server = ScriptedServer()
        async with connect(
            "ws://server", make_registry(), token=token, settings=SETTINGS, dial=server.dial
        ):
            connection = await server.accept()
            connection.say(pb.ServerFrame(authenticated=pb.AuthenticatedFrame(expires_in_ms=1)))
            while "there is no newer token" not in caplog.text:
                connection.say(pb.ServerFrame(ping=pb.PingFrame()))
                await connection.hear("pong")
        assert "geheim" not in caplog.text
