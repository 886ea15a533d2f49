"""A server's process: started, pinned, asked, ended."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from pathlib import Path
from typing import Self, cast

from benchmarks.wire import orders
from benchmarks.wire.orders import Order

ROOT = Path(__file__).parents[2]
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
# Before the load generator gives some of them up.
_USABLE = sorted(os.sched_getaffinity(0))


class ServerProcess:
    """A server in a process of its own, on a processor of its own where there are two.

    ``name`` is that of its module, ``frame`` what it sends where it is a reference.
    """

    def __init__(self, name: str, frame: bytes) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.wire.server", name],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._input, self._output = self._process.stdin, self._process.stdout
        os.sched_setaffinity(self._process.pid, processors()[0])
        self._write(json.dumps(frame.decode("latin-1")).encode() + b"\n")
        self.port = self._answer()["port"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()
        self._input.close()
        self._output.close()

    @property
    def resident_bytes(self) -> int:
        """The memory that it holds."""
        fields = Path(f"/proc/{self._process.pid}/statm").read_text(encoding="ascii").split()
        return int(fields[1]) * _PAGE_BYTES

    @property
    def processor_ns(self) -> int:
        """How long it has been running on a processor."""
        path = Path(f"/proc/{self._process.pid}/schedstat")
        return int(path.read_text(encoding="ascii").split()[0])

    def tell(self, order: Order) -> None:
        """Gives the order and waits for nothing."""
        self._write(orders.dump(order))

    def published(self) -> int | None:
        """Returns the answer to a `Flood` or a `Pace` once it is there; never waits."""
        if not select.select([self._output], [], [], 0)[0]:
            return None
        return self._answer()["events"]

    def _write(self, line: bytes) -> None:
        self._input.write(line)
        self._input.flush()

    def _answer(self) -> dict[str, int]:
        line = self._output.readline()
        if not line:
            raise RuntimeError("the server has ended; what it said is above")
        return cast("dict[str, int]", json.loads(line))


def processors() -> tuple[set[int], set[int]]:
    """Returns where servers run, and where the load generator does; the same where there is one."""
    return {_USABLE[0]}, {_USABLE[-1]}
