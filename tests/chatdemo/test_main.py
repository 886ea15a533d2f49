"""The command line, as the process that a person starts."""

from __future__ import annotations

import json
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from chatdemo.__main__ import main
from chatdemo.server import CLIENT_TIMEOUT_MS, listen
from websockets.exceptions import ConnectionClosedOK
from websockets.sync.client import ClientConnection

from tests.chatdemo.helpers import Demo, running_demo, start_chatdemo


def next_text(frames: ClientConnection, word: str) -> str:
    """Returns the next frame with this word in it."""
    return next(text for text in map(str, frames) if word in text)


class TestServe:
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_listens_when_it_says_so_and_ends_without_a_word(self, number: signal.Signals) -> None:
        with running_demo("--memory") as demo:
            assert demo.get("healthz") == {"status": "ok"}
            assert demo.end(number) == (0, "")

    def test_is_what_runs_without_a_command(self) -> None:
        with start_chatdemo("--memory", "--port", "0") as process:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("chatdemo is running at http://127.0.0.1:")
            process.terminate()
            process.communicate()

    def test_ends_without_a_word_under_a_page_that_watches_an_answer(self, tmp_path: Path) -> None:
        arguments = ("--db", str(tmp_path / "chat.db"))
        with running_demo(*arguments) as demo, demo.watch("s") as frames:
            demo.ask("s", "hello " * 500)
            assert "ChatMessageAppended" in next_text(frames, "ChatMessageAppended")
            assert demo.end() == (0, "")
        with running_demo(*arguments) as demo, demo.watch("s") as frames:
            assert "CHAT_STATUS_INTERRUPTED" in next_text(frames, "snapshot")

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_a_page_sees_how_its_answer_ends_and_is_told_goodbye(
        self, number: signal.Signals
    ) -> None:
        with running_demo("--memory") as demo, demo.watch("s") as frames:
            demo.ask("s", "hello " * 500)
            assert "ChatMessageAppended" in next_text(frames, "ChatMessageAppended")
            demo.process.send_signal(number)
            assert "CHAT_STATUS_INTERRUPTED" in next_text(frames, "ChatMessageStopped")
            with pytest.raises(ConnectionClosedOK) as closed:
                frames.recv(timeout=60)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1001
            assert demo.process.communicate()[1] == ""
        assert demo.process.returncode == 0

    def test_a_second_signal_ends_it_at_once(self) -> None:
        with (
            running_demo("--memory") as demo,
            socket.create_connection((demo.host, demo.port)) as asking,
        ):
            # A client that is asked to go and does not: the server gives it some time.
            asking.sendall(b"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n")
            asking.sendall(b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n")
            asking.sendall(b"Sec-WebSocket-Protocol: sessionstream.v2.json\r\n")
            asking.sendall(b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
            assert asking.recv(12) == b"HTTP/1.1 101"
            demo.process.send_signal(signal.SIGTERM)
            demo.wait_until_refused()
            assert demo.end(signal.SIGTERM) == (-signal.SIGTERM, "")

    def test_makes_the_folder_of_its_database(self, tmp_path: Path) -> None:
        path = tmp_path / "new" / "chat.db"
        with running_demo("--db", str(path)) as demo:
            demo.end()
        with closing(sqlite3.connect(path)) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


class TestATrace:
    def test_has_what_the_runtime_did_without_what_was_said(self, tmp_path: Path) -> None:
        path = tmp_path / "trace.jsonl"
        for session_id in ("first", "second"):
            with running_demo("--memory", "--pace", "0", "--trace", str(path)) as demo:
                with demo.watch(session_id) as frames:
                    demo.ask(session_id, "a secret")
                    assert "a secret" in next_text(frames, "ChatMessageFinished")
                assert demo.end() == (0, "")
        text = path.read_text(encoding="utf-8")
        records = [json.loads(line) for line in text.splitlines()]
        assert {"pipeline", "transport"} <= {record["kind"] for record in records}
        committed = [
            (record["session_id"], record["name"])
            for record in records
            if record.get("stage") == "event_committed"
        ]
        for session_id in ("first", "second"):
            assert (session_id, "ChatInferenceStarted") in committed
        assert "secret" not in text


class TestAHostHeader:
    """A page from anywhere may point its own name at this computer (DNS rebinding)."""

    HANDSHAKE = (
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="),
    )

    def statuses(self, demo: Demo, *hosts: str) -> dict[str, tuple[int, int]]:
        """What a GET and a WebSocket handshake that name these hosts are answered."""
        return {
            host: (
                demo.status("/healthz", ("Host", host)),
                demo.status("/ws", ("Host", host), ("Origin", f"http://{host}"), *self.HANDSHAKE),
            )
            for host in hosts
        }

    def test_must_name_this_computer_if_only_this_computer_is_served(self) -> None:
        known = ("localhost", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:8090", "[::1]", "[::1]:80")
        foreign = ("evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", "::1", "")
        with running_demo("--memory") as demo:
            assert set(self.statuses(demo, *known).values()) == {(200, 101)}
            refused = self.statuses(demo, *foreign)
            assert all(get == 400 and ws in (400, 403) for get, ws in refused.values()), refused

    def test_may_name_the_host_that_the_server_was_given(self) -> None:
        with running_demo("--memory", "--host", "127.0.0.2") as demo:
            assert self.statuses(demo, "127.0.0.2:80") == {"127.0.0.2:80": (200, 101)}
            assert demo.status("/healthz", ("Host", "127.0.0.3")) == 400

    def test_may_name_anything_if_others_are_served(self) -> None:
        with running_demo("--memory", "--host", "0.0.0.0") as demo:
            assert self.statuses(demo, "chat.example") == {"chat.example": (200, 101)}


class TestAClient:
    @pytest.mark.parametrize(
        ("body", "said"),
        [
            (b'Content-Length: 500\r\n\r\n{"', ""),
            (
                b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n",
                "WARNING:  Invalid HTTP request received.\n",  # by uvicorn
            ),
        ],
    )
    def test_that_breaks_off_a_request_is_no_error(self, body: bytes, said: str) -> None:
        head = b"POST /api/chat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        with running_demo("--memory") as demo:
            with socket.create_connection((demo.host, demo.port)) as client:
                client.sendall(head + body)
                client.shutdown(socket.SHUT_WR)
                while client.recv(1000):
                    pass
            assert demo.get("healthz") == {"status": "ok"}
            assert demo.end() == (0, said)

    @pytest.mark.skipif(sys.platform != "linux", reason="other systems can't be told")
    def test_that_never_reads_is_cut_by_the_system(self) -> None:
        """That it is takes half a minute: here, only that the system was told."""
        with listen("127.0.0.1", 0) as listener:
            address = listener.getsockname()
            with socket.create_connection(address), listener.accept()[0] as accepted:
                option = accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
        assert option == CLIENT_TIMEOUT_MS


class TestAnErrorAtTheStart:
    """Each is one line that names the remedy, and exit status 2."""

    def assert_fails(
        self, capsys: pytest.CaptureFixture[str], arguments: list[str], remedy: str
    ) -> None:
        assert main(arguments) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("chatdemo: ")
        assert err.count("\n") == 1
        assert remedy in err

    def test_a_port_in_use(self, capsys: pytest.CaptureFixture[str]) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = str(taken.getsockname()[1])
            self.assert_fails(capsys, ["serve", "--memory", "--port", port], "--port")

    def test_an_address_of_another_machine(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.assert_fails(capsys, ["--memory", "--host", "192.0.2.1"], "--host")

    def test_a_database_that_is_open_elsewhere(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        path = str(tmp_path / "chat.db")
        with running_demo("--db", path):
            self.assert_fails(capsys, ["--db", path, "--port", "0"], "--db")

    def test_a_folder_in_place_of_a_database(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        for command in (["serve", "--port", "0"], ["ask", "hello"]):
            self.assert_fails(capsys, [*command, "--db", str(tmp_path)], "is a folder")

    @pytest.mark.parametrize("host", ["\udcff", "h" * 300, "a\nb", "..", "nowhere.invalid"])
    def test_a_host_that_is_none(self, capsys: pytest.CaptureFixture[str], host: str) -> None:
        self.assert_fails(capsys, ["--memory", "--host", host], ascii(host))

    def test_a_file_in_place_of_a_folder(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        (tmp_path / "file").touch()
        path = str(tmp_path / "file" / "chat.db")
        self.assert_fails(capsys, ["--db", path, "--port", "0"], "--db")

    def test_a_trace_that_can_t_be_written(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        for path in (tmp_path, tmp_path / "missing" / "trace.jsonl"):
            arguments = ["--memory", "--port", "0", "--trace", str(path)]
            self.assert_fails(capsys, arguments, f"{path}: ")
            self.assert_fails(capsys, arguments, "choose another file with --trace")

    def test_a_trace_in_the_file_of_the_database(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        path = tmp_path / "chat.db"
        for trace in (path, tmp_path / "." / "chat.db-wal"):
            arguments = ["--db", str(path), "--port", "0", "--trace", str(trace)]
            self.assert_fails(capsys, arguments, "choose another file with --trace")
        assert list(tmp_path.iterdir()) == []

    def test_an_empty_question(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.assert_fails(capsys, ["ask", " "], "empty")

    def test_a_question_that_is_no_text(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.assert_fails(capsys, ["ask", "\udcff"], "no text")

    @pytest.mark.parametrize("option", [["--port", "65536"], ["--port", "x"], ["--pace", "-1"]])
    def test_a_number_out_of_range(
        self, capsys: pytest.CaptureFixture[str], option: list[str]
    ) -> None:
        with pytest.raises(SystemExit) as raised:
            main(["serve", *option])
        assert raised.value.code == 2
        assert "Traceback" not in capsys.readouterr().err


def test_without_its_extra_it_says_which_one() -> None:
    without = "import sys, runpy; sys.modules['uvicorn'] = None;"
    without += "runpy.run_module('chatdemo', run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", without], capture_output=True, text=True, check=False
    )
    told = 'chatdemo needs uvicorn; run: pip install "sessionstream[lab]"\n'
    assert (done.returncode, done.stderr) == (1, told)
