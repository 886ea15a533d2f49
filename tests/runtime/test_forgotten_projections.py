"""A Hub that lacks a projection: what it may not remove, and what it is for later ones."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from sessionstream import Hub, HydrationStore, SchemaRegistry, SessionStreamError
from tests.runtime.app import Growing, Lines, lines, say

OpenStore = Callable[[], AbstractAsyncContextManager[HydrationStore]]


@pytest.fixture
def with_projections(
    registry: SchemaRegistry, open_store: OpenStore
) -> Callable[..., AbstractAsyncContextManager[Hub]]:
    @asynccontextmanager
    async def opened(*names: str) -> AsyncIterator[Hub]:
        async with open_store() as store, Hub(registry, store=store) as hub:
            for name in names:
                projection = Growing() if name == "growing" else Lines()
                hub.register_timeline_projection(projection, name)
            yield hub

    return opened


async def say_all(hub: Hub, values: Sequence[str]) -> None:
    for value in values:
        await say(hub, value)


class TestCompaction:
    @pytest.mark.parametrize("others", [(), ("lines",)])
    @pytest.mark.parametrize("more", ["", "e"])
    async def test_is_refused_while_a_projection_is_missing(
        self,
        with_projections: Callable[..., AbstractAsyncContextManager[Hub]],
        others: tuple[str, ...],
        more: str,
    ) -> None:
        async with with_projections("growing", *others) as hub:
            await say_all(hub, "abcd")
        async with with_projections(*others) as hub:
            await say_all(hub, more)
            with pytest.raises(SessionStreamError, match=r"would lose .* growing; register"):
                await hub.compact("s", keep=1)
        async with with_projections("growing", *others) as hub:
            assert lines(await hub.snapshot("s")) == [f"all=abcd{more}"]
            assert await hub.compact("s", keep=1) == 3 + len(more)

    async def test_goes_on_without_it_after_a_rebuild(
        self, with_projections: Callable[..., AbstractAsyncContextManager[Hub]]
    ) -> None:
        async with with_projections("growing") as hub:
            await say_all(hub, "abcd")
        async with with_projections("lines") as hub:
            await hub.rebuild_timeline("s")
            assert await hub.compact("s", keep=1) == 3
