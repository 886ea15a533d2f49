"""The application mounted into FastAPI, beside routes and dependencies of FastAPI's own."""

from __future__ import annotations

import pytest

from sessionstream.transport.access import Access, ConnectionRequest, Principal
from tests.transport.http.serving import Reading, place

fastapi = pytest.importorskip("fastapi")


async def by_token(request: ConnectionRequest) -> Principal | None:
    token = request.bearer()
    return None if token is None else Principal(token)


async def test_fastapi_mounts_it_beside_its_own_routes() -> None:
    async with place(Access(authenticate=by_token)) as served:
        app = fastapi.FastAPI()
        app.get("/health")(lambda: {"ok": True})
        app.mount("/live", served.app)
        async with served.http(app) as client:
            assert (await client.get("/health")).json() == {"ok": True}
            say = "/live/sessions/a%2Fb/commands/Say"
            assert (await client.post(say, json="hi")).status_code == 401
            client.headers["authorization"] = "Bearer ann"
            assert (await client.post(say, json="hi")).status_code == 200
            snapshot = await client.get("/live/sessions/a%2Fb/snapshot")
            assert snapshot.json()["snapshotOrdinal"] == "1"
        reader = Reading(app, "/live/sessions/a b/events", authorization="Bearer ann")
        assert await reader.status() == 200
        _, frame = await reader.frame()
        assert frame["snapshot"]["sessionId"] == "a b"
        await reader.hang_up()
