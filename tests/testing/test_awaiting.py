"""A step that was not awaited would pass without doing anything: it fails instead."""

from __future__ import annotations

import asyncio

import pytest

from tests.testing.conftest import LinesServer, failure
from tests.testing.lines import Lines, LinesScenario, shown, write, written


class TestAStepThatIsNotAwaited:
    async def test_fails_the_end_of_the_scenario_with_its_place(self) -> None:
        with failure() as failed:
            async with LinesScenario(Lines()) as lines:
                lines.then_published(written("a"))  # type: ignore[unused-coroutine]
        place, _, text = failed.text.partition(": ")
        assert place.startswith("test_awaiting.py:")
        assert text.startswith("then_published was never awaited")

    async def test_of_another_session_or_of_a_client_does_so_too(self) -> None:
        with failure() as failed:
            async with LinesScenario(Lines()) as lines:
                other, page = lines.in_session("another"), await lines.connect()
                other.when(write("a"))  # type: ignore[unused-coroutine]
                page.expect_shown(shown("a"))  # type: ignore[unused-coroutine]
        assert [line.split()[1] for line in failed.text.splitlines()] == ["when", "expect_shown"]

    async def test_of_a_client_of_ones_own_server_fails_when_that_is_closed(
        self, lines: LinesScenario
    ) -> None:
        with failure() as failed:
            async with LinesServer(lines.hub) as server:
                page = await server.connect()
                page.ping()  # type: ignore[unused-coroutine]
        assert "ping was never awaited" in failed.text

    async def test_is_told_beside_what_it_made_fail(self) -> None:
        async def test() -> None:
            async with LinesScenario(Lines()) as lines:
                lines.when(write("a"))  # type: ignore[unused-coroutine]
                await lines.then_published(written("a"))

        with pytest.raises(AssertionError, match="the events differ") as caught:
            await test()
        [note] = caught.value.__notes__
        assert "when was never awaited" in note

    async def test_but_begun_as_a_task_is_none(self, lines: LinesScenario) -> None:
        waiting = asyncio.create_task(lines.until_shown(shown("a")))
        await lines.when(write("a"))
        await waiting
