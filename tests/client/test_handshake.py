"""What a server may answer to a handshake, over real sockets: which answers are final."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection
from websockets.asyncio.server import serve as serve_websocket

from sessionstream.client import AccessError, ClientError, ConnectError, Dialect, connect
from sessionstream.client.tokens import Token
from tests.client.model_server import make_registry
from tests.client.scripted_server import SETTINGS, ScriptedServer, text
from tests.client.serving import make_registry as make_application
from tests.client.serving import serving

SHORT = replace(SETTINGS, connect_timeout=0.05)


class Answering:
    """A server that answers every request with the same bytes, and counts."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.requests = 0
        self.heard = b""
        self.has_a_second = asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self.heard = await reader.read(1000)
            self.requests += 1
            if self.requests > 1:
                self.has_a_second.set()
            writer.write(self.answer)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def answering(answer: bytes) -> AsyncIterator[tuple[Answering, str]]:
    answers = Answering(answer)
    async with await asyncio.start_server(answers, "127.0.0.1", 0) as server:
        yield answers, f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


def status(code: int) -> bytes:
    return f"HTTP/1.1 {code} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()


async def error_of(url: str, token: Token = None) -> ClientError:
    with pytest.raises(ClientError) as caught:
        async with connect(url, make_registry(), token=token, settings=SETTINGS):
            pass
    assert "\n" not in str(caught.value)
    return caught.value


async def tried_again(answers: Answering, url: str) -> None:
    """Returns when the client has come a second time."""
    trying = asyncio.ensure_future(error_of(url))
    await answers.has_a_second.wait()
    trying.cancel()
    await asyncio.wait([trying])


class TestHttpAnswers:
    @pytest.mark.parametrize("code", [400, 404, 410, 426])
    async def test_a_client_error_is_final(self, code: int) -> None:
        async with answering(status(code)) as (answers, place):
            error = await error_of(f"ws://{place}/ws")
        assert isinstance(error, ConnectError)
        assert f"HTTP {code}" in str(error)
        assert answers.requests == 1

    @pytest.mark.parametrize("code", [408, 425, 429, 500, 502, 503])
    async def test_what_may_pass_is_tried_again(
        self, code: int, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.INFO):
            async with answering(status(code)) as (answers, place):
                await tried_again(answers, f"ws://{place}/ws")
        assert f"no connection: the server answers with HTTP {code}" in caplog.text

    @pytest.mark.parametrize("code", [401, 403])
    async def test_a_fixed_token_that_is_refused_is_final(self, code: int) -> None:
        async with answering(status(code)) as (answers, place):
            error = await error_of(f"ws://{place}/ws", "geheim")
        assert isinstance(error, AccessError)
        assert answers.requests == 1
        assert b"Authorization: Bearer geheim\r\n" in answers.heard

    async def test_a_token_function_is_asked_twice(self) -> None:
        async def token() -> str:
            return "geheim"

        async with answering(status(401)) as (answers, place):
            assert isinstance(await error_of(f"ws://{place}/ws", token), AccessError)
        assert answers.requests == 2

    @pytest.mark.parametrize("answer", [b"", b"SSH-2.0-x\r\n", b"HTTP/1.1 999\r\n\r\n"])
    async def test_what_is_no_http_is_tried_again(self, answer: bytes) -> None:
        async with answering(answer) as (answers, place):
            await tried_again(answers, f"ws://{place}/ws")

    async def test_a_redirect_to_an_odd_place_is_no_traceback(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        answer = b"HTTP/1.1 302 Found\r\nLocation: ws://x:abc/\r\nContent-Length: 0\r\n\r\n"
        async with answering(answer) as (answers, place):
            await tried_again(answers, f"ws://{place}/ws")
        assert "the client ends" not in caplog.text


class TestOtherServers:
    async def test_one_of_the_first_version_is_final(self) -> None:
        async def first_version(connection: ServerConnection) -> None:
            await connection.wait_closed()

        async with serve_websocket(first_version, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            error = await error_of(f"ws://127.0.0.1:{port}/ws")
        assert f"the server does not speak {Dialect.JSON.value}" in str(error)

    async def test_one_without_tls_is_tried_again(self, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.INFO):
            async with answering(status(400)) as (answers, place):
                await tried_again(answers, f"wss://{place}/ws")
        assert "no connection: [SSL" in caplog.text

    async def test_a_certificate_that_is_not_trusted_is_final_at_first(self) -> None:
        server = ScriptedServer(ssl.SSLCertVerificationError("certificate verify failed"))
        with pytest.raises(ConnectError, match="certificate verify failed"):
            async with connect("wss://server", make_registry(), dial=server.dial):
                pass
        assert server.dialled == 1

    async def test_a_certificate_that_is_not_trusted_later_is_tried_again(self) -> None:
        server = ScriptedServer()
        async with connect("wss://server", make_registry(), settings=SETTINGS, dial=server.dial):
            server.refusals = [ssl.SSLCertVerificationError("a hotel's network")]
            (await server.accept()).end(1006)
            await server.accept()

    async def test_a_name_that_nobody_has_is_told_as_the_last_attempt(self) -> None:
        failing = [socket.gaierror(-2, "Name or service not known") for _ in range(10_000)]
        server = ScriptedServer(*failing)
        with pytest.raises(ConnectError, match=r"the last attempt: .*Name or service"):
            async with connect("ws://nobody", make_registry(), settings=SHORT, dial=server.dial):
                pass


class TestLogs:
    @pytest.mark.parametrize("dialect", Dialect)
    async def test_no_level_shows_the_token(
        self, dialect: Dialect, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        settings = replace(SETTINGS, dialect=dialect)
        with caplog.at_level(logging.DEBUG):
            async with (
                serving(tmp_path) as (_, server),
                connect(
                    server.url, make_application(), token="geheim", settings=settings
                ) as client,
            ):
                await client.submit("s", "Say", text("hi"))
            async with answering(status(401)) as (_, place):
                await error_of(f"ws://{place}/ws?key=geheim", "geheim")
        assert not [each for each in caplog.records if "geheim" in each.getMessage()]
        assert {each.levelno for each in caplog.records if "websocket" in each.name} == {
            logging.INFO
        }

    async def test_what_goes_well_is_no_warning(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        root = logging.getLogger()
        before = root.level
        root.setLevel(logging.WARNING)
        try:
            async with (
                serving(tmp_path) as (_, server),
                connect(server.url, make_application(), settings=SETTINGS) as client,
            ):
                await client.submit("s", "Say", text("hi"))
        finally:
            root.setLevel(before)
        assert caplog.records == []
