from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessionstream import (
    DropRecord,
    ErrorRecord,
    ErrorSource,
    Hub,
    PipelineRecord,
    PipelineStage,
    Record,
    SchemaRegistry,
    TransportEvent,
    TransportRecord,
)
from sessionstream import tracing as module
from sessionstream.tracing import TraceWriter, trace_line
from tests.runtime.app import Lines, Shows, say

FULL = Path("/dev/full")


def started(name: str) -> PipelineRecord:
    return PipelineRecord(stage=PipelineStage.COMMAND_STARTED, session_id="s", name=name)


def read(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


class Disk:
    """Stands in for `os.write`: has room for some bytes, and takes one part of each write."""

    def __init__(self, room: int) -> None:
        self.room = room
        self._write = os.write

    def write(self, file: int, data: bytes) -> int:
        if not self.room:
            raise OSError(28, "No space left on device")
        written = self._write(file, data[: min(self.room, len(data) // 2 + 1)])
        self.room -= written
        return written


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "trace.jsonl"


class TestALine:
    def test_has_the_time_the_kind_and_all_fields(self) -> None:
        record = PipelineRecord(
            stage=PipelineStage.EVENT_COMMITTED,
            session_id="s",
            name="Said",
            ordinal=7,
            entities=(("Line", "a"),),
            occurred_at=1.5,
            began_at=1.25,
            run=3,
            context=object(),
        )
        assert trace_line(record) == (
            '{"time": "1970-01-01T00:00:01.500000Z", "kind": "pipeline", '
            '"stage": "event_committed", "session_id": "s", "name": "Said", "ordinal": 7, '
            '"ui_events": [], "entities": [["Line", "a"]], "began_at": 1.25, '
            '"commit_began_at": null, "run": 3, "parent_run": 0, "command_id": "", '
            '"error_type": ""}'
        )

    def test_of_each_kind_has_the_same_keys_every_time(self) -> None:
        error = ErrorRecord(
            session_id="s",
            source=ErrorSource.TASK,
            name="answer",
            ordinal=0,
            error_type="ValueError",
            message="broken",
            occurred_at=0.0,
        )
        transport = TransportRecord(event=TransportEvent.CONNECTED, connection_id="c")
        assert [" ".join(json.loads(trace_line(each))) for each in (error, transport)] == [
            "time kind session_id source name ordinal error_type message attempts resolved_at",
            "time kind event connection_id session_id detail",
        ]
        assert " ".join(json.loads(trace_line(DropRecord(count=2)))) == "time kind count"

    @given(name=st.text(st.characters(categories=None), max_size=20))
    def test_is_one_line_of_json_whatever_is_in_the_record(self, name: str) -> None:
        line = trace_line(started(name)).encode(errors="backslashreplace")
        assert b"\n" not in line
        assert b"\r" not in line
        assert json.loads(line)["name"] == name


class TestWriting:
    async def test_a_hub_is_traced_in_order_and_without_payloads(
        self, registry: SchemaRegistry, path: Path
    ) -> None:
        with TraceWriter(path) as trace:
            async with Hub(registry, observers=[trace]) as hub:
                hub.register_timeline_projection(Lines())
                hub.register_ui_projection(Shows())
                for _ in range(3):
                    await say(hub, "a=secret")
        assert [line["ordinal"] for line in read(path)] == [1, 2, 3]
        assert not any("secret" in str(line) for line in read(path))
        assert trace.dropped == 0

    def test_half_a_surrogate_pair_can_be_written_and_read(self, path: Path) -> None:
        """UTF-8 has no form for it, and a detail may come from anywhere."""
        with TraceWriter(path) as trace:
            trace(
                TransportRecord(event=TransportEvent.CONNECTED, connection_id="c", detail="\udc80")
            )
        assert [line["detail"] for line in read(path)] == ["\udc80"]

    def test_a_file_that_is_there_is_continued(self, path: Path) -> None:
        for name in ("one", "two"):
            with TraceWriter(path) as trace:
                trace(started(name))
        assert [line["name"] for line in read(path)] == ["one", "two"]

    def test_lines_are_there_a_moment_later_without_a_close(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        is_written = threading.Event()

        class Telling(TraceWriter):
            def flush(self) -> None:
                super().flush()
                is_written.set()

        monkeypatch.setattr(module, "GATHER_SECONDS", 0.0)
        with Telling(path) as trace:
            trace(started("one"))
            assert is_written.wait(60)
            assert len(read(path)) == 1

    def test_many_lines_do_not_wait(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "GATHER_LINES", 2)
        with TraceWriter(path) as trace:
            for name in ("one", "two", "three"):
                trace(started(name))
            assert len(read(path)) == 2

    def test_it_may_be_closed_twice_and_counts_what_comes_later(self, path: Path) -> None:
        trace = TraceWriter(path)
        trace.close()
        trace.close()
        trace(started("late"))
        assert trace.dropped == 1
        assert read(path) == []

    def test_a_path_that_is_no_file_is_an_error_at_once(self, tmp_path: Path) -> None:
        with pytest.raises(IsADirectoryError):
            TraceWriter(tmp_path)


class TestAFullDisk:
    def write(self, trace: TraceWriter, *records: Record) -> None:
        for record in records:
            trace(record)
        trace.flush()

    def test_leaves_whole_lines_and_a_line_about_what_is_missing(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        disk = Disk(room=400)
        monkeypatch.setattr(os, "write", disk.write)
        with TraceWriter(path) as trace:
            self.write(trace, started("one"))
            self.write(trace, started("lost"), started("lost too"))
            assert [line["name"] for line in read(path)] == ["one"]
            self.write(trace, started("also lost"))
            assert trace.dropped == 3
            disk.room = 10_000
            self.write(trace, started("two"))
            self.write(trace, started("three"))
        names = [line.get("name", line.get("count")) for line in read(path)]
        assert names == ["one", 3, "two", "three"]

    def test_is_logged_once(
        self, path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr(os, "write", Disk(room=0).write)
        with TraceWriter(path) as trace:
            for _ in range(3):
                self.write(trace, started("lost"))
        assert caplog.messages == [
            f"the trace {path} can't be written: [Errno 28] No space left on device"
        ]

    @pytest.mark.skipif(not FULL.exists(), reason="a device of Linux")
    async def test_fails_no_publish(self, registry: SchemaRegistry) -> None:
        with TraceWriter(FULL) as trace:
            async with Hub(registry, observers=[trace]) as hub:
                for ordinal in (1, 2):
                    assert (await say(hub, "x")).ordinal == ordinal
        assert trace.dropped == 2
