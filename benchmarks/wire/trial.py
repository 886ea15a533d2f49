"""One measurement of one server, in a process that is new."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.wire.audience import Audience
from benchmarks.wire.contenders import Contender
from benchmarks.wire.orders import Flood, Pace, Plan, Taken, session_name
from benchmarks.wire.processes import ServerProcess
from benchmarks.wire.sockets import read_message, subscribe

# How long nothing may come while frames are missing.
_PATIENCE_SECONDS = 20
# Under way at once: for each subscriber, and at least; a queue of ours takes 1,024.
_WINDOW_EACH, _WINDOW = 16, 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How much a server is given to do.

    In the paced part ``paced_frames`` are delivered in a second, from no more
    than ``paced_events``. ``idle`` connections are made to see what they take.
    """

    warmup_seconds: float
    flood_seconds: float
    paced_seconds: float
    paced_frames: int
    paced_events: int
    idle: int


class LostFramesError(Exception):
    """Frames did not come that were published, or some came twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a server did with a load."""

    frames_per_second: float
    processor_us_per_frame: float
    p50_ms: float
    p99_ms: float

    def values(self) -> tuple[float, ...]:
        """Returns them as the columns of a round."""
        return (
            self.frames_per_second,
            self.processor_us_per_frame,
            self.p50_ms,
            self.p99_ms,
        )


def sample(contender: Contender) -> bytes:
    """Returns a frame of an event of ours, as the references are to send it."""
    plan = Plan(sessions=1, subscribers_each=1)
    with (
        ServerProcess(contender.server, b"") as server,
        subscribe(contender, server.port, session_name(0)) as connection,
    ):
        # Ordinals of as many digits as most have in a measurement.
        server.tell(Pace(events=1000, per_second=5000, plan=plan))
        for _ in range(999):
            read_message(connection)
        return read_message(connection)


def measure(contender: Contender, plan: Plan, load: Load, frame: bytes) -> Outcome:
    """Measures how fast frames come when they may, and how late when there are few.

    Raises:
        LostFramesError: Not every subscriber got every event once.
    """
    with (
        ServerProcess(contender.server, frame) as server,
        Audience(contender, server.port) as audience,
    ):
        audience.gather(plan)
        _flood(server, audience, plan, load.warmup_seconds)
        started, used = time.monotonic_ns(), server.processor_ns
        frames = _flood(server, audience, plan, load.flood_seconds)
        seconds = (audience.last_read_ns - started) / 1e9
        used = server.processor_ns - used
        percentiles = statistics.quantiles(_pace(server, audience, plan, load), n=100)
        return Outcome(
            frames_per_second=frames / seconds,
            processor_us_per_frame=used / 1e3 / frames,
            p50_ms=percentiles[49] / 1e6,
            p99_ms=percentiles[98] / 1e6,
        )


def idle_bytes(contender: Contender, load: Load, frame: bytes) -> float:
    """Returns the memory of a server for each connection that has subscribed and gets nothing."""
    with (
        ServerProcess(contender.server, frame) as server,
        Audience(contender, server.port) as audience,
    ):
        # What is loaded with the first connections is there once.
        for _ in range(load.idle // 10):
            audience.add(session_name(0))
        before = server.resident_bytes
        for _ in range(load.idle):
            audience.add(session_name(0))
        return (server.resident_bytes - before) / load.idle


def _flood(server: ServerProcess, audience: Audience, plan: Plan, seconds: float) -> int:
    window = max(_WINDOW, _WINDOW_EACH * plan.subscribers)
    server.tell(Flood(seconds, window, plan))
    owed = 0

    def read() -> int:
        nonlocal owed
        found = audience.count(0.05)
        owed += found
        if owed * 8 >= window:
            server.tell(Taken(owed))
            owed = 0
        return found

    return _until_all_is_read(server, read, plan)


def _pace(server: ServerProcess, audience: Audience, plan: Plan, load: Load) -> list[int]:
    per_second = min(load.paced_frames / plan.subscribers_each, load.paced_events)
    events = max(2, round(load.paced_seconds * per_second))
    audience.latencies_ns.clear()
    server.tell(Pace(events, per_second, plan))
    _until_all_is_read(server, lambda: audience.time(0.05), plan)
    return audience.latencies_ns


def _until_all_is_read(server: ServerProcess, read: Callable[[], int], plan: Plan) -> int:
    events: int | None = None
    frames = 0
    last = time.monotonic()
    while events is None or frames < events * plan.subscribers_each:
        found = read()
        frames += found
        events = server.published() if events is None else events
        if found:
            last = time.monotonic()
        elif time.monotonic() - last > _PATIENCE_SECONDS:
            raise LostFramesError(f"{frames} frames came of {events} events")
    if frames > events * plan.subscribers_each:
        raise LostFramesError(f"{frames} frames came of {events} events: too many")
    return frames
