"""The lab without a network: one visitor who posts to its pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import httpx
import pytest
from systemlab.app import create_app
from systemlab.checking import JSON
from systemlab.visitors import Visitors


@dataclass(frozen=True, slots=True)
class Guest:
    """A visitor of the lab."""

    client: httpx.AsyncClient

    async def enter(self, slug: str) -> httpx.Response:
        return await self.client.get(f"/{slug}")

    async def post(self, path: str, body: Mapping[str, JSON] | None = None) -> httpx.Response:
        return await self.client.post(f"/api/{path}", json=dict(body or {}))

    async def checks(
        self, path: str, body: Mapping[str, JSON] | None = None
    ) -> dict[str, bool | None]:
        """The page's checks after an action: each one's name, and whether it holds."""
        answer = await self.post(path, body)
        assert answer.status_code == 200, answer.text
        return {each["name"]: each["holds"] for each in answer.json()["checks"]}

    async def broken(self, path: str, body: Mapping[str, JSON] | None = None) -> set[str]:
        """The names of the checks that are broken after an action."""
        return {name for name, holds in (await self.checks(path, body)).items() if holds is False}


@pytest.fixture
async def visitors() -> AsyncIterator[Visitors]:
    async with Visitors(most=2) as visitors:
        yield visitors


@pytest.fixture
async def guest(visitors: Visitors) -> AsyncIterator[Guest]:
    transport = httpx.ASGITransport(create_app(visitors))
    async with httpx.AsyncClient(transport=transport, base_url="http://lab") as client:
        yield Guest(client)
