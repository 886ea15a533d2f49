"""Clients that leave or read nothing, and what their server does then."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator

import pytest

from sessionstream.transport.settings import TransportSettings
from tests.testing.conftest import SESSION, LinesClient, LinesServer, failure
from tests.testing.lines import Lines, LinesScenario, shown, written


class TestLeaving:
    async def test_ends_the_connection(self, lines: LinesScenario, page: LinesClient) -> None:
        await page.disconnect()
        await lines.when(written("b"))
        with failure() as failed:
            await page.ping()
        assert "the server closed with 1000" in failed.text

    async def test_that_the_server_does_not_notice_is_told(self, page: LinesClient) -> None:
        page.patience = 0.0
        with failure() as failed:
            await page.disconnect()
        assert failed.text == "the server still serves it after 0.0 seconds"

    async def test_of_the_server_does_not_take_back_what_it_has_sent(
        self, lines: LinesScenario
    ) -> None:
        async with LinesServer(lines.hub) as server:
            page = await server.connect()
            await page.subscribe(SESSION)
            await lines.when(written("b"))
            for _ in range(10):
                await asyncio.sleep(0)
        await page.expect_shown(shown("b"))
        with failure() as failed:
            await page.next_shown()
        assert failed.text == (
            "expected a UI event (subscribed to 'session-1'); "
            "the server closed with 1001 (the server shuts down)"
        )

    async def test_of_the_server_closes_with_a_code(self) -> None:
        async with LinesScenario(Lines()) as lines:
            async with LinesServer(lines.hub) as server:
                page = await server.connect()
                page.stop_reading()
            assert await page.expect_close(1001) == "the server shuts down"
            with failure() as failed:
                await page.expect_close(1000)
            assert failed.text == (
                "expected the server to close with 1000; got 1001 (the server shuts down)"
            )

    async def test_that_does_not_happen_is_missed(self, page: LinesClient) -> None:
        page.patience = 0.0
        with failure() as failed:
            await page.expect_close(1001)
        assert failed.text == "the server has not closed after 0.0 seconds; expected 1001"


class TestASlowClient:
    @pytest.fixture
    async def server(self, lines: LinesScenario) -> AsyncIterator[LinesServer]:
        settings = TransportSettings(max_queued_frames=3)
        async with LinesServer(lines.hub, settings) as server:
            yield server

    async def test_is_caught_up_when_too_much_waited_for_it(
        self, lines: LinesScenario, server: LinesServer
    ) -> None:
        page = await server.connect()
        await page.subscribe(SESSION)
        page.stop_reading()
        for number in range(9):
            await lines.when(written(str(number)))
        page.go_on_reading()
        await page.expect_shown(*[shown(str(number)) for number in range(9)])

    async def test_that_reads_on_in_time_misses_nothing(
        self, lines: LinesScenario, server: LinesServer
    ) -> None:
        page = await server.connect()
        await page.subscribe(SESSION)
        page.stop_reading()
        for number in range(3):
            await lines.when(written(str(number)))
        page.go_on_reading()
        await page.expect_shown(shown("0"), shown("1"), shown("2"))

    async def test_slows_nobody_else(self, lines: LinesScenario, server: LinesServer) -> None:
        slow, other = await server.connect(), await server.connect()
        for page in (slow, other):
            await page.subscribe(SESSION)
        slow.stop_reading()
        for number in range(5):
            await lines.when(written(str(number)))
            await other.expect_shown(shown(str(number)))


class TestAServer:
    async def test_that_is_full_refuses_the_next_client_with_its_reason(
        self, lines: LinesScenario
    ) -> None:
        settings = TransportSettings(max_connections=1)
        async with LinesServer(lines.hub, settings) as server:
            await server.connect()
            with failure() as failed:
                await server.connect()
        assert failed.text == "expected hello; the server closed with 1013 (too many connections)"

    async def test_is_closed_twice_as_once(self, lines: LinesScenario) -> None:
        async with LinesServer(lines.hub) as server:
            await server.connect()
            await server.aclose()
        assert not [task for task in asyncio.all_tasks() if "handle" in str(task.get_coro())]

    async def test_that_was_not_entered_serves_nobody(self, lines: LinesScenario) -> None:
        with pytest.raises(RuntimeError, match="enter the rooms first"):
            await LinesServer(lines.hub).connect()

    async def test_leaves_the_hub_when_it_is_closed(self, lines: LinesScenario) -> None:
        server = LinesServer(lines.hub)
        async with server:
            await server.connect()
        gone = weakref.ref(server)
        del server
        gc.collect()
        assert gone() is None

    async def test_gives_its_clients_its_patience(self, app: Lines) -> None:
        async with LinesScenario(app, patience=7.0) as lines:
            assert (await lines.connect()).patience == 7.0
            async with LinesServer(lines.hub, patience=8.0) as server:
                assert (await server.connect()).patience == 8.0
