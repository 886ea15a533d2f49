"""Several events in one commit: of one session, and one event in several sessions."""

from __future__ import annotations

import asyncio

import pytest
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import Int64Value

from sessionstream import (
    Command,
    Event,
    EventPublisher,
    Hub,
    PayloadTypeError,
    ProjectionError,
    SchemaRegistry,
    Session,
    SessionCommit,
    SessionIdError,
    StoreConflictError,
    StoreFullError,
)
from sessionstream.testing.fakes import GatedStore, RecordingFanout
from tests.runtime.app import Lines, Shows, lines, say, settled, text, text_of

FULL = StoreFullError("memory", "no space")


@pytest.fixture
def hub(
    registry: SchemaRegistry,
    gated: GatedStore,
    fanout: RecordingFanout,
    timeline: Lines,
    ui: Shows,
) -> Hub:
    hub = Hub(registry, store=gated, fanout=fanout)
    hub.register_timeline_projection(timeline)
    hub.register_ui_projection(ui)
    return hub


def said(*values: str) -> list[tuple[str, Message]]:
    return [("Said", text(value)) for value in values]


class TestPublishAll:
    async def test_they_are_one_commit_with_ordinals_that_follow_each_other(
        self, hub: Hub, gated: GatedStore
    ) -> None:
        async with hub:
            await say(hub, "x")
            events = await hub.publish_all("s", said("a=1", "b=2", "c=3"))
            assert [event.ordinal for event in events] == [2, 3, 4]
            assert [text_of(event.payload) for event in events] == ["a=1", "b=2", "c=3"]
            assert [len(commit.events) for (commit,) in gated.batches] == [1, 3]

    async def test_each_is_projected_on_what_the_ones_before_it_made(
        self, hub: Hub, fanout: RecordingFanout
    ) -> None:
        async with hub:
            await hub.publish_all("s", said("a=1", "b=2"))
        shown = [text_of(payload) for payload in fanout.payloads("s")]
        assert shown == ["a=1 after 0:", "b=2 after 1:a=1"]

    async def test_one_that_is_refused_keeps_all_of_them_out(self, hub: Hub) -> None:
        async with hub:
            with pytest.raises(PayloadTypeError):
                await hub.publish_all("s", [("Said", text("a=1")), ("Said", Int64Value())])
            assert await hub.event_cursor("s") == 0

    async def test_a_commit_that_fails_leaves_none_of_them(
        self, hub: Hub, gated: GatedStore
    ) -> None:
        async with hub:
            gated.fail_next(FULL)
            with pytest.raises(StoreFullError):
                await hub.publish_all("s", said("a=1", "b=2"))
            assert (await say(hub, "c=3")).ordinal == 1
            assert lines(await hub.snapshot("s")) == ["c=3"]

    async def test_after_one_that_a_projection_refuses_all_are_stored(
        self, hub: Hub, timeline: Lines
    ) -> None:
        timeline.bad = {"b=2"}
        async with hub:
            with pytest.raises(ProjectionError) as caught:
                await hub.publish_all("s", said("a=1", "b=2", "c=3"))
            assert caught.value.ordinal == 2
            assert await hub.event_cursor("s") == 3
            assert lines(await hub.snapshot("s")) == ["a=1"]
            timeline.bad = set()
            await say(hub, "d=4")
            assert lines(await hub.snapshot("s")) == ["a=1", "b=2", "c=3", "d=4"]

    async def test_none_at_all_are_no_commit(self, hub: Hub, gated: GatedStore) -> None:
        async with hub:
            assert await hub.publish_all("s", []) == []
        assert gated.batches == []

    async def test_a_handler_can_do_so(self, hub: Hub, gated: GatedStore) -> None:
        async def handle(
            command: Command[Message], session: Session, publisher: EventPublisher
        ) -> None:
            await publisher.publish_all(said("a=1", "b=2"))

        hub.register_command("Say", handle)
        async with hub:
            await hub.submit("s", "Say", text("hi"))
            assert [len(commit.events) for (commit,) in gated.batches] == [2]


