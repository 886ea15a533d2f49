"""What fan-outs get, in which order, and from when to when."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from google.protobuf.message import Message

from sessionstream import Hub, SchemaRegistry, UIEvent
from sessionstream.testing.fakes import Batch, GatedStore, RecordingFanout, RecordingObserver
from tests.runtime.app import Shows, say, settled, shown, text


@pytest.fixture
def hub(
    registry: SchemaRegistry,
    gated: GatedStore,
    fanout: RecordingFanout,
    observer: RecordingObserver,
) -> Hub:
    hub = Hub(registry, store=gated, fanout=fanout, observers=[observer])
    hub.register_ui_projection(Shows("bad"))
    return hub


class TestDelivery:
    async def test_a_batch_has_the_session_the_ordinal_and_the_ui_events(
        self, hub: Hub, fanout: RecordingFanout
    ) -> None:
        async with hub:
            await say(hub, "x")
        (batch,) = fanout.batches
        assert batch == Batch(session_id="s", ordinal=1, events=(shown("x after 0:"),))

    async def test_the_ui_events_of_several_projections_are_one_batch(
        self, hub: Hub, fanout: RecordingFanout
    ) -> None:
        hub.register_ui_projection(lambda *_: [shown("second"), shown("third")])
        async with hub:
            await say(hub, "x")
        (batch,) = fanout.batches
        assert [text(event.payload.value) for event in batch.events] == [  # type: ignore[attr-defined]
            text("x after 0:"),
            text("second"),
            text("third"),
        ]

    async def test_an_event_without_ui_events_is_no_batch(
        self, registry: SchemaRegistry, fanout: RecordingFanout
    ) -> None:
        async with Hub(registry, fanout=fanout) as hub:
            await say(hub, "x")
        assert fanout.batches == []

    async def test_nothing_is_delivered_before_the_commit(
        self, hub: Hub, gated: GatedStore, fanout: RecordingFanout
    ) -> None:
        async with hub:
            gated.hold()
            published = asyncio.ensure_future(say(hub, "x"))
            await gated.wait_held()
            await settled()
            assert fanout.batches == []
            gated.release()
            await published
            assert fanout.ordinals("s") == [1]

    async def test_one_that_never_suspends_has_run_when_publish_returns(
        self, hub: Hub, fanout: RecordingFanout
    ) -> None:
        async with hub:
            for ordinal in range(1, 6):
                await say(hub, "x")
                assert fanout.ordinals("s")[-1] == ordinal

    async def test_calls_of_one_session_are_in_order_and_never_overlap(
        self, registry: SchemaRegistry
    ) -> None:
        class Slow:
            def __init__(self) -> None:
                self.running = 0
                self.overlaps = 0
                self.ordinals: list[int] = []

            async def publish_ui(
                self, session_id: str, ordinal: int, events: Sequence[UIEvent[Message]]
            ) -> None:
                self.running += 1
                self.overlaps = max(self.overlaps, self.running)
                for _ in range(ordinal % 4):
                    await asyncio.sleep(0)
                self.ordinals.append(ordinal)
                self.running -= 1

        slow = Slow()
        async with Hub(registry, fanout=slow) as hub:
            hub.register_ui_projection(Shows())
            await asyncio.gather(*(say(hub, "x") for _ in range(50)))
        assert slow.ordinals == list(range(1, 51))
        assert slow.overlaps == 1


class TestAddingAndRemoving:
    async def test_one_that_is_added_later_gets_what_is_committed_from_then_on(
        self, hub: Hub
    ) -> None:
        async with hub:
            await say(hub, "x")
            hub.add_fanout(late := RecordingFanout())
            await say(hub, "x")
        assert late.ordinals("s") == [2]

    async def test_one_that_was_removed_gets_nothing_more(
        self, hub: Hub, fanout: RecordingFanout
    ) -> None:
        async with hub:
            await say(hub, "x")
            hub.remove_fanout(fanout)
            await say(hub, "x")
        assert fanout.ordinals("s") == [1]

    async def test_one_that_was_removed_still_gets_what_was_queued_for_it(
        self, hub: Hub, fanout: RecordingFanout
    ) -> None:
        async with hub:
            fanout.hold()
            await asyncio.gather(*(say(hub, "x") for _ in range(3)))
            hub.remove_fanout(fanout)
            fanout.release()
        assert fanout.ordinals("s") == [1, 2, 3]

    async def test_one_that_is_added_twice_gets_everything_once(
        self, hub: Hub, fanout: RecordingFanout
    ) -> None:
        async with hub:
            hub.add_fanout(fanout)
            await say(hub, "x")
        assert fanout.ordinals("s") == [1]

    async def test_removing_a_stranger_changes_nothing(
        self, hub: Hub, fanout: RecordingFanout
    ) -> None:
        async with hub:
            hub.remove_fanout(RecordingFanout())
            await say(hub, "x")
        assert fanout.ordinals("s") == [1]
