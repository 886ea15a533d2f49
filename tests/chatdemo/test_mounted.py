"""The chat in somebody's own FastAPI application, as a process: who may, and how it ends."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets import Subprotocol
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

ROOT = Path(__file__).parent.parent.parent
ANN = {"Authorization": "Bearer the-token-of-ann"}
BOB = {"Authorization": "Bearer the-token-of-bob"}
# At the pace of the engine this takes minutes.
LONG = "word " * 700


@pytest.fixture
def process() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.chatdemo.mounted"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, encoding="utf-8") as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def where(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return f"127.0.0.1:{int(process.stdout.readline())}/live"


def socket_of(where: str, headers: dict[str, str]) -> ClientConnection:
    protocol = Subprotocol("sessionstream.v2.json")
    return connect(f"ws://{where}/ws", subprotocols=[protocol], additional_headers=headers)


def ask(client: httpx.Client, session_id: str, prompt: str) -> int:
    url = f"/sessions/{session_id}/commands/ChatStartInference"
    return client.post(url, json={"prompt": prompt}).status_code


def frames(connection: ClientConnection) -> Iterator[dict[str, dict[str, object]]]:
    for data in connection:
        yield json.loads(data)


class TestStrangers:
    def test_who_has_no_token_is_nobody(self, where: str) -> None:
        with httpx.Client(base_url=f"http://{where}", timeout=30) as client:
            assert ask(client, "ann-1", "hi") == 401
        with pytest.raises(InvalidStatus, match="HTTP 401"), socket_of(where, {}):
            pass

    def test_who_has_another_token_sees_nothing_of_it(self, where: str) -> None:
        with httpx.Client(base_url=f"http://{where}", timeout=30, headers=ANN) as ann:
            assert ask(ann, "ann-1", "hi") == 200
        with httpx.Client(base_url=f"http://{where}", timeout=30, headers=BOB) as bob:
            there = bob.get("/sessions/ann-1/snapshot")
            nowhere = bob.get("/sessions/ann-2/snapshot")
            assert there.status_code == nowhere.status_code == 403
            assert there.text == nowhere.text
            assert ask(bob, "ann-1", "hi") == ask(bob, "ann-2", "hi") == 403


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_while_clients_watch_and_they_see_how(
    process: subprocess.Popen[str], where: str, number: signal.Signals
) -> None:
    with (
        httpx.Client(base_url=f"http://{where}", timeout=60, headers=ANN) as client,
        client.stream("GET", "/sessions/ann-1/events") as stream,
        socket_of(where, ANN) as connection,
    ):
        connection.send(json.dumps({"subscribe": {"sessionId": "ann-1"}}))
        met = frames(connection)
        assert any("subscribed" in frame for frame in met)
        with httpx.Client(base_url=f"http://{where}", timeout=60, headers=ANN) as other:
            assert ask(other, "ann-1", LONG) == 200
        assert any(frame.get("uiEvent", {}).get("name") == "ChatMessageAppended" for frame in met)
        process.send_signal(number)
        lines = list(stream.iter_lines())
        shown = [frame["uiEvent"]["name"] for frame in met if "uiEvent" in frame]
    assert any("ChatMessageStopped" in line for line in lines)
    assert "event: close" in lines
    assert "ChatMessageStopped" in shown
    assert connection.close_code == 1001
    process.wait(timeout=60)
    assert process.returncode == 0
