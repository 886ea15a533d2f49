"""A server that is told to end: real processes, signals and sockets."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.lifecycle import until_signalled
from sessionstream.testing.stores.backend import events_of
from tests.listening import wait_until_nobody_listens
from tests.transport.serving_child import make_registry

ROOT = Path(__file__).parent.parent.parent
BOTH = [signal.SIGTERM, signal.SIGINT]


@dataclass(frozen=True, slots=True)
class Child:
    """A process that serves, whose command takes lines."""

    process: subprocess.Popen[str]
    port: int

    def write(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    @contextmanager
    def watch(self) -> Iterator[ClientConnection]:
        """Subscribes; gives the connection out when the command is known to run."""
        with connect(f"ws://127.0.0.1:{self.port}/ws") as client:
            client.send(json.dumps({"subscribe": {"sessionId": "s"}}))
            assert "subscribed" in next(text for text in map(str, client) if "subscribed" in text)
            self.write("begin")
            assert shown(client) == "begin"
            yield client

    def signal(self, number: signal.Signals) -> None:
        """Sends the signal; returns when it has arrived: nobody can connect any more."""
        self.process.send_signal(number)
        wait_until_nobody_listens(self.port)

    def end(self) -> tuple[int, str, str]:
        """Waits for the end; returns the exit status and what was said."""
        said, complaints = self.process.communicate(timeout=60)
        return self.process.returncode, said, complaints


@contextmanager
def serving(path: Path, seconds: float) -> Iterator[Child]:
    command = [sys.executable, "-m", "tests.transport.serving_child", str(path), str(seconds)]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, encoding="utf-8"
    ) as process:
        try:
            assert process.stdout is not None
            yield Child(process, int(process.stdout.readline()))
        finally:
            process.kill()


def shown(client: ClientConnection) -> str:
    """Returns the text of the next UI event."""
    return str(json.loads(client.recv(timeout=60))["uiEvent"]["payload"]["value"])


def goodbye(client: ClientConnection) -> int | None:
    """Returns the code that the server closes with."""
    with pytest.raises(ConnectionClosed) as closed:
        client.recv(timeout=60)
    return None if closed.value.rcvd is None else closed.value.rcvd.code


async def stored(path: Path) -> list[bytes]:
    async with SQLiteStore.open(path, make_registry()) as store:
        return [event.payload.SerializeToString()[2:] for event in await events_of(store, "s")]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


class TestARunningCommand:
    @pytest.mark.parametrize("number", BOTH)
    def test_ends_and_clients_see_it_and_are_told_goodbye(
        self, path: Path, number: signal.Signals
    ) -> None:
        with serving(path, seconds=60) as child, child.watch() as client:
            child.signal(number)
            child.write("still here")
            assert shown(client) == "still here"
            child.write("end")
            assert shown(client) == "end"
            assert goodbye(client) == 1001
            assert child.end() == (0, "", "")
        assert asyncio.run(stored(path)) == [b"begin", b"still here", b"end"]

    def test_that_never_ends_is_cancelled_at_the_deadline(self, path: Path) -> None:
        with serving(path, seconds=0.1) as child, child.watch() as client:
            child.signal(signal.SIGTERM)
            assert shown(client) == "cancelled"
            assert goodbye(client) == 1001
            said = "the Hub is closed; the command 'Work' was cancelled\n"
            assert child.end() == (0, said, "")
        assert asyncio.run(stored(path)) == [b"begin", b"cancelled"]

    @pytest.mark.parametrize("number", BOTH)
    def test_holds_up_no_second_signal(self, path: Path, number: signal.Signals) -> None:
        with serving(path, seconds=60) as child, child.watch():
            child.signal(signal.SIGTERM)
            child.process.send_signal(number)
            assert child.end() == (-number, "", "")
        assert asyncio.run(stored(path)) == [b"begin"]


class TestUntilSignalled:
    async def test_when_it_is_cancelled_the_old_handlers_are_back(self) -> None:
        before = [signal.getsignal(number) for number in BOTH]
        waiting = asyncio.create_task(until_signalled())
        await asyncio.sleep(0)
        assert [signal.getsignal(number) for number in BOTH] != before
        waiting.cancel()
        await asyncio.wait([waiting])
        assert [signal.getsignal(number) for number in BOTH] == before

    async def test_it_is_for_the_main_thread(self) -> None:
        errors: list[BaseException] = []

        def run() -> None:
            try:
                asyncio.run(until_signalled())
            except ValueError as error:
                errors.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        assert len(errors) == 1
