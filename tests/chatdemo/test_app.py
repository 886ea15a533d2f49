"""The web server's HTTP side, over ASGI, without a socket."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest
from chatdemo.app import STATIC, create_app
from chatdemo.handlers import MAX_PROMPT_LENGTH

from sessionstream import browser
from sessionstream.transport.rooms import Rooms
from tests.chatdemo.helpers import ChatScenario


@pytest.fixture
async def http(chat: ChatScenario) -> AsyncIterator[httpx.AsyncClient]:
    async with Rooms(chat.hub) as rooms:
        app = create_app(rooms, engine_name="scripted")
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://chat.example") as client:
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
        runtime = {f"/sessionstream/{path.name}" for path in browser.folder().glob("*.js")}
        for path in assets | modules | runtime:
            assert (await http.get(path)).status_code == 200

    def test_takes_nothing_from_elsewhere(self) -> None:
        for path in (*STATIC.iterdir(), *browser.folder().iterdir()):
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

    async def test_answers_an_unknown_path_and_a_wrong_method_in_json(
        self, http: httpx.AsyncClient
    ) -> None:
        assert_refused(await http.get("/api/nothing"), 404)
        response = await http.post("/api/config")
        assert_refused(response, 405)
        assert "GET" in response.headers["allow"]
