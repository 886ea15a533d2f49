from __future__ import annotations

import asyncio
from typing import cast

import pytest
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import Int64Value, StringValue

from sessionstream import (
    Event,
    EventType,
    Hub,
    HydrationStore,
    PayloadTypeError,
    SchemaRegistry,
    SessionIdError,
    SessionStreamError,
    UIEvent,
    UnknownNameError,
)
from sessionstream.testing.fakes import GatedStore, RecordingFanout
from sessionstream.testing.stores.backend import events_of
from tests.runtime.app import Lines, Shows, lines, say, settled, text, text_of


@pytest.fixture
def hub(registry: SchemaRegistry, gated: GatedStore) -> Hub:
    return Hub(registry, store=gated)


class TestOrder:
    async def test_ordinals_count_from_one_in_every_session(self, hub: Hub) -> None:
        async with hub:
            assert [(await say(hub, "x", "a")).ordinal for _ in range(3)] == [1, 2, 3]
            assert (await say(hub, "x", "b")).ordinal == 1

    async def test_the_order_of_calls_is_the_order_of_ordinals(
        self, registry: SchemaRegistry, store: HydrationStore
    ) -> None:
        async with Hub(registry, store=store) as hub:
            events = await asyncio.gather(*(say(hub, str(number)) for number in range(600)))
            assert [event.ordinal for event in events] == list(range(1, 601))
            stored = await events_of(store, "s")
            assert [text_of(event.payload) for event in stored] == [str(n) for n in range(600)]

    async def test_publish_returns_the_event_that_was_stored(self, hub: Hub) -> None:
        async with hub:
            event = await say(hub, "hi")
            assert event == Event(session_id="s", name="Said", ordinal=1, payload=text("hi"))
            assert await hub._store.events("s") == [event]

    async def test_an_alias_publishes_under_the_current_name(
        self, registry: SchemaRegistry, hub: Hub
    ) -> None:
        registry.add(EventType("New", StringValue, aliases=("Old",)))
        async with hub:
            assert (await hub.publish("s", "Old", text("hi"))).name == "New"

    async def test_publish_returns_after_the_commit(self, hub: Hub, gated: GatedStore) -> None:
        async with hub:
            gated.hold()
            published = asyncio.ensure_future(say(hub, "hi"))
            await gated.wait_held()
            await settled()
            assert not published.done()
            gated.release()
            assert (await published).ordinal == 1


class TestTheBorder:
    async def test_the_payload_is_copied_before_the_call_suspends(self, hub: Hub) -> None:
        async with hub:
            payload = text("before")
            published = asyncio.ensure_future(hub.publish("s", "Said", payload))
            await asyncio.sleep(0)
            payload.value = "after"  # noqa: SV303
            assert (await published).payload.value == "before"

    async def test_changing_the_returned_event_changes_nothing_in_the_store(
        self, registry: SchemaRegistry, store: HydrationStore, timeline: Lines
    ) -> None:
        async with Hub(registry, store=store) as hub:
            hub.register_timeline_projection(timeline)
            event = await say(hub, "a=1")
            event.payload.value = "a=2"
            assert text_of((await events_of(store, "s"))[0].payload) == "a=1"
            assert lines(await hub.snapshot("s")) == ["a=1"]

    async def test_an_unknown_event_is_refused(self, hub: Hub) -> None:
        with pytest.raises(UnknownNameError, match="unknown event 'Sung'"):
            await hub.publish("s", "Sung", text("la"))

    async def test_a_payload_of_another_message_is_refused(self, hub: Hub) -> None:
        with pytest.raises(PayloadTypeError, match=r"takes .*StringValue; got .*Int64Value"):
            await hub.publish("s", "Said", Int64Value(value=1))

    async def test_a_message_class_in_place_of_an_instance_is_refused(self, hub: Hub) -> None:
        with pytest.raises(PayloadTypeError, match="the class StringValue itself"):
            await hub.publish("s", "Said", cast(Message, StringValue))

    @pytest.mark.parametrize("session_id", ["", "x" * 513, "\ud800", cast(str, 5)])
    async def test_an_unusable_session_id_is_refused(self, hub: Hub, session_id: str) -> None:
        with pytest.raises(SessionIdError):
            await say(hub, "hi", session_id)

    async def test_what_was_refused_takes_no_ordinal(self, hub: Hub) -> None:
        async with hub:
            with pytest.raises(PayloadTypeError):
                await hub.publish("s", "Said", Int64Value())
            assert (await say(hub, "hi")).ordinal == 1