class TestRoomForUncommittedEvents:
    async def test_is_given_in_the_order_of_calls(
        self, hub: Hub, gated: GatedStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Also before somebody who asks just when it becomes free."""
        monkeypatch.setattr("sessionstream.publishing.MAX_UNCOMMITTED", 3)
        small = Hub(hub.registry, store=gated)

        async def twice() -> int:
            await small.publish_all("s", said("a=1", "b=2", "c=3"))
            return (await say(small, "again")).ordinal

        async with small:
            gated.hold()
            again = asyncio.ensure_future(twice())
            others = [asyncio.ensure_future(say(small, "other")) for _ in range(2)]
            await settled()
            gated.release()
            assert await again == 6
            assert [(await other).ordinal for other in others] == [4, 5]


class TestPublishTo:
    async def test_every_session_gets_it_in_one_transaction(
        self, hub: Hub, gated: GatedStore
    ) -> None:
        async with hub:
            await say(hub, "x", "b")
            events = await hub.publish_to(["a", "b", "c"], "Said", text("n=1"))
            assert [(event.session_id, event.ordinal) for event in events] == [
                ("a", 1),
                ("b", 2),
                ("c", 1),
            ]
            assert [commit.session_id for commit in gated.batches[-1]] == ["a", "b", "c"]

    async def test_a_session_that_is_named_twice_gets_it_once(self, hub: Hub) -> None:
        async with hub:
            assert len(await hub.publish_to(["a", "a"], "Said", text("x"))) == 1

    async def test_a_conflict_of_one_session_keeps_it_from_all_of_them_and_from_no_other(
        self, hub: Hub, gated: GatedStore
    ) -> None:
        async with hub:
            for session_id in "abc":
                await say(hub, "x", session_id)
            torn = Event(session_id="b", name="Said", ordinal=2, payload=text("foreign"))
            await gated.inner.commit(
                [SessionCommit(session_id="b", events=[torn], ui_cursor=2, timeline_cursor=1)]
            )
            both = asyncio.ensure_future(hub.publish_to(["a", "b"], "Said", text("n=1")))
            other = asyncio.ensure_future(say(hub, "x", "c"))
            with pytest.raises(StoreConflictError):
                await both
            assert (await other).ordinal == 2
            assert [(await say(hub, "y", each)).ordinal for each in "ab"] == [2, 3]

    async def test_a_projection_that_is_held_back_in_one_keeps_it_from_none(
        self, hub: Hub, timeline: Lines
    ) -> None:
        timeline.bad = {"a=1"}
        async with hub:
            with pytest.raises(ProjectionError):
                await say(hub, "a=1", "held")
            with pytest.raises(ProjectionError):
                await hub.publish_to(["held", "other"], "Said", text("b=2"))
            assert await hub.event_cursor("held") == 2
            assert await hub.event_cursor("other") == 1
            timeline.bad = set()
            await say(hub, "c=3", "held")
            assert lines(await hub.snapshot("held")) == ["a=1", "b=2", "c=3"]

    async def test_a_commit_that_fails_below_it_in_one_session_keeps_it_whole(
        self, hub: Hub, gated: GatedStore
    ) -> None:
        async with hub:
            for session_id in "ab":
                await say(hub, "x", session_id)
            gated.hold()
            below = asyncio.ensure_future(say(hub, "below", "a"))
            await gated.wait_held()
            both = asyncio.ensure_future(hub.publish_to(["a", "b"], "Said", text("both")))
            after = asyncio.ensure_future(say(hub, "after", "b"))
            await asyncio.sleep(0)
            gated.fail_next(FULL)
            gated.release()
            with pytest.raises(StoreFullError):
                await below
            await after
            assert [(event.session_id, event.payload) for event in await both] == [
                ("a", text("both")),
                ("b", text("both")),
            ]
            assert [
                [
                    commit.session_id
                    for commit in batch
                    if text("both") in [event.payload for event in commit.events]
                ]
                for batch in gated.batches[-1:]
            ] == [["a", "b"]]

    async def test_it_is_in_no_session_when_its_second_commit_fails_too(
        self, hub: Hub, gated: GatedStore
    ) -> None:
        async with hub:
            for session_id in "ab":
                await say(hub, "x", session_id)
            gated.hold()
            below = asyncio.ensure_future(say(hub, "below", "a"))
            await gated.wait_held()
            both = asyncio.ensure_future(hub.publish_to(["a", "b"], "Said", text("both")))
            await asyncio.sleep(0)
            gated.fail_next(FULL, FULL)
            gated.release()
            with pytest.raises(StoreFullError):
                await below
            with pytest.raises(StoreFullError):
                await both
            assert [await hub.event_cursor(each) for each in "ab"] == [1, 1]

    async def test_a_rebuild_below_it_is_folded_anew_when_it_is_taken_back(
        self, hub: Hub, gated: GatedStore, timeline: Lines
    ) -> None:
        async with hub:
            for session_id in "ab":
                await say(hub, "x=1", session_id)
            gated.hold()
            doomed = asyncio.ensure_future(say(hub, "doomed", "b"))
            await gated.wait_held()
            rebuilt = asyncio.ensure_future(hub.rebuild_timeline("a"))
            await settled()
            both = asyncio.ensure_future(hub.publish_to(["a", "b"], "Said", text("both=1")))
            await settled()
            both.cancel()
            gated.fail_next(FULL)
            gated.release()
            with pytest.raises(StoreFullError):
                await doomed
            assert await rebuilt == 1
            assert lines(await hub.snapshot("a")) == ["x=1"]

    async def test_an_unusable_session_id_keeps_it_from_all(self, hub: Hub) -> None:
        async with hub:
            with pytest.raises(SessionIdError):
                await hub.publish_to(["a", ""], "Said", text("x"))
            assert await hub.event_cursor("a") == 0
