from __future__ import annotations

import asyncio
import gc

import pytest
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import StringValue

from sessionstream import (
    Command,
    EventPublisher,
    Hub,
    SchemaRegistry,
    Session,
    SessionStreamError,
)
from sessionstream.hydration.memory import MemoryStore
from tests.runtime.app import Lines, lines, say, settled, text


class Factory:
    """Makes metadata; counts its calls, and can be stopped or fail."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.errors: list[BaseException] = []
        self.open = asyncio.Event()
        self.open.set()

    async def __call__(self, session_id: str) -> object:
        self.calls.append(session_id)
        await self.open.wait()
        if self.errors:
            raise self.errors.pop()
        return {"owner of": session_id}


@pytest.fixture
def factory() -> Factory:
    return Factory()


@pytest.fixture
def hub(registry: SchemaRegistry, factory: Factory) -> Hub:
    return Hub(registry, session_metadata=factory)


async def test_without_a_factory_it_is_none(registry: SchemaRegistry) -> None:
    async with Hub(registry) as hub:
        assert (await hub.session("s")).metadata is None


async def test_handlers_and_projections_get_the_same(hub: Hub) -> None:
    seen: list[object] = []

    async def handle(
        command: Command[Message], session: Session, publisher: EventPublisher
    ) -> None:
        seen.append(session.metadata)
        await publisher.publish("Said", text("x"))

    def project(event: object, session: Session, view: object) -> tuple[()]:
        seen.append(session.metadata)
        return ()

    async with hub:
        hub.register_command("Say", handle)
        hub.register_ui_projection(project)
        await hub.submit("s", "Say", text("hi"))
        seen.append((await hub.session("s")).metadata)
    assert seen[0] == {"owner of": "s"}
    assert seen[0] is seen[1] is seen[2]


async def test_it_is_made_once_per_session_however_many_ask(hub: Hub, factory: Factory) -> None:
    async with hub:
        await asyncio.gather(*(say(hub, "x", session_id) for session_id in "abab"))
        await hub.session("a")
    assert sorted(factory.calls) == ["a", "b"]


async def test_its_error_reaches_the_caller(hub: Hub, factory: Factory) -> None:
    async with hub:
        for ask in (say(hub, "x"), hub.session("s")):
            factory.errors = [PermissionError("who?")]
            with pytest.raises(PermissionError):
                await ask
        assert await hub.event_cursor("s") == 0


async def test_its_error_reaches_the_caller_of_submit(hub: Hub, factory: Factory) -> None:
    async def handle(
        command: Command[Message], session: Session, publisher: EventPublisher
    ) -> None:
        pytest.fail("no session, no handler")

    async with hub:
        hub.register_command("Say", handle)
        factory.errors = [PermissionError("who?")]
        with pytest.raises(PermissionError):
            await hub.submit("s", "Say", text("hi"))


async def test_it_is_tried_again_after_it_raised(hub: Hub, factory: Factory) -> None:
    async with hub:
        factory.errors = [PermissionError("who?")]
        with pytest.raises(PermissionError):
            await say(hub, "x")
        assert (await say(hub, "x")).ordinal == 1
        assert len(factory.calls) == 2


async def test_a_session_whose_factory_hangs_delays_no_other(hub: Hub, factory: Factory) -> None:
    async with hub:
        await hub.session("ready")
        factory.open.clear()
        stuck = asyncio.ensure_future(say(hub, "x", "stuck"))
        await settled()
        assert (await say(hub, "x", "ready")).ordinal == 1
        assert not stuck.done()
        factory.open.set()
        assert (await stuck).ordinal == 1


async def test_a_caller_who_gives_up_leaves_it_to_the_next(hub: Hub, factory: Factory) -> None:
    async with hub:
        factory.open.clear()
        first = asyncio.ensure_future(hub.session("s"))
        second = asyncio.ensure_future(hub.session("s"))
        await settled()
        first.cancel()
        factory.open.set()
        assert (await second).metadata == {"owner of": "s"}
        assert len(factory.calls) == 2


async def test_a_stuck_factory_does_not_keep_anyone_from_reading(
    hub: Hub, factory: Factory
) -> None:
    async with hub:
        factory.open.clear()
        stuck = asyncio.ensure_future(hub.session("s"))
        await settled()
        assert (await hub.snapshot("s")).snapshot_ordinal == 0
        factory.open.set()
        await stuck


async def test_a_factory_may_read_its_session(registry: SchemaRegistry, timeline: Lines) -> None:
    async def read(session_id: str) -> object:
        return lines(await reading.snapshot(session_id))

    reading = Hub(registry, session_metadata=read)
    async with reading:
        reading.register_timeline_projection(timeline)
        await say(reading, "a=1")
        assert (await reading.session("s")).metadata == []


async def test_a_factory_that_was_cancelled_inside_leaves_nobody_waiting(
    hub: Hub, factory: Factory
) -> None:
    async with hub:
        factory.errors = [asyncio.CancelledError()]
        published = asyncio.ensure_future(say(hub, "x"))
        await asyncio.wait([published])
        assert published.cancelled() or published.exception() is not None
        assert (await say(hub, "x")).ordinal == 1


@pytest.mark.parametrize("ask", ["publish", "session", "rebuild"])
async def test_a_factory_that_asks_for_work_in_its_own_session_is_told_so(
    registry: SchemaRegistry, ask: str
) -> None:
    """It would wait for itself."""

    async def make(session_id: str) -> object:
        match ask:
            case "publish":
                return await say(asked, "x", session_id)
            case "session":
                return await asked.session(session_id)
        return await asked.rebuild_timeline(session_id)

    async with Hub(registry, session_metadata=make) as asked:
        with pytest.raises(SessionStreamError, match="asks the Hub for work in that session"):
            await asked.session("s")


async def test_a_factory_may_work_in_another_session(registry: SchemaRegistry) -> None:
    async def make(session_id: str) -> object:
        return None if session_id == "log" else (await say(asked, session_id, "log")).ordinal

    async with Hub(registry, session_metadata=make) as asked:
        assert (await asked.session("a")).metadata == 1
        assert (await asked.session("b")).metadata == 2


class TestAFactoryThatReadsItsOwnSession:
    @pytest.mark.parametrize("as_of", [None, 0])
    async def test_is_refused_where_that_would_wait_for_the_metadata(
        self, registry: SchemaRegistry, as_of: int | None
    ) -> None:
        """A timeline that a crash has left behind is caught up by the lane, which waits too."""
        store = MemoryStore()

        async def reads(session_id: str) -> object:
            return await restarted.snapshot(session_id, as_of=as_of)

        restarted = Hub(registry, store=store, session_metadata=reads)
        async with Hub(registry, store=store) as crashed, restarted:
            for each in (crashed, restarted):
                each.register_timeline_projection(Lines())
            await say(crashed, "a=1")
            for _ in range(2):
                with pytest.raises(SessionStreamError, match="would wait for the metadata"):
                    await say(restarted, "b=2")
                with pytest.raises(SessionStreamError, match="would wait for the metadata"):
                    await restarted.snapshot("s")
            assert await crashed.event_cursor("s") == 1


class TestPublishersThatWaitForMetadata:
    async def test_hold_up_no_publish_of_the_factory_itself(
        self, registry: SchemaRegistry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """They have all the room that there is for uncommitted events."""
        monkeypatch.setattr("sessionstream.publishing.MAX_UNCOMMITTED", 3)

        async def audited(session_id: str) -> None:
            if session_id != "audit":
                await say(audited_hub, session_id, "audit")

        audited_hub = Hub(registry, session_metadata=audited)
        async with audited_hub:
            await asyncio.gather(*(say(audited_hub, "x") for _ in range(10)))
            assert await audited_hub.event_cursor("s") == 10
            assert await audited_hub.event_cursor("audit") == 1

    async def test_and_leave_take_their_payloads_with_them(
        self, hub: Hub, factory: Factory
    ) -> None:
        factory.open.clear()
        size = 10_000
        async with hub:
            leaving: list[asyncio.Future[object]] = []
            for _ in range(5):
                leaving = [asyncio.ensure_future(say(hub, "x" * size)) for _ in range(100)]
                await settled()
                for publish in leaving:
                    publish.cancel()
                await settled()
            leaving.clear()
            gc.collect()
            kept = sum(
                isinstance(each, StringValue) and len(each.value) == size
                for each in gc.get_objects()
            )
            factory.open.set()
            await say(hub, "y")
            assert await hub.event_cursor("s") == 1
        assert kept < 100
