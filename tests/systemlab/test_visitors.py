"""That everybody has a runtime of their own, and that it ends."""

from __future__ import annotations

import httpx
import pytest
from systemlab.app import create_app
from systemlab.asking import LabError
from systemlab.exercise import NOTHING
from systemlab.pages import PAGES
from systemlab.visitors import Visitors

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
        "path", ["/", "/docs/", "/docs/?q=resume", "/docs/sessionstream-user-guide", "/docs/SV101"]
    )
    async def test_are_served(self, guest: Guest, path: str) -> None:
        assert (await guest.client.get(path)).status_code == 200

    async def test_of_no_page_are_not_found(self, guest: Guest) -> None:
        assert (await guest.client.get("/docs/none")).status_code == 404
