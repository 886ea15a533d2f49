"""That everybody has a runtime of their own, and that it ends."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from pathlib import Path

import httpx
import pytest
from systemlab.app import create_app
from systemlab.asking import LabError
from systemlab.exercise import NOTHING
from systemlab.pages import PAGES
from systemlab.visitors import Visitors

from sessionstream import doc
from tests.systemlab.conftest import Guest

PROJECTION = next(page for page in PAGES if page.slug == "projection")


class TestVisitors:
    async def test_do_not_see_each_other(self, guest: Guest, visitors: Visitors) -> None:
        await guest.enter("projection")
        await guest.post("projection/submit", {"command": "add", "noteId": "n", "text": "mine"})
        transport = httpx.ASGITransport(create_app(visitors))
        async with httpx.AsyncClient(transport=transport, base_url="http://lab") as other:
            await other.get("/projection")
            assert (await other.post("/api/projection/state", json={})).json()["events"] == []

    async def test_the_one_who_was_away_longest_goes_for_one_too_many(self) -> None:
        now = 0.0
        async with Visitors(most=1, clock=lambda: now) as visitors:
            first, visitor = await visitors.welcome()
            async with visitor.using(PROJECTION) as exercise:
                folder = exercise.folder
            now = 1.0
            second, _ = await visitors.welcome()
            assert visitors.find(first) is None
            assert visitors.find(second) is not None
            assert not folder.exists()

    async def test_who_has_opened_nothing_goes_before_who_has(self) -> None:
        """A program without cookies is a new visitor with each request."""
        now = 0.0
        async with Visitors(most=2, clock=lambda: now) as visitors:
            at_work, visitor = await visitors.welcome()
            async with visitor.using(PROJECTION):
                pass
            for _ in range(5):
                now += 1.0
                passing, _ = await visitors.welcome()
                assert visitors.find(passing) is not None
            assert visitors.find(at_work) is visitor

    async def test_what_a_lab_that_was_killed_has_left_is_removed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        ended = await asyncio.create_subprocess_exec(sys.executable, "-c", "")
        await ended.wait()
        left, others = tmp_path / f"systemlab-{ended.pid}-x", tmp_path / "systemlab-notes-x"
        for folder in (left, others):
            (folder / "board").mkdir(parents=True)
        async with Visitors(), Visitors():  # the second leaves the first one's folder alone
            assert len(os.listdir(tmp_path)) == 3
            assert not left.exists()
            assert others.exists()

    async def test_who_was_away_for_too_long_goes(self) -> None:
        now = 0.0
        async with Visitors(idle_seconds=60, clock=lambda: now) as visitors:
            visitor_id, _ = await visitors.welcome()
            now = 61.0
            await visitors.sweep()
            assert visitors.find(visitor_id) is None

    async def test_nothing_is_opened_for_one_who_has_gone(self) -> None:
        async with Visitors() as visitors:
            _, visitor = await visitors.welcome()
            await visitor.aclose()
            with pytest.raises(LabError, match="this visit has ended"):
                await visitor.reset(PROJECTION, NOTHING)


class TestRequests:
    @pytest.mark.parametrize(
        ("path", "status"),
        [("projection/fly", 404), ("nowhere/state", 404), ("overview/state", 400)],
    )
    async def test_that_make_no_sense_are_told_so(
        self, guest: Guest, path: str, status: int
    ) -> None:
        await guest.enter("projection")
        answer = await guest.post(path)
        assert answer.status_code == status
        assert answer.json()["error"]

    async def test_without_a_visit_are_told_to_reload(self, guest: Guest) -> None:
        answer = await guest.post("projection/state")
        assert answer.status_code == 409
        assert "reload" in answer.json()["error"]

    @pytest.mark.parametrize("body", ["{", "[]", "1"])
    async def test_whose_body_is_no_object_are_refused(self, guest: Guest, body: str) -> None:
        await guest.enter("projection")
        headers = {"content-type": "application/json"}
        answer = await guest.client.post("/api/projection/state", content=body, headers=headers)
        assert answer.status_code == 400

    async def test_of_a_form_of_another_site_are_refused(self, guest: Guest) -> None:
        await guest.enter("projection")
        answer = await guest.client.post("/api/projection/state", data={"a": "b"})
        assert answer.status_code == 415


class TestDocs:
    @pytest.mark.parametrize(
        "path",
        ["/", "/docs/", "/docs/?q=resume", "/docs/sessionstream-getting-started", "/docs/SV101"],
    )
    async def test_are_served_without_what_is_for_their_tests(
        self, guest: Guest, path: str
    ) -> None:
        page = await guest.client.get(path)
        assert page.status_code == 200
        assert "&lt;!--" not in page.text

    async def test_lead_where_their_links_say(self, guest: Guest) -> None:
        pages = {f"/docs/{each.slug}": "" for each in doc.entries()}
        for path in (*pages, "/docs/", "/docs/?q=resume"):
            pages[path] = (await guest.client.get(path)).text
        links = {
            link for text in pages.values() for link in re.findall(r'href="(/docs/[^"]+)"', text)
        }
        assert any("#" in link for link in links)
        for link in links:
            path, _, anchor = link.partition("#")
            assert not anchor or f' id="{anchor}"' in pages[path], link

    @pytest.mark.parametrize("path", ["/docs/none", "/nowhere", "/static/nothing.js"])
    async def test_of_no_page_are_not_found(self, guest: Guest, path: str) -> None:
        page = await guest.client.get(path, headers={"Accept": "text/html,*/*"})
        assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert (await guest.client.get(path)).json()["error"]