class TestCancelling:
    async def test_a_call_that_is_cancelled_while_it_waits_leaves_a_whole_event(
        self, hub: Hub, gated: GatedStore
    ) -> None:
        async with hub:
            gated.hold()
            first = asyncio.ensure_future(say(hub, "first"))
            await gated.wait_held()
            second, third = (asyncio.ensure_future(say(hub, value)) for value in ("2nd", "3rd"))
            await asyncio.sleep(0)
            second.cancel()
            gated.release()
            assert [(await first).ordinal, (await third).ordinal] == [1, 3]
            stored = await events_of(gated, "s")
            assert [text_of(event.payload) for event in stored] == ["first", "2nd", "3rd"]

    async def test_a_call_that_is_cancelled_during_the_commit_leaves_a_whole_event(
        self, hub: Hub, gated: GatedStore, timeline: Lines
    ) -> None:
        async with hub:
            hub.register_timeline_projection(timeline)
            gated.hold()
            published = asyncio.ensure_future(say(hub, "a=1"))
            await gated.wait_held()
            published.cancel()
            await asyncio.wait([published])
            gated.release()
            assert (await say(hub, "b=2")).ordinal == 2
            assert lines(await hub.snapshot("s")) == ["a=1", "b=2"]

    @pytest.mark.parametrize("steps", range(12))
    async def test_after_a_cancellation_at_any_step_the_log_and_the_timeline_agree(
        self, registry: SchemaRegistry, timeline: Lines, steps: int
    ) -> None:
        async with Hub(registry) as hub:
            hub.register_timeline_projection(timeline)
            published = asyncio.ensure_future(say(hub, "a=1"))
            for _ in range(steps):
                await asyncio.sleep(0)
            published.cancel()
            await asyncio.wait([published])
            last = await say(hub, "b=2")
            stored = [text_of(event.payload) for event in await events_of(hub._store, "s")]
            assert len(stored) == last.ordinal
            assert lines(await hub.snapshot("s")) == stored


class TestEphemeralEvents:
    async def test_one_takes_no_ordinal_and_is_not_stored(
        self, hub: Hub, gated: GatedStore
    ) -> None:
        async with hub:
            event = await hub.publish("s", "Blinked", text("!"))
            assert event.ordinal == 0
            assert gated.batches == []
            assert (await say(hub, "hi")).ordinal == 1

    async def test_its_ui_events_are_fanned_out_with_ordinal_0(
        self, hub: Hub, ui: Shows, fanout: RecordingFanout
    ) -> None:
        async with hub:
            hub.add_fanout(fanout)
            hub.register_ui_projection(ui)
            await hub.publish("s", "Blinked", text("!"))
            assert fanout.ordinals("s") == [0]

    async def test_its_place_among_other_events_is_kept(
        self, hub: Hub, ui: Shows, fanout: RecordingFanout
    ) -> None:
        async with hub:
            hub.add_fanout(fanout)
            hub.register_ui_projection(ui)
            blinked = hub.publish("s", "Blinked", text("!"))
            await asyncio.gather(say(hub, "1"), blinked, say(hub, "2"))
            assert fanout.ordinals("s") == [1, 0, 2]

    async def test_no_timeline_projection_sees_it(self, hub: Hub, timeline: Lines) -> None:
        async with hub:
            hub.register_timeline_projection(timeline)
            await hub.publish("s", "Blinked", text("a=1"))
            assert timeline.seen == []

    async def test_it_is_not_projected_before_the_commit_of_those_ahead_of_it(
        self, hub: Hub, gated: GatedStore, ui: Shows, fanout: RecordingFanout
    ) -> None:
        async with hub:
            hub.add_fanout(fanout)
            hub.register_ui_projection(ui)
            gated.hold()
            ahead = asyncio.ensure_future(say(hub, "1"))
            await gated.wait_held()
            blinked = asyncio.ensure_future(hub.publish("s", "Blinked", text("!")))
            await settled()
            assert fanout.batches == []
            gated.release()
            await asyncio.gather(ahead, blinked)
            assert fanout.ordinals("s") == [1, 0]


async def test_a_cancellation_from_within_a_projection_is_not_taken_for_a_closed_hub(
    registry: SchemaRegistry,
) -> None:
    def cancelled(*_: object) -> list[UIEvent[Message]]:
        raise asyncio.CancelledError

    async with Hub(registry) as hub:
        hub.register_ui_projection(cancelled)
        with pytest.raises(SessionStreamError, match="cancelled from within"):
            await say(hub, "x")
        assert await hub.event_cursor("s") == 0
