"""Commands that were cut off: by a crash, by a Hub that closes, by a store that fails."""

from __future__ import annotations

import asyncio
import time

import pytest
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import StringValue

from sessionstream import (
    Command,
    CommandIdReusedError,
    CommandRecord,
    CommandStatus,
    CommandType,
    EventPublisher,
    Hub,
    HydrationStore,
    SchemaRegistry,
    Session,
    SessionCommit,
    StoreClosedError,
)
from sessionstream import accepting as accepting_module
from sessionstream.hydration.base import CommitBatch
from sessionstream.hydration.memory import MemoryStore
from sessionstream.testing.fakes import GatedStore
from sessionstream.transport.source import Verdict
from tests.runtime.accepting import accept, end_of, told
from tests.runtime.app import forever, settled
from tests.runtime.handlers import Handler


@pytest.fixture
def registry(registry: SchemaRegistry) -> SchemaRegistry:
    registry.add(CommandType("Again", StringValue, idempotent=True))
    return registry


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accepting_module, "FIRST_RETRY_SECONDS", 0)


async def leave_behind(store: HydrationStore, name: str) -> None:
    """What a process leaves that was killed while the command ran."""
    record = CommandRecord(
        command_id="c", name=name, status=CommandStatus.ACCEPTED, ordinal=0, at=time.time()
    )
    commit = SessionCommit(session_id="s", ui_cursor=0, timeline_cursor=0, commands=[record])
    await store.commit([commit])


def counting(hub: Hub, name: str) -> list[str]:
    """Counts how often the command runs."""
    runs: list[str] = []

    async def count(command: Command[Message], session: Session, publisher: EventPublisher) -> None:
        runs.append(command.name)

    hub.register_command(name, count)
    return runs


class TestAfterACrash:
    async def test_a_command_is_reported_as_interrupted_and_not_run_again(
        self, registry: SchemaRegistry, store: HydrationStore
    ) -> None:
        await leave_behind(store, "Say")
        async with Hub(registry, store=store) as hub:
            runs = counting(hub, "Say")
            receipt = await accept(hub)
            assert receipt.verdict is Verdict.DUPLICATE
            assert await told(receipt) == ("failed", "interrupted")
        assert runs == []

    async def test_an_idempotent_one_is_run_again_whatever_head_it_expected(
        self, registry: SchemaRegistry, store: HydrationStore
    ) -> None:
        await leave_behind(store, "Again")
        async with Hub(registry, store=store) as hub:
            runs = counting(hub, "Again")
            receipt = await accept(hub, name="Again", expected=99)
            assert receipt.verdict is Verdict.ACCEPTED
            assert await told(receipt) == ("completed", "")
        assert runs == ["Again"]

    async def test_not_as_another_command_under_its_id(
        self, registry: SchemaRegistry, store: HydrationStore
    ) -> None:
        await leave_behind(store, "Say")
        async with Hub(registry, store=store) as hub:
            runs = counting(hub, "Again")
            with pytest.raises(CommandIdReusedError):
                await accept(hub, name="Again")
        assert runs == []

    async def test_one_that_completed_is_not_run_again_though_it_is_idempotent(
        self, registry: SchemaRegistry, store: HydrationStore
    ) -> None:
        async with Hub(registry, store=store) as hub:
            runs = counting(hub, "Again")
            await end_of(await accept(hub, name="Again"))
            assert (await accept(hub, name="Again")).verdict is Verdict.DUPLICATE
        assert runs == ["Again"]


class TestClosing:
    async def test_what_runs_comes_to_its_end(
        self, registry: SchemaRegistry, store: HydrationStore
    ) -> None:
        handler = Handler()
        hub = Hub(registry, store=store)
        hub.register_command("Say", handler)
        receipt = await accept(hub)
        await handler.begun.wait()
        closing = asyncio.ensure_future(hub.aclose())
        await settled()
        handler.open.set()
        assert await told(receipt) == ("completed", "")
        await closing
        assert (await store.cursors("s")).event == 1

    async def test_what_is_being_accepted_is_accepted_and_run(
        self, registry: SchemaRegistry, gated: GatedStore
    ) -> None:
        hub = Hub(registry, store=gated)
        runs = counting(hub, "Say")
        gated.hold()
        accepting = asyncio.ensure_future(accept(hub))
        await gated.wait_held()
        closing = asyncio.ensure_future(hub.aclose())
        await settled()
        gated.release()
        assert await told(await accepting) == ("completed", "")
        await closing
        assert runs == ["Say"]

    async def test_what_outlives_its_time_is_recorded_as_interrupted(
        self, registry: SchemaRegistry, gated: GatedStore
    ) -> None:
        async def endless(
            command: Command[Message], session: Session, publisher: EventPublisher
        ) -> None:
            await forever()

        hub = Hub(registry, store=gated, drain_seconds=0.05)
        hub.register_command("Again", endless)
        receipt = await accept(hub, name="Again")
        await hub.aclose()
        assert await told(receipt) == ("failed", "interrupted")
        assert await gated.command("s", "c") == await end_of(receipt)

        async with Hub(registry, store=gated) as hub:
            runs = counting(hub, "Again")
            await end_of(await accept(hub, name="Again"))
        assert runs == ["Again"]

    async def test_what_is_accepted_too_late_is_not_run(
        self, registry: SchemaRegistry, gated: GatedStore
    ) -> None:
        """Its record took longer than there was; nobody would wait for its handler."""
        hub = Hub(registry, store=gated, drain_seconds=0.05)
        runs = counting(hub, "Say")
        gated.hold()
        accepting = asyncio.ensure_future(accept(hub))
        await gated.wait_held()
        closing = asyncio.ensure_future(hub.aclose())
        while not hub._commands.is_draining():  # noqa: ASYNC110 nothing tells of it
            await asyncio.sleep(0)
        gated.release()
        assert await told(await accepting) == ("failed", "interrupted")
        await closing
        assert runs == []


class FailingEnds(GatedStore):
    """Fails so often to store how a command ended."""

    failures = 0
    error: Exception = OSError("no disk")

    async def commit(self, batch: CommitBatch) -> None:
        ends = [each for commit in batch for each in commit.commands if each.status != "accepted"]
        if ends and self.failures:
            self.failures -= 1
            raise self.error
        await super().commit(batch)


class TestEndsThatCanNotBeStored:
    async def test_it_is_told_once_it_is_stored(self, registry: SchemaRegistry) -> None:
        store = FailingEnds(MemoryStore())
        store.failures = 3
        async with Hub(registry, store=store) as hub:
            counting(hub, "Say")
            record = await end_of(await accept(hub))
            assert record.status is CommandStatus.COMPLETED
            assert await store.command("s", "c") == record

    async def test_where_it_never_is_the_client_is_told_what_a_restart_would_tell(
        self, registry: SchemaRegistry
    ) -> None:
        store = FailingEnds(MemoryStore())
        store.failures = 1_000_000
        async with Hub(registry, store=store) as hub:
            counting(hub, "Say")
            receipt = await accept(hub)
        assert await told(receipt) == ("failed", "interrupted")
        async with Hub(registry, store=store.inner) as hub:
            counting(hub, "Say")
            assert await told(await accept(hub)) == ("failed", "interrupted")

    async def test_a_store_that_is_closed_before_the_hub_is_not_waited_for(
        self, registry: SchemaRegistry
    ) -> None:
        store = FailingEnds(MemoryStore())
        store.error = StoreClosedError("memory", "the store is closed")
        store.failures = 3
        async with Hub(registry, store=store) as hub:
            counting(hub, "Say")
            assert await told(await accept(hub)) == ("failed", "interrupted")
