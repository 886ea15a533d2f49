"""Logs that hold events which the application can't read any more."""

from __future__ import annotations

from pathlib import Path

import pytest

from sessionstream import (
    ErrorSource,
    ProjectionError,
    Projector,
)
from sessionstream.testing.fakes import RecordingFanout, RecordingObserver
from tests.runtime.app import Lines, Shows, lines, make_registry, say, text_of
from tests.runtime.releases import (
    change,
    forget_timeline,
    publish,
    registry_with_counts,
    running,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
async def log(path: Path) -> Path:
    """A store whose session has a sound event, one that will be unknown, and a sound one."""
    async with running(path, registry_with_counts()) as (hub, _):
        await publish(hub, "one", 2, "three")
    return path


class TestUnreadableEvent:
    async def test_it_leaves_a_session_open_to_readers_and_publishers(self, log: Path) -> None:
        async with running(log, make_registry()) as (hub, _):
            assert lines(await hub.snapshot("s")) == ["1=one", "2=2", "3=three"]
            assert (await say(hub, "four")).ordinal == 4

    async def test_a_rebuild_goes_on_without_it(self, log: Path) -> None:
        async with running(log, make_registry()) as (hub, _):
            assert await hub.rebuild_timeline("s") == 3
            assert lines(await hub.snapshot("s")) == ["1=one", "3=three"]

    async def test_a_catch_up_goes_on_without_it(self, log: Path) -> None:
        await forget_timeline(log)
        async with running(log, make_registry()) as (hub, _):
            assert lines(await hub.snapshot("s")) == ["1=one", "3=three"]
            assert await hub.cursor("s") == 3

    async def test_a_publish_after_a_restart_catches_up_past_it(self, log: Path) -> None:
        await forget_timeline(log)
        async with running(log, make_registry()) as (hub, _):
            await say(hub, "four")
            assert lines(await hub.snapshot("s")) == ["1=one", "3=three", "4=four"]

    async def test_a_past_snapshot_leaves_it_out(self, log: Path) -> None:
        async with running(log, make_registry()) as (hub, _):
            past = [await hub.snapshot("s", as_of=ordinal) for ordinal in (1, 2, 3)]
        assert [lines(snapshot) for snapshot in past] == [
            ["1=one"],
            ["1=one"],
            ["1=one", "3=three"],
        ]
        assert [snapshot.snapshot_ordinal for snapshot in past] == [1, 2, 3]

    async def test_the_last_of_a_log_is_passed_too(self, path: Path) -> None:
        async with running(path, registry_with_counts()) as (hub, _):
            await publish(hub, "one", 2)
        await forget_timeline(path)
        async with running(path, make_registry()) as (hub, _):
            assert await hub.cursor("s") == 2

    async def test_it_is_one_dead_letter_however_often_it_is_met(self, log: Path) -> None:
        async with running(log, make_registry()) as (hub, store):
            for _ in range(2):
                await hub.rebuild_timeline("s")
                await hub.snapshot("s", as_of=3)
            [record] = await store.errors("s")
        assert (record.source, record.ordinal, record.name) == (ErrorSource.STORE, 2, "Counted")
        assert "google.protobuf.Int64Value" in record.message
        assert "register it again" in record.message

    async def test_a_replay_for_readers_records_it_once(self, log: Path) -> None:
        observer = RecordingObserver()
        async with running(log, make_registry(), observers=(observer,)) as (hub, store):
            for _ in range(3):
                await hub.snapshot("s", as_of=3)
            await hub.aclose()
            [record] = await store.errors("s")
        assert (record.ordinal, record.attempts) == (2, 1)
        assert [error.ordinal for error in observer.errors] == [2]

    async def test_damaged_bytes_are_no_more_than_that(self, log: Path) -> None:
        change(log, "UPDATE events SET payload = x'ff' WHERE ordinal = 1")
        async with running(log, registry_with_counts()) as (hub, store):
            await hub.rebuild_timeline("s")
            assert lines(await hub.snapshot("s")) == ["2=2", "3=three"]
            [record] = await store.errors("s")
        assert "damaged" in record.message

    async def test_a_rebuild_holds_it_once_it_is_registered_again(self, log: Path) -> None:
        async with running(log, make_registry()) as (hub, _):
            await hub.rebuild_timeline("s")
        async with running(log, registry_with_counts()) as (hub, _):
            assert len(await hub.errors()) == 1
            await hub.rebuild_timeline("s")
            assert lines(await hub.snapshot("s")) == ["1=one", "2=2", "3=three"]
            assert await hub.errors() == []


class TestUnreadableEventAndHeldBackProjections:
    """A projection that fails on one event passes an unreadable one on its way back."""

    async def test_the_timeline_catches_up_past_it(self, path: Path) -> None:
        async with running(path, registry_with_counts(), timeline=Lines("a=1")) as (hub, _):
            for value in ("a=1", 2):
                with pytest.raises(ProjectionError):
                    await publish(hub, value)
        async with running(path, make_registry(), timeline=Lines()) as (hub, _):
            await say(hub, "c=3")
            assert lines(await hub.snapshot("s")) == ["a=1", "c=3"]

    async def test_the_record_of_one_on_which_it_failed_stays(self, path: Path) -> None:
        async with running(path, registry_with_counts(), timeline=Lines()) as (hub, _):
            with pytest.raises(ProjectionError):
                await publish(hub, 2)
        async with running(path, make_registry(), timeline=Lines()) as (hub, _):
            await say(hub, "c=3")
            sources = [record.source for record in await hub.errors()]
        assert sorted(sources) == [ErrorSource.STORE, ErrorSource.TIMELINE_PROJECTION]

    async def test_the_ui_projection_sees_the_timeline_as_it_stood(self, path: Path) -> None:
        async with running(path, registry_with_counts(), ui=Shows("bad")) as (hub, _):
            for value in ("bad", 2, "c"):
                with pytest.raises(ProjectionError):
                    await publish(hub, value)
        fanout = RecordingFanout()
        async with running(path, make_registry(), fanout=fanout) as (hub, _):
            await say(hub, "d")
            assert await hub.projection_cursor(Projector.UI, "s") == 4
        told = [text_of(payload) for payload in fanout.payloads("s")]
        # What was replayed for it lacks the second event; the stored timeline holds its line.
        assert told == ["1 after 0:0", "3 after 2:1", "4 after 3:3"]
