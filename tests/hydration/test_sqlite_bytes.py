"""How much is written to the disk."""

from __future__ import annotations

from pathlib import Path

import pytest
from google.protobuf.message import Message

from sessionstream import Event, Hub, Session, TimelineEntity, TimelineView
from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.testing.stores.samples import sample_registry, shown, shown_commit
from tests.runtime.app import line, lines, make_registry, say, text_of

MIB = 2**20
IO = Path("/proc/self/io")


class Answer:
    """Appends each delta to the one answer."""

    def project(
        self, event: Event[Message], session: Session, view: TimelineView
    ) -> list[TimelineEntity[Message]]:
        before = view.get("Line", "answer")
        said = text_of(before.payload) if before else ""
        return [line("answer", said + text_of(event.payload))]


def bytes_written() -> int:
    """What this process has handed to the system's write calls so far."""
    fields = dict(row.split(": ") for row in IO.read_text().splitlines())
    return int(fields["wchar"])


def size_of(path: Path) -> int:
    return path.stat().st_size


counted = pytest.mark.skipif(
    not IO.exists(), reason="the system does not count what a process writes"
)


@counted
async def test_an_answer_of_40_kilobytes_in_2000_deltas_writes_few_bytes(tmp_path: Path) -> None:
    """Written whole with every delta, its rows alone would be 40 MB."""
    path = tmp_path / "store.db"
    registry = make_registry()
    before = bytes_written()
    async with SQLiteStore.open(path, registry) as store, Hub(registry, store=store) as hub:
        hub.register_timeline_projection(Answer())
        for number in range(2000):
            await say(hub, f"{number:19} ")
        assert len(lines(await hub.snapshot("s"))[0]) == len("answer=") + 40_000
    assert bytes_written() - before < 30 * MIB
    assert size_of(path) < MIB


@counted
async def test_2000_events_with_ui_events_write_few_pages_each_and_leave_few_behind(
    tmp_path: Path,
) -> None:
    """A commit writes the pages of its event, its UI event and its session."""
    path = tmp_path / "store.db"
    before = bytes_written()
    async with SQLiteStore.open(path, sample_registry()) as store:
        for ordinal in range(1, 2001):
            batch = shown("s", ordinal, ordinal - 1)
            await store.commit([shown_commit("s", ordinal, batch)])
        assert 1000 <= len(await store.ui_batches("s", limit=2000)) <= 1250
    assert bytes_written() - before < 32 * MIB
    assert size_of(path) < MIB / 2
