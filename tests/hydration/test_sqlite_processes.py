"""One owner per file, whatever happens to it: other processes, `kill -9`."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sessionstream.errors import StoreLockedError
from sessionstream.hydration.base import HydrationStore
from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.testing.stores.backend import ordinals_of, texts_of
from sessionstream.testing.stores.samples import notes_commit, sample_registry

HERE = Path(__file__).parent


@asynccontextmanager
async def child(script: str, path: Path) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(HERE / script), str(path), stdin=PIPE, stdout=PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def line_of(process: Process) -> str:
    assert process.stdout is not None
    return (await process.stdout.readline()).decode().strip()


async def killed_after(process: Process, commits: int) -> int:
    """Kills the child after that many commits; returns the last that it acknowledged."""
    assert process.stdout is not None
    last = ""
    for _ in range(commits):
        last = await line_of(process)
    process.kill()
    # What it printed before it died counts as well, but for a line that it began.
    rest = (await process.stdout.read()).decode().rpartition("\n")[0].split()
    return int(rest[-1] if rest else last)


async def check_whole(store: HydrationStore, acknowledged: int) -> int:
    """Checks that the sessions agree with what was acknowledged; returns their head."""
    cursors = await store.cursors("one")
    assert acknowledged <= cursors.event <= acknowledged + 1
    for session_id in ("one", "two"):
        reached = await store.cursors(session_id)
        assert reached.event == reached.ui == reached.timeline == cursors.event
        assert await ordinals_of(store, session_id, limit=10**6) == [*range(1, cursors.event + 1)]
        assert await texts_of(store, session_id) == {"count": str(cursors.event)}
        assert reached.shown == cursors.event
        batches = await store.ui_batches(session_id)
        first = max(1, cursors.event - len(batches) + 1)
        assert [batch.ordinal for batch in batches] == [*range(first, cursors.event + 1)]
        assert min(4, cursors.event) <= len(batches) <= 5
        assert all(len(batch.events) == 2 for batch in batches)
        assert await store.command(session_id, f"c{cursors.event}")
        assert not await store.command(session_id, f"c{cursors.event + 1}")
    return cursors.event


class TestPromiseP2AllOrNothing:
    async def test_what_was_acknowledged_outlives_kill_9_whole(self, tmp_path: Path) -> None:
        """P2 and P3, of the store alone: both sessions of a batch, or neither."""
        path, head = tmp_path / "store.db", 0
        for commits in (1, 2, 7, 30, 60):
            async with child("child_commits.py", path) as process:
                assert await line_of(process) == "opened"
                acknowledged = await killed_after(process, commits)
                await process.wait()
            assert acknowledged >= head + commits
            async with SQLiteStore.open(path, sample_registry()) as store:
                head = await check_whole(store, acknowledged)


class TestOwnership:
    async def test_a_second_process_is_locked_out_and_told_by_whom(self, tmp_path: Path) -> None:
        path = tmp_path / "store.db"
        async with child("child_commits.py", path) as process:
            assert await line_of(process) == "opened"
            with pytest.raises(StoreLockedError) as refused:
                await SQLiteStore.open(path, sample_registry())
        assert str(path) in str(refused.value)
        assert f"process {process.pid}" in str(refused.value)

    async def test_a_killed_owner_leaves_no_lock(self, tmp_path: Path) -> None:
        path = tmp_path / "store.db"
        async with child("child_commits.py", path) as process:
            assert await line_of(process) == "opened"
            process.kill()
            await process.wait()
            async with SQLiteStore.open(path, sample_registry()) as store:
                await store.commit([notes_commit("mine")])

    async def test_a_process_that_fails_without_closing_its_store_ends(
        self, tmp_path: Path
    ) -> None:
        path = tmp_path / "store.db"
        async with child("child_fails.py", path) as process:
            assert await process.wait() == 7
        async with SQLiteStore.open(path, sample_registry()) as store:
            assert await ordinals_of(store, "s") == [1]

    async def test_a_program_may_read_the_file_while_the_store_commits(
        self, tmp_path: Path
    ) -> None:
        path = tmp_path / "store.db"
        async with SQLiteStore.open(path, sample_registry()) as store:
            await store.commit([notes_commit("s", 1, 2)])
            async with child("child_reads.py", path) as process:
                assert await line_of(process) == "2"
                await store.commit([notes_commit("s", 3)])
                assert process.stdin is not None
                process.stdin.write(b"\n")
                assert await line_of(process) == "2"
                assert await line_of(process) == "3"
