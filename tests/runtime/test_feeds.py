"""What feeds get: UI events with their place in the session, and resets in between."""

from __future__ import annotations

import pytest

from sessionstream import Hub, SchemaRegistry
from sessionstream.delivery import MAX_WAITING_BATCHES
from sessionstream.testing.fakes import GatedStore, RecordingFanout, RecordingFeed
from tests.runtime.app import Lines, Shows, say, say_all, settled, shown, text, text_of


@pytest.fixture
def feed() -> RecordingFeed:
    return RecordingFeed()


@pytest.fixture
def hub(registry: SchemaRegistry, gated: GatedStore, feed: RecordingFeed) -> Hub:
    hub = Hub(registry, store=gated)
    hub.register_timeline_projection(Lines())
    hub.register_ui_projection(
        lambda event, session, view: [] if text_of(event.payload) == "hush" else [shown("x")]
    )
    hub.add_feed(feed)
    return hub


class TestBatches:
    async def test_each_names_the_last_one_before_it_that_had_ui_events(
        self, hub: Hub, feed: RecordingFeed
    ) -> None:
        async with hub:
            await say_all(hub, "a", "hush", "b", "c")
        chain = [(batch.previous_ordinal, batch.ordinal) for batch in feed.batches("s")]
        assert chain == [(0, 1), (1, 3), (3, 4)]

    async def test_an_ephemeral_one_has_no_ordinal_and_is_no_link_of_the_chain(
        self, hub: Hub, feed: RecordingFeed
    ) -> None:
        async with hub:
            await say(hub, "a")
            await hub.publish("s", "Blinked", text("b"))
            await say(hub, "c")
        chain = [(batch.previous_ordinal, batch.ordinal) for batch in feed.batches("s")]
        assert chain == [(0, 1), (1, 0), (1, 2)]

    async def test_all_are_of_the_epoch_that_is_stored(
        self, hub: Hub, gated: GatedStore, feed: RecordingFeed
    ) -> None:
        async with hub:
            await say_all(hub, "a", "b")
        epoch = (await gated.cursors("s")).epoch
        assert [batch.epoch for batch in feed.batches("s")] == [epoch, epoch]

    async def test_ephemeral_ones_are_not_stored_and_others_are(
        self, hub: Hub, gated: GatedStore, feed: RecordingFeed
    ) -> None:
        async with hub:
            await say(hub, "a")
            await hub.publish("s", "Blinked", text("b"))
        assert await gated.ui_batches("s") == [
            batch for batch in feed.batches("s") if batch.ordinal
        ]

    async def test_those_of_a_failed_commit_leave_no_trace_in_the_chain(
        self, hub: Hub, gated: GatedStore, feed: RecordingFeed
    ) -> None:
        async with hub:
            await say(hub, "a")
            gated.fail_next(RuntimeError("no disk"))
            with pytest.raises(RuntimeError):
                await say(hub, "lost")
            await say(hub, "b")
        chain = [(batch.previous_ordinal, batch.ordinal) for batch in feed.batches("s")]
        assert chain == [(0, 1), (1, 2)]

    async def test_a_projection_that_catches_up_goes_on_with_the_chain(
        self, registry: SchemaRegistry, gated: GatedStore, feed: RecordingFeed
    ) -> None:
        ui = Shows("b")
        async with Hub(registry, store=gated) as hub:
            hub.register_ui_projection(ui)
            hub.add_feed(feed)
            await say_all(hub, "a", "b", "c")
            ui.bad.clear()
            await say(hub, "d")
        stored = await gated.ui_batches("s")
        assert stored == feed.batches("s")
        assert [batch.previous_ordinal for batch in stored] == [0, 1, 2, 3]

    async def test_a_fanout_that_changes_payloads_changes_none_of_a_feed(
        self, hub: Hub, feed: RecordingFeed
    ) -> None:
        hub.add_fanout(RecordingFanout(lambda batch: batch.events[0].payload.Clear()))
        async with hub:
            await say(hub, "a")
        assert feed.batches("s")[0].events == (shown("x"),)


class TestMembership:
    async def test_a_feed_that_was_removed_gets_what_was_queued_and_no_more(
        self, hub: Hub, feed: RecordingFeed
    ) -> None:
        async with hub:
            feed.hold()
            await say(hub, "a")
            hub.remove_feed(feed)
            await say(hub, "b")
            feed.release()
        assert feed.ordinals("s") == [1]

    async def test_a_feed_that_is_added_twice_gets_everything_once(
        self, hub: Hub, feed: RecordingFeed
    ) -> None:
        hub.add_feed(feed)
        async with hub:
            await say(hub, "a")
        assert feed.ordinals("s") == [1]

    def test_what_is_no_feed_is_refused(self, hub: Hub) -> None:
        with pytest.raises(TypeError, match="'deliver'"):
            hub.add_feed(RecordingFanout())  # type: ignore[arg-type]


class TestResets:
    async def test_a_deleted_session_is_void_after_its_last_and_before_its_next_batch(
        self, hub: Hub, feed: RecordingFeed
    ) -> None:
        async with hub:
            feed.hold()
            await say_all(hub, "a", "b")
            await hub.delete_session("s")
            await say(hub, "c")
            feed.release()
        assert feed.ordinals("s") == [1, 2, None, 1]
        first, *_, last = feed.batches("s")
        assert last.epoch != first.epoch

    async def test_a_purged_session_is_void(self, hub: Hub, feed: RecordingFeed) -> None:
        async with hub:
            await say(hub, "a")
            await hub.close_session("s")
            assert await hub.purge(keep=0) == ["s"]
        assert feed.ordinals("s") == [1, None]

    async def test_a_session_that_purge_leaves_alone_is_not_void(
        self, hub: Hub, feed: RecordingFeed
    ) -> None:
        async with hub:
            await say(hub, "a")
            assert await hub.purge(keep=0) == []
        assert feed.ordinals("s") == [1]

    async def test_a_rebuilt_timeline_makes_what_was_shown_void(
        self, hub: Hub, feed: RecordingFeed
    ) -> None:
        async with hub:
            await say(hub, "a")
            await hub.rebuild_timeline("s")
        assert feed.ordinals("s") == [1, None]


class TestOverflow:
    async def overflow(self, hub: Hub, feed: RecordingFeed, more: int) -> None:
        feed.hold()
        await say(hub, "taken")
        await settled()
        for _ in range(MAX_WAITING_BATCHES + more):
            await say(hub, "a")
        feed.release()
        await settled()

    async def test_a_gap_at_the_end_is_told_by_a_reset(self, hub: Hub, feed: RecordingFeed) -> None:
        async with hub:
            await self.overflow(hub, feed, 1)
        assert feed.ordinals("s")[-2:] == [MAX_WAITING_BATCHES + 1, None]

    async def test_without_a_gap_there_is_no_reset(self, hub: Hub, feed: RecordingFeed) -> None:
        async with hub:
            await self.overflow(hub, feed, 0)
        assert feed.ordinals("s")[-1] == MAX_WAITING_BATCHES + 1

    async def test_a_gap_in_the_middle_shows_in_the_chain(
        self, hub: Hub, feed: RecordingFeed
    ) -> None:
        async with hub:
            feed.hold()
            await say(hub, "taken")
            await settled()
            for _ in range(MAX_WAITING_BATCHES + 5):
                await say(hub, "a")
            feed.release()  # for the call that is stuck
            feed.hold()
            await settled()
            await say(hub, "b")
            feed.release()
        *_, before, last = feed.batches("s")
        assert before.ordinal < last.previous_ordinal
        assert None not in feed.ordinals("s")
