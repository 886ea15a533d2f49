"""The child process of a visitor, as its parent sees it."""

from __future__ import annotations

import asyncio
import json
import pickle
import signal
import sys
from asyncio.subprocess import PIPE, Process
from base64 import b64decode
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from sessionstream import Observer
from systemlab.asking import LabError
from systemlab.checking import JSON

_ANSWER_SECONDS: Final = 20.0
_LONGEST_LINE: Final = 2**20


class ChildProcess:
    """A runtime in a process of its own: started, asked, killed.

    The observer gets its records, those that it told of before it was killed.

    Attributes:
        answered: What the child said that publish has returned: (ordinal, id of the note).
    """

    def __init__(self, kind: str, path: Path, fault: str, observer: Observer) -> None:
        self._observer = observer
        self._arguments = (kind, str(path), fault)
        self._process: Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._lines: asyncio.Queue[Mapping[str, JSON] | None] = asyncio.Queue()
        self._more = asyncio.Condition()
        self._said = ""
        self.answered: list[tuple[int, str]] = []

    @property
    def is_running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.returncode is None

    @property
    def exit_status(self) -> int | None:
        """How the last process ended: the number of a signal is negative; None while it runs."""
        return None if self._process is None else self._process.returncode

    async def start(self) -> None:
        """Starts the process and returns when its Hub is open.

        Raises:
            LabError: It ended instead; the text has what it said last.
        """
        self._process = await asyncio.create_subprocess_exec(
            # -P: what lies in the current folder does not take the place of a module.
            *(sys.executable, "-P", "-m", "systemlab.child", *self._arguments),
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            limit=_LONGEST_LINE,
        )
        self._lines = asyncio.Queue()
        self._reading = asyncio.create_task(self._read(self._process))
        await self._expect("ready")

    async def publish(self, first: int, events: int) -> None:
        """Lets it publish notes, numbered from ``first``; returns at once."""
        await self._send({"do": "publish", "first": first, "events": events})

    async def finished(self) -> None:
        """Returns when the notes that it was asked for are published."""
        await self._expect("done")

    async def answers(self, count: int) -> None:
        """Returns when it has answered so many in all, or has ended."""
        async with self._more:
            await self._more.wait_for(lambda: len(self.answered) >= count or not self.is_running)

    async def state(self) -> dict[str, JSON]:
        """Returns what its session has come to."""
        await self._send({"do": "state"})
        state = (await self._expect("state"))["state"]
        assert isinstance(state, dict)
        return state

    async def kill(self) -> None:
        """Kills it with SIGKILL: it gets no chance to write anything more."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGKILL)
            await self._process.wait()
        if self._reading is not None:
            await self._reading

    async def _send(self, line: Mapping[str, JSON]) -> None:
        process = self._process
        if process is None or process.stdin is None or not self.is_running:
            raise LabError("The process is not running; start it first.")
        process.stdin.write(f"{json.dumps(line)}\n".encode())
        with suppress(ConnectionError):  # it ended: what comes next tells so
            await process.stdin.drain()

    async def _expect(self, key: str) -> Mapping[str, JSON]:
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                while (line := await self._lines.get()) is not None:
                    if key in line:
                        return line
        except TimeoutError as error:
            raise LabError(f"The process did not answer within {_ANSWER_SECONDS:g} s.") from error
        said = f" It said: {self._said}" if self._said else ""
        raise LabError(f"The process ended with status {self.exit_status}; start it again.{said}")

    async def _read(self, process: Process) -> None:
        assert process.stdout is not None
        assert process.stderr is not None
        said = asyncio.create_task(process.stderr.read())
        while line := await process.stdout.readline():
            told = json.loads(line)
            if "record" in told:
                self._observer(pickle.loads(b64decode(told["record"])))
            elif "answered" in told:
                async with self._more:
                    self.answered.append((told["answered"], told["note"]))
                    self._more.notify_all()
            else:
                self._lines.put_nowait(told)
        await process.wait()
        self._said = (await said).decode(errors="replace").strip().rpartition("\n")[2]
        self._lines.put_nowait(None)
        async with self._more:
            self._more.notify_all()
