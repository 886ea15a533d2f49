"""The web server's HTTP side, over ASGI, without a socket."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from typing import Protocol

import httpx
import pytest
from chatdemo.app import STATIC, create_app
from chatdemo.handlers import MAX_PROMPT_LENGTH
from chatdemo.http import MAX_BODY_BYTES
from chatdemo.v1.chat_sessionstream import ChatUI
from google.protobuf.message import Message

from sessionstream import ResumePoint, SessionClient, StoreFullError
from sessionstream.transport.rooms import Rooms
from sessionstream.watching import AnyWatch
from tests.chatdemo.helpers import (
    STOPPED,
    STREAMING,
    ChatScenario,
    ScriptedEngine,
    answer,
    appended,
    whole,
)

ORIGIN = "http://chat.example"


class Browser(Protocol):
    """Gives out a client of an application over these commands."""

    def __call__(self, submitter: SessionClient) -> httpx.AsyncClient: ...


@pytest.fixture
async def browser(chat: ChatScenario) -> AsyncIterator[Browser]:
    async with Rooms(chat.hub) as rooms:

        def make(submitter: SessionClient) -> httpx.AsyncClient:
            app = create_app(submitter, rooms, engine_name="scripted")
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            return httpx.AsyncClient(transport=transport, base_url=ORIGIN)

        yield make


@pytest.fixture
async def http(chat: ChatScenario, browser: Browser) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(chat.hub) as client:
        yield client


def assert_refused(response: httpx.Response, status: int) -> None:
    assert response.status_code == status
    body = response.json()
    assert list(body) == ["error"]
    assert body["error"]


class TestThePage:
    async def test_comes_with_all_that_it_refers_to(self, http: httpx.AsyncClient) -> None:
        page = await http.get("/")
        assert page.headers["content-type"].startswith("text/html")
        assets = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text))
        modules = {f"/static/{path.name}" for path in STATIC.glob("*.js")}
        assert assets & modules
        for path in assets | modules:
            assert (await http.get(path)).status_code == 200

    def test_takes_nothing_from_elsewhere(self) -> None:
        for path in STATIC.iterdir():
            found = re.findall(r"https?://[^\s\"')]+", path.read_text())
            assert set(found) <= {"http://www.w3.org/2000/svg"}, path.name

    @pytest.mark.parametrize("path", ["/", "/static/main.js", "/healthz", "/nowhere"])
    async def test_and_all_beside_it_forbids_inline_and_foreign_code(
        self, http: httpx.AsyncClient, path: str
    ) -> None:
        policy = (await http.get(path)).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy


class TestTheApi:
    async def test_tells_that_it_is_healthy(self, http: httpx.AsyncClient) -> None:
        assert (await http.get("/healthz")).json() == {"status": "ok"}

    async def test_tells_its_configuration(self, http: httpx.AsyncClient) -> None:
        config = (await http.get("/api/config")).json()
        assert config == {"engine": "scripted", "maxPromptLength": MAX_PROMPT_LENGTH}

    async def test_accepts_a_prompt_before_it_is_answered(
        self, chat: ChatScenario, http: httpx.AsyncClient, engine: ScriptedEngine
    ) -> None:
        page = await chat.connect()
        await page.subscribe(chat.session_id)
        asked = {"sessionId": chat.session_id, "prompt": "hello"}
        assert (await http.post("/api/chat", json=asked)).status_code == 202
        await page.until_shown(ChatUI.chat_message_started(whole(answer("", STREAMING))))
        engine.say("half")
        await page.until_shown(appended("half"))
        stopped = await http.post("/api/stop", json={"sessionId": chat.session_id})
        assert stopped.status_code == 202
        await page.expect_shown(ChatUI.chat_message_stopped(whole(answer("half", STOPPED))))

    async def test_answers_an_unknown_path_and_a_wrong_method_in_json(
        self, http: httpx.AsyncClient
    ) -> None:
        assert_refused(await http.get("/api/nothing"), 404)
        response = await http.get("/api/chat")
        assert_refused(response, 405)
        assert response.headers["allow"] == "POST"


class TestABadRequest:
    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{",
            b"\xff",
            b"[" * 50_000,
            b"null",
            b"[]",
            b"{}",
            b'{"sessionId": "s"}',
            b'{"sessionId": "s", "prompt": 1}',
            b'{"sessionId": null, "prompt": "hello"}',
            b'{"sessionId": "s", "prompt": "hello", "more": "x"}',
            b'{"sessionId": "s", "prompt": "\\ud800"}',
            b'{"sessionId": "s", "prompt": " "}',
            b'{"sessionId": "", "prompt": "hello"}',
            b'{"sessionId": "%s", "prompt": "hello"}' % (b"s" * 513),
            b'{"sessionId": "s", "prompt": "%s"}' % (b"x" * (MAX_PROMPT_LENGTH + 1)),
        ],
    )
    async def test_is_refused_with_a_reason(
        self, chat: ChatScenario, http: httpx.AsyncClient, body: bytes
    ) -> None:
        headers = {"content-type": "application/json"}
        assert_refused(await http.post("/api/chat", content=body, headers=headers), 400)
        assert await chat.hub.event_cursor("s") == 0

    async def test_that_is_too_large_is_not_read_to_its_end(self, http: httpx.AsyncClient) -> None:
        async def endless() -> AsyncIterator[bytes]:
            while True:
                yield b" " * MAX_BODY_BYTES

        headers = {"content-type": "application/json"}
        assert_refused(await http.post("/api/chat", content=endless(), headers=headers), 413)

    @pytest.mark.parametrize(
        "headers",
        [{}, {"content-type": "text/plain"}, {"content-type": "application/x-www-form-urlencoded"}],
    )
    async def test_of_another_content_type_is_refused(
        self, http: httpx.AsyncClient, headers: Mapping[str, str]
    ) -> None:
        body = b'{"sessionId": "s", "prompt": "hello"}'
        assert_refused(await http.post("/api/chat", content=body, headers=headers), 415)

    @pytest.mark.parametrize(
        ("origin", "status"),
        [
            (ORIGIN, 202),
            ("http://evil.example", 403),
            ("HTTP://CHAT.example", 202),
            ("http://chat.example:80", 202),
            ("http://chat.example:81", 403),
            ("http://chat.example:x", 403),
            ("http://chat.example.evil.example", 403),
            ("null", 403),
            ("http://[", 403),
        ],
    )
    async def test_from_a_page_of_another_origin_is_refused(
        self, http: httpx.AsyncClient, origin: str, status: int
    ) -> None:
        response = await http.post("/api/stop", json={"sessionId": "s"}, headers={"origin": origin})
        assert response.status_code == status


class Failing:
    """A `SessionClient` that raises."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def submit(self, session_id: str, name: str, payload: Message) -> None:
        raise self._error

    def watch(self, session_id: str, *, since: ResumePoint | None = None) -> AnyWatch:
        raise self._error


class TestAServerInTrouble:
    async def test_says_that_it_cant_store(self, browser: Browser) -> None:
        async with browser(Failing(StoreFullError("chat.db", "the disk is full"))) as http:
            assert_refused(await http.post("/api/stop", json={"sessionId": "s"}), 503)

    async def test_keeps_the_text_of_an_unexpected_error_to_itself(self, browser: Browser) -> None:
        async with browser(Failing(RuntimeError("password=hunter2"))) as http:
            response = await http.post("/api/stop", json={"sessionId": "s"})
        assert_refused(response, 500)
        assert "hunter2" not in response.text
