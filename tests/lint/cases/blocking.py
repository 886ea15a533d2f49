"""Handlers that block."""

import asyncio
import io
import queue
import sqlite3
import subprocess
import threading
import time
import urllib.request
from pathlib import Path
from time import sleep as nap

import requests
from requests import post

from chatdemo.v1 import chat_pb2 as pb
from chatdemo.v1.chat_sessionstream import ChatHandlers, ChatPublisher
from sessionstream import Command, Session, override

rest = time.sleep


class Handlers(ChatHandlers):
    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        time.sleep(1)

    @override
    async def start_inference(
        self, command: Command[pb.StartInference], session: Session, publisher: ChatPublisher
    ) -> None:
        time.sleep(1)  # E: SV302 time.sleep(…) blocks the event loop while the handler start_inference
        nap(1)  # E: SV302 nap(…)
        rest(1)  # E: SV302
        requests.get("http://localhost")  # E: SV302
        post("http://localhost")  # E: SV302
        self._database.execute("SELECT 1")  # E: SV302
        subprocess.run(["ls"], check=True)  # E: SV302
        urllib.request.urlopen("http://localhost")  # E: SV302
        open("a").read()  # E: SV302
        io.open("a")  # E: SV302
        Path("a").read_text()  # E: SV302
        Path("a").with_suffix(".b")
        await asyncio.sleep(1)
        await asyncio.to_thread(time.sleep, 1)
        await asyncio.to_thread(lambda: time.sleep(1))
        await asyncio.to_thread(_read)
        await asyncio.to_thread(lambda: _read())
        _write()

        def inner() -> None:
            time.sleep(1)  # E: SV302

        inner()
        session.tasks.start("later", self._later())

    @override
    async def stop_inference(
        self, command: Command[pb.StopInference], session: Session, publisher: ChatPublisher
    ) -> None:
        process = subprocess.Popen(["ls"])
        process.wait()  # E: SV302 while the handler stop_inference
        process.wait(timeout=0)
        waiting: queue.Queue[str] = queue.Queue(1)
        waiting.get()  # E: SV302
        waiting.get(True)  # E: SV302
        waiting.get(False)
        waiting.get(block=False)
        waiting.get_nowait()
        waiting.put("a", timeout=1)  # E: SV302
        waiting.put("a", False)
        stopped = threading.Event()
        stopped.wait(timeout=None)  # E: SV302
        stopped.wait(0.5)  # E: SV302
        stopped.wait(0)

    async def _later(self) -> None:
        time.sleep(1)  # E: SV302 while the handler start_inference


def _read() -> None:
    time.sleep(1)


def _write() -> None:
    Path("a").write_text("b")  # E: SV302


def elsewhere() -> None:
    time.sleep(1)
