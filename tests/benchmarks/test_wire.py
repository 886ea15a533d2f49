"""The wire's benchmark in its quick form, so that it does not rot; no value is asserted."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.runtime import results
from benchmarks.wire import audience as audience_module
from benchmarks.wire import orders, stamps
from benchmarks.wire.audience import Audience
from benchmarks.wire.contenders import PLAIN
from benchmarks.wire.orders import Flood, Pace, Plan, Taken
from benchmarks.wire.publishing import Credit, flood, pace
from benchmarks.wire.suite import QUICK
from tests.codegen.golden_trees import REPOSITORY, run

PLANS = [f"{sessions}x{each}" for sessions, each in QUICK.plans]
FIGURES = {
    *(f"{kind}-{plan}" for kind in ("frames", "cpu", "p50", "p99") for plan in PLANS),
    "frames-binary",
    "idle",
}

plans = st.builds(Plan, sessions=st.integers(1, 9), subscribers_each=st.integers(1, 9))


class TestTheQuickForm:
    def test_produces_every_figure_with_positive_values(self, tmp_path: Path) -> None:
        """A frame that is lost or sent twice ends it, with any of the servers."""
        command = (sys.executable, "-m", "benchmarks.wire", "--quick", "--out", tmp_path)
        done = run(*command, cwd=REPOSITORY)
        assert done.returncode == 0, done.stderr
        figures = results.load((tmp_path / "wire.json").read_text()).figures
        chart = (tmp_path / "wire.svg").read_text()
        assert {figure.name for figure in figures} == FIGURES
        for figure in figures:
            assert figure.references, figure.name
            assert figure.title in done.stdout
            assert figure.title in chart
            if figure.name != "idle":  # so few connections fit into memory that is there already
                series = [figure.ours, *(reference.series for reference in figure.references)]
                assert all(value > 0 for one in series for value in one.values), figure


class TestAStamp:
    def test_is_found_whatever_is_around_it(self) -> None:
        first, second = stamps.stamp(), stamps.stamp()
        data = f'{{"chunk":"{first}"}}\x81\x05{second}\xff'.encode("latin-1")
        assert list(stamps.moments(data)) == [int(first[1:]), int(second[1:])]
        assert data.count(stamps.MARK) == 2
        assert len(first) == stamps.LENGTH

    def test_takes_the_place_of_another(self) -> None:
        assert stamps.replaced(f"a{stamps.stamp()}b".encode(), "new") == b"anewb"


class TestAnOrder:
    @given(
        order=st.one_of(
            st.builds(Flood, st.floats(0, 9), st.integers(1, 99), plans),
            st.builds(Pace, st.integers(1, 99), st.floats(1, 9), plans),
            st.builds(Taken, st.integers(1, 99)),
        )
    )
    def test_is_the_same_after_it_was_written_and_read(self, order: orders.Order) -> None:
        assert orders.load(orders.dump(order)) == order


class TestPublishing:
    async def test_has_no_more_frames_under_way_than_it_may(self) -> None:
        credit = Credit()
        published: list[str] = []

        async def publish(session_id: str, _: str) -> None:
            published.append(session_id)
            await asyncio.sleep(0)

        plan = Plan(sessions=1, subscribers_each=10)
        work = asyncio.create_task(flood(Flood(60, 30, plan), publish, credit))
        for _ in range(20):
            await asyncio.sleep(0)
        assert len(published) == 3
        credit.grant(19)
        for _ in range(20):
            await asyncio.sleep(0)
        assert len(published) == 4
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work

    async def test_goes_round_all_sessions(self) -> None:
        published: list[str] = []

        async def publish(session_id: str, _: str) -> None:
            published.append(session_id)
            if len(published) == 100:
                done.set()
                await asyncio.Event().wait()
            await asyncio.sleep(0)

        done = asyncio.Event()
        plan = Plan(sessions=50, subscribers_each=1)
        work = asyncio.create_task(flood(Flood(60, 1000, plan), publish, Credit()))
        await done.wait()
        work.cancel()
        assert set(published) == {plan.session(number) for number in range(50)}

    async def test_publishes_as_many_events_as_it_should(self) -> None:
        published: list[str] = []

        async def publish(session_id: str, _: str) -> None:
            published.append(session_id)

        plan = Plan(sessions=2, subscribers_each=1)
        assert await pace(Pace(5, 1e6, plan), publish) == 5
        assert len(published) == 5


class TestTheAudience:
    @pytest.fixture
    def server_end(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
        """The server's end of the only connection that can be made."""
        ours, theirs = socket.socketpair()
        monkeypatch.setattr(audience_module, "subscribe", lambda *_: theirs)
        with ours, theirs:
            yield ours

    @pytest.mark.parametrize("cut", range(1, 2 * stamps.LENGTH))
    def test_counts_and_times_a_frame_once_however_it_is_cut(
        self, server_end: socket.socket, cut: int
    ) -> None:
        data = f'"{stamps.stamp()}""{stamps.stamp()}"'.encode()
        with Audience(PLAIN, 0) as audience:
            audience.add("session")
            for read in (audience.count, audience.time):
                counted = 0
                for part in (data[:cut], data[cut:]):
                    server_end.sendall(part)
                    counted += read(1)
                assert counted == 2
            assert len(audience.latencies_ns) == 2

    def test_says_that_a_server_has_gone(self, server_end: socket.socket) -> None:
        with Audience(PLAIN, 0) as audience:
            audience.add("session")
            server_end.shutdown(socket.SHUT_WR)
            with pytest.raises(ConnectionResetError, match="closed the connection"):
                audience.count(1)
