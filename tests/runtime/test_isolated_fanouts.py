"""A fan-out that fails, is stuck or can't keep up harms neither publishers nor the others."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

import pytest
from google.protobuf.message import Message

from sessionstream import ErrorSource, Hub, ProjectionError, SchemaRegistry, UIEvent
from sessionstream.testing.fakes import Batch, GatedStore, RecordingFanout, RecordingObserver
from tests.runtime.app import Shows, say, settled


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


class TestIsolation:
    async def test_one_that_raises_fails_neither_the_publisher_nor_the_others(
        self, hub: Hub, fanout: RecordingFanout, observer: RecordingObserver
    ) -> None:
        def refuse(batch: Batch) -> None:
            raise ConnectionError("gone")

        async with hub:
            hub.add_fanout(RecordingFanout(refuse))
            hub.add_fanout(second := RecordingFanout())
            for _ in range(2):
                await say(hub, "x")
        assert fanout.ordinals("s") == second.ordinals("s") == [1, 2]
        assert [(error.source, error.name, error.ordinal) for error in observer.errors] == [
            (ErrorSource.FANOUT, "RecordingFanout 2", 1),  # and what it came to in the end
            (ErrorSource.FANOUT, "RecordingFanout 2", 2),
        ]

    async def test_one_that_changes_a_payload_changes_it_for_itself(
        self, hub: Hub, fanout: RecordingFanout
    ) -> None:
        def change(batch: Batch) -> None:
            for ui_event in batch.events:
                ui_event.payload.Clear()

        async with hub:
            hub.remove_fanout(fanout)
            for each in (RecordingFanout(change), fanout):
                hub.add_fanout(each)
            await say(hub, "x")
            await fanout.wait_for(1)
        assert all(payload.ByteSize() for payload in fanout.payloads("s"))

    async def test_one_that_raised_gets_what_comes_next(
        self, hub: Hub, observer: RecordingObserver
    ) -> None:
        def refuse_the_first(batch: Batch) -> None:
            if batch.ordinal == 1:
                raise ConnectionError("gone")

        async with hub:
            hub.add_fanout(flaky := RecordingFanout(refuse_the_first))
            await asyncio.gather(*(say(hub, "x") for _ in range(3)))
        assert flaky.ordinals("s") == [2, 3]

    async def test_one_that_waits_for_something_cancelled_keeps_what_waits_behind_it(
        self, hub: Hub, observer: RecordingObserver
    ) -> None:
        def cancelled_inside(batch: Batch) -> None:
            if batch.ordinal == 1:
                raise asyncio.CancelledError

        async with hub:
            hub.add_fanout(flaky := RecordingFanout(cancelled_inside))
            await asyncio.gather(*(say(hub, "x") for _ in range(3)))
        assert flaky.ordinals("s") == [2, 3]
        assert [error.ordinal for error in observer.errors] == [1]

    async def test_one_that_raises_what_no_exception_is_keeps_what_waits_behind_it(
        self, hub: Hub, observer: RecordingObserver
    ) -> None:
        class OutcomeError(BaseException):
            """As test frameworks have them."""

        def fail_the_first(batch: Batch) -> None:
            if batch.ordinal == 1:
                raise OutcomeError

        async with hub:
            hub.add_fanout(flaky := RecordingFanout(fail_the_first))
            await asyncio.gather(*(say(hub, "x") for _ in range(3)))
        assert flaky.ordinals("s") == [2, 3]
        assert [error.error_type for error in observer.errors] == ["OutcomeError"]

    async def test_one_that_is_stuck_delays_neither_the_publisher_nor_the_others(
        self, hub: Hub, fanout: RecordingFanout
    ) -> None:
        async with hub:
            hub.add_fanout(stuck := RecordingFanout())
            stuck.hold()
            for _ in range(3):
                await say(hub, "x")
            assert fanout.ordinals("s") == [1, 2, 3]
            assert stuck.batches == []
            stuck.release()
            await stuck.wait_for(3)
        assert stuck.ordinals("s") == [1, 2, 3]

    async def test_one_that_is_stuck_in_a_session_gets_the_others(self, hub: Hub) -> None:
        async with hub:
            hub.add_fanout(stuck := RecordingFanout())
            stuck.hold()
            await say(hub, "x", "a")
            await stuck.wait_stuck()
            await say(hub, "x", "b")
            await settled()
            assert stuck.stuck == 2
            stuck.release()


class TestUnderLoad:
    """Many sessions, and every kind of fan-out beside one that works."""

    SESSIONS, EVENTS = 20, 60

    async def test_each_has_what_it_can_take_and_no_publish_fails(
        self, registry: SchemaRegistry, observer: RecordingObserver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sessionstream.delivery.MAX_WAITING_BATCHES", self.EVENTS // 2)

        def refuse(batch: Batch) -> None:
            raise ConnectionError("gone")

        class Slow(RecordingFanout):
            async def publish_ui(
                self, session_id: str, ordinal: int, events: Sequence[UIEvent[Message]]
            ) -> None:
                await asyncio.sleep(0)
                await super().publish_ui(session_id, ordinal, events)

        good, slow, failing, stuck = (
            RecordingFanout(),
            Slow(),
            RecordingFanout(refuse),
            RecordingFanout(),
        )
        stuck.hold()
        sessions = [f"s{number}" for number in range(self.SESSIONS)]
        expected = list(range(1, self.EVENTS + 1))

        async def publish(hub: Hub, session_id: str) -> list[int]:
            return [(await say(hub, "x", session_id)).ordinal for _ in expected]

        async with Hub(registry, fanout=good, observers=[observer]) as hub:
            hub.register_ui_projection(Shows())
            for fanout in (slow, failing, stuck):
                hub.add_fanout(fanout)
            published = await asyncio.gather(*(publish(hub, each) for each in sessions))
            assert [good.ordinals(each) for each in sessions] == published
            stuck.release()
        assert published == [expected] * self.SESSIONS
        assert [slow.ordinals(each) for each in sessions] == published
        counted = Counter(error.error_type for error in observer.errors)
        assert counted == {
            "ConnectionError": self.SESSIONS,
            "DeliveryFailuresError": self.SESSIONS,
            "DeliveryOverflowError": self.SESSIONS * 2,
        }


class TestOverflow:
    @pytest.fixture(autouse=True)
    def limit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sessionstream.delivery.MAX_WAITING_BATCHES", 2)

    async def test_what_finds_the_queue_full_is_dropped_and_recorded(
        self, hub: Hub, fanout: RecordingFanout, observer: RecordingObserver
    ) -> None:
        async with hub:
            fanout.hold()
            for _ in range(5):
                await say(hub, "x")
            fanout.release()
        assert fanout.ordinals("s") == [1, 2, 3]  # the first was being delivered
        assert [(error.error_type, error.ordinal) for error in observer.errors] == [
            ("DeliveryOverflowError", 4),
            ("DeliveryOverflowError", 5),
        ]

    async def test_it_is_told_when_it_begins_and_when_it_is_over_however_much_is_dropped(
        self, hub: Hub, fanout: RecordingFanout, observer: RecordingObserver
    ) -> None:
        async with hub:
            fanout.hold()
            for _ in range(100):
                await say(hub, "x")
            fanout.release()
            await fanout.wait_for(3)
            await say(hub, "x")
        assert fanout.ordinals("s") == [1, 2, 3, 101]
        assert [(error.ordinal, error.message) for error in observer.errors] == [
            (4, "dropped: 2 batches were waiting for this fan-out"),
            (100, "dropped 97 batches so far: 2 batches were waiting for this fan-out"),
        ]

    async def test_of_one_that_is_stuck_for_ever_is_told_in_full_at_the_end(
        self, registry: SchemaRegistry, fanout: RecordingFanout, observer: RecordingObserver
    ) -> None:
        hub = Hub(registry, fanout=fanout, observers=[observer], drain_seconds=0.3)
        hub.register_ui_projection(Shows())
        async with hub:
            fanout.hold()
            for _ in range(10):
                await say(hub, "x")
        assert [error.ordinal for error in observer.errors] == [4, 10]

    async def test_one_that_keeps_up_gets_all_of_a_large_commit(
        self, hub: Hub, fanout: RecordingFanout, observer: RecordingObserver
    ) -> None:
        async with hub:
            await asyncio.gather(*(say(hub, "x") for _ in range(20)))
        assert fanout.ordinals("s") == list(range(1, 21))
        assert observer.errors == []

    async def test_one_that_keeps_up_gets_all_that_a_projection_catches_up_on(
        self, registry: SchemaRegistry, fanout: RecordingFanout
    ) -> None:
        ui = Shows("bad")
        async with Hub(registry, fanout=fanout) as hub:
            hub.register_ui_projection(ui)
            for value in ("bad", *"abcdefgh"):
                with pytest.raises(ProjectionError):
                    await say(hub, value)
            ui.bad = set()
            await say(hub, "x")
        assert fanout.ordinals("s") == list(range(1, 11))
