"""Whose a command's id is: of one command, by one principal, in one session."""

from __future__ import annotations

import asyncio

import pytest
from google.protobuf.wrappers_pb2 import StringValue

from sessionstream import (
    CommandIdReusedError,
    CommandType,
    Hub,
    HydrationStore,
    SchemaRegistry,
)
from sessionstream.testing.fakes import GatedStore
from sessionstream.transport.source import Receipt, Verdict
from tests.runtime.accepting import end_of, told
from tests.runtime.app import settled, text
from tests.runtime.handlers import Handler

OTHERS = pytest.mark.parametrize(
    ("name", "principal"), [("Other", "alice"), ("Say", "bob"), ("Say", ""), ("Other", "bob")]
)


@pytest.fixture
def registry(registry: SchemaRegistry) -> SchemaRegistry:
    registry.register_command("Other", StringValue)
    return registry


@pytest.fixture
def handler() -> Handler:
    return Handler()


@pytest.fixture
def hub(registry: SchemaRegistry, gated: GatedStore, handler: Handler) -> Hub:
    return hub_on(registry, gated, handler)


def hub_on(registry: SchemaRegistry, store: HydrationStore, handler: Handler) -> Hub:
    hub = Hub(registry, store=store)
    for name in ("Say", "Other"):
        hub.register_command(name, handler)
    return hub


async def give(hub: Hub, name: str = "Say", principal: str = "alice") -> Receipt:
    return await hub.accept("s", name, text("x"), command_id="c", principal=principal)


class TestAnIdThatIsKnown:
    @OTHERS
    async def test_is_refused_to_others_once_its_command_has_ended(
        self, hub: Hub, handler: Handler, name: str, principal: str
    ) -> None:
        handler.open.set()
        async with hub:
            await end_of(await give(hub))
            with pytest.raises(CommandIdReusedError):
                await give(hub, name, principal)

    @OTHERS
    async def test_is_refused_to_others_while_its_command_runs(
        self, hub: Hub, handler: Handler, name: str, principal: str
    ) -> None:
        async with hub:
            receipt = await give(hub)
            await handler.begun.wait()
            with pytest.raises(CommandIdReusedError):
                await give(hub, name, principal)
            handler.open.set()
            assert await told(receipt) == ("completed", "")

    @OTHERS
    async def test_is_refused_to_others_that_come_before_it_is_stored(
        self, hub: Hub, gated: GatedStore, handler: Handler, name: str, principal: str
    ) -> None:
        handler.open.set()
        async with hub:
            gated.hold()
            first = asyncio.ensure_future(give(hub))
            await gated.wait_held()
            other = asyncio.ensure_future(give(hub, name, principal))
            await settled()
            gated.release()
            with pytest.raises(CommandIdReusedError):
                await other
            await end_of(await first)

    @OTHERS
    async def test_is_refused_to_others_after_a_restart(
        self,
        registry: SchemaRegistry,
        store: HydrationStore,
        handler: Handler,
        name: str,
        principal: str,
    ) -> None:
        handler.open.set()
        async with hub_on(registry, store, handler) as hub:
            await end_of(await give(hub))
        async with hub_on(registry, store, handler) as hub:
            with pytest.raises(CommandIdReusedError):
                await give(hub, name, principal)
            assert (await give(hub)).verdict is Verdict.DUPLICATE

    async def test_is_free_again_where_its_command_was_not_stored(
        self, hub: Hub, gated: GatedStore, handler: Handler
    ) -> None:
        handler.open.set()
        async with hub:
            gated.hold()
            gated.fail_next(OSError("no disk"))
            first = asyncio.ensure_future(give(hub))
            await gated.wait_held()
            second = asyncio.ensure_future(give(hub, principal="bob"))
            await settled()
            gated.release()
            with pytest.raises(OSError, match="no disk"):
                await first
            assert await told(await second) == ("completed", "")

    async def test_a_refused_one_leaves_the_first_as_it_is(
        self, hub: Hub, handler: Handler
    ) -> None:
        handler.open.set()
        async with hub:
            first = await end_of(await give(hub))
            with pytest.raises(CommandIdReusedError):
                await give(hub, principal="bob")
            assert await end_of(await give(hub)) == first

    async def test_is_that_of_a_command_which_was_renamed_since(
        self, store: HydrationStore, registry: SchemaRegistry, handler: Handler
    ) -> None:
        handler.open.set()
        async with hub_on(registry, store, handler) as hub:
            await end_of(await give(hub))
        renamed = SchemaRegistry()
        renamed.add(CommandType("Tell", StringValue, aliases=("Say",)))
        async with Hub(renamed, store=store) as hub:
            hub.register_command("Tell", handler)
            assert (await give(hub, "Tell")).verdict is Verdict.DUPLICATE
            assert (await give(hub, "Say")).verdict is Verdict.DUPLICATE

    async def test_the_payload_does_not_make_another_command(
        self, hub: Hub, handler: Handler
    ) -> None:
        """One that was made by another release may differ in its bytes only."""
        handler.open.set()
        async with hub:
            await end_of(await give(hub))
            again = await hub.accept("s", "Say", text("y"), command_id="c", principal="alice")
            assert again.verdict is Verdict.DUPLICATE

    async def test_a_principal_whom_no_store_can_keep_is_refused(self, hub: Hub) -> None:
        async with hub:
            with pytest.raises(ValueError, match="a principal's id"):
                await give(hub, principal="\ud800")
