"""The subscribers: sockets that are read as they fill, and events that are counted in them."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Self

from benchmarks.wire import stamps
from benchmarks.wire.contenders import Contender
from benchmarks.wire.orders import Plan
from benchmarks.wire.sockets import subscribe

_READ_BYTES = 256 * 1024


class Audience:
    """All subscribers of one server, in one thread without a loop of tasks.

    It has to be cheaper than any server it measures: a read costs a call of
    the system and one search through what it brought, whatever the number of
    frames in it, and no frame is parsed.
    """

    def __init__(self, contender: Contender, port: int) -> None:
        self._contender = contender
        self._port = port
        self._stack = ExitStack()
        self._poll = self._stack.enter_context(select.epoll())
        self._sockets: dict[int, socket.socket] = {}
        # By socket: the end of what was read last, which may be the beginning of a stamp.
        self._ends: dict[int, bytes] = {}
        self.last_read_ns = 0
        self.latencies_ns: list[int] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def gather(self, plan: Plan) -> None:
        """Connects every subscriber of the plan, one after the other."""
        for number in range(plan.subscribers):
            self.add(plan.session(number))

    def add(self, session_id: str) -> None:
        """Connects a subscriber."""
        connection = self._stack.enter_context(subscribe(self._contender, self._port, session_id))
        connection.setblocking(False)
        self._sockets[connection.fileno()] = connection
        self._poll.register(connection, select.EPOLLIN)

    def count(self, seconds: float) -> int:
        """Waits so long for frames, and counts those of one pass; returns how many."""
        return self._pass(seconds, self._count)

    def time(self, seconds: float) -> int:
        """As `count`, and takes the latency of each frame."""
        return self._pass(seconds, self._time)

    def _pass(self, seconds: float, take: Callable[[int, bytes], int]) -> int:
        frames = 0
        for number, _ in self._poll.poll(seconds):
            data = self._sockets[number].recv(_READ_BYTES)
            if not data:
                raise ConnectionResetError("the server closed the connection of a subscriber")
            frames += take(number, data)
        if frames:
            self.last_read_ns = time.monotonic_ns()
        return frames

    def _count(self, number: int, data: bytes) -> int:
        whole = self._ends.get(number, b"") + data
        # Shorter than the mark, or it would be counted twice.
        self._ends[number] = whole[1 - len(stamps.MARK) :]
        return whole.count(stamps.MARK)

    def _time(self, number: int, data: bytes) -> int:
        now = time.monotonic_ns()
        whole = self._ends.get(number, b"") + data
        found = [now - moment for moment in stamps.moments(whole)]
        # From a stamp that is not whole; else nothing of a stamp.
        begun = whole.rfind(stamps.MARK[:1], 1 - stamps.LENGTH)
        self._ends[number] = whole[begun:] if begun >= 0 else b""
        self.latencies_ns += found
        return len(found)
