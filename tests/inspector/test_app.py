from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import cast

import httpx
import pytest
from google.protobuf.wrappers_pb2 import StringValue
from starlette.applications import Starlette
from starlette.routing import Mount

from sessionstream import Hub, PipelineRecord, PipelineStage, ProjectionError, SchemaRegistry
from sessionstream.inspector import Authorize, InspectorApp, Recorder
from sessionstream.testing.clients.wire import MemoryWire
from sessionstream.testing.stores.samples import NOTE_ADDED
from sessionstream.transport.access import ConnectionRequest
from sessionstream.transport.admission import Admission
from sessionstream.transport.dialects import V2_JSON
from sessionstream.transport.rooms import Rooms
from sessionstream.transport.settings import TransportSettings
from tests.inspecting import notes_app

SECRET = "told in confidence"
EVERYTHING = (
    "",
    "static/inspector.js",
    "api/sessions",
    "api/session?id=s",
    "api/records",
    "api/connections",
    "api/errors",
    "nowhere",
)

Opened = Callable[..., httpx.AsyncClient]


async def allow(request: ConnectionRequest) -> bool:
    return True


@pytest.fixture
def recorder() -> Recorder:
    return Recorder(capacity=100)


@pytest.fixture
async def hub(recorder: Recorder) -> AsyncIterator[Hub]:
    async with Hub(SchemaRegistry(), observers=[recorder]) as hub:
        notes_app.install(hub)
        for text in (SECRET, "more"):
            await hub.publish("s", NOTE_ADDED, StringValue(value=text))
        await recorder.wait(1)
        yield hub


@pytest.fixture
async def rooms(hub: Hub) -> AsyncIterator[Rooms]:
    async with Rooms(hub, TransportSettings(max_queued_frames=3)) as rooms:
        yield rooms


@pytest.fixture
def opened(hub: Hub, recorder: Recorder, rooms: Rooms) -> Opened:
    """Returns a client of an application that mounts the inspector."""

    def opened(authorize: Authorize = allow, *, payloads: bool = False) -> httpx.AsyncClient:
        inspector = InspectorApp(hub, recorder, authorize=authorize, rooms=rooms, payloads=payloads)
        app = Starlette(routes=[Mount("/admin/inspector", inspector)])
        base = "http://127.0.0.1/admin/inspector/"
        return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=base)

    return opened


async def got(client: httpx.AsyncClient, path: str) -> dict[str, object]:
    response = await client.get(path)
    assert response.status_code == 200, response.text
    return cast(dict[str, object], response.json())


class TestWhoMayLook:
    @pytest.mark.parametrize("path", EVERYTHING)
    async def test_who_is_not_allowed_gets_nothing_at_all(self, path: str, opened: Opened) -> None:
        async def refuse(request: ConnectionRequest) -> bool:
            return False

        response = await opened(refuse).get(path)
        assert response.status_code == 403
        assert response.json()["code"] == "inspector_denied"

    @pytest.mark.parametrize("answer", [None, 1, "yes", ValueError("a secret of the hook")])
    async def test_everything_but_a_plain_yes_refuses(
        self, answer: object, opened: Opened, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def odd(request: ConnectionRequest) -> bool:
            if isinstance(answer, Exception):
                raise answer
            return cast(bool, answer)

        response = await opened(odd).get("api/sessions")
        assert response.status_code == 403
        assert "secret" not in response.text
        assert "the hook authorize" in caplog.text

    async def test_a_hook_that_does_not_answer_refuses(
        self, opened: Opened, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def never(request: ConnectionRequest) -> bool:
            await asyncio.Event().wait()
            return True

        monkeypatch.setattr("sessionstream.inspector.app._HOOK_TIMEOUT", 0.01)
        assert (await opened(never).get("api/sessions")).status_code == 403

    async def test_the_hook_sees_the_request(self, opened: Opened) -> None:
        async def with_token(request: ConnectionRequest) -> bool:
            return request.bearer() == "t"

        client = opened(with_token)
        assert (await client.get("")).status_code == 403
        answer = await client.get("", headers={"Authorization": "Bearer t"})
        assert answer.status_code == 200

    def test_it_can_not_be_made_without_a_hook(self, hub: Hub, recorder: Recorder) -> None:
        with pytest.raises(TypeError, match="authorize"):
            InspectorApp(hub, recorder, authorize=cast(Authorize, None))


class TestWhatIsShown:
    async def test_the_page_brings_what_it_needs_under_any_mount(self, opened: Opened) -> None:
        client = opened()
        page = await client.get("")
        assert "default-src 'none'" in page.headers["content-security-policy"]
        for path in ("static/inspector.css", "static/inspector.js", "static/icon.svg"):
            assert f'"{path}"' in page.text
            assert (await client.get(path)).status_code == 200

    @pytest.mark.parametrize("path", ["/i", ""])  # as ASGI has it, and by an older reading
    async def test_the_mount_itself_leads_to_the_page(
        self, path: str, hub: Hub, recorder: Recorder
    ) -> None:
        inspector = InspectorApp(hub, recorder, authorize=allow)
        sent: list[Mapping[str, object]] = []

        async def send(message: Mapping[str, object]) -> None:
            sent.append(message)

        async def receive() -> Mapping[str, object]:
            await asyncio.Event().wait()
            raise AssertionError

        scope = {"type": "http", "method": "GET", "path": path, "root_path": "/i", "headers": []}
        await inspector({**scope, "query_string": b"", "scheme": "http"}, receive, send)
        assert sent[0]["status"] == 307

    async def test_sessions_have_heads_cursors_and_watchers(self, opened: Opened) -> None:
        answer = await got(opened(), "api/sessions")
        [row] = cast(list[dict[str, object]], answer["sessions"])
        found = {name: row[name] for name in ("session", "head", "ui", "timeline", "watchers")}
        assert found == {"session": "s", "head": 2, "ui": 2, "timeline": 2, "watchers": 0}
        assert answer["next"] is None

    async def test_many_sessions_come_in_pages(self, hub: Hub, opened: Opened) -> None:
        for number in range(60):
            await hub.publish(f"many {number:02}", NOTE_ADDED, StringValue())
        client, after, seen = opened(), "", 0
        while True:
            answer = await got(client, f"api/sessions?after={after}" if after else "api/sessions")
            seen += len(cast(list[object], answer["sessions"]))
            if answer["next"] is None:
                break
            after = str(answer["next"])
        assert seen == 61

    async def test_a_session_is_shown_with_its_payloads_where_asked(self, opened: Opened) -> None:
        answer = await got(opened(payloads=True), "api/session?id=s")
        events = cast(list[dict[str, object]], answer["events"])
        assert [event["payload"] for event in events] == [SECRET, "more"]
        assert answer["entities_total"] == 2

    async def test_a_projection_that_is_held_back_is_seen(
        self, hub: Hub, opened: Opened, refusing: None
    ) -> None:
        notes_app.refused.add("bad")
        with pytest.raises(ProjectionError):
            await hub.publish("s", NOTE_ADDED, StringValue(value="bad"))
        [row] = cast(list[dict[str, object]], (await got(opened(), "api/sessions"))["sessions"])
        assert (row["head"], row["timeline"]) == (3, 2)
        [error] = cast(list[dict[str, object]], (await got(opened(), "api/errors"))["errors"])
        assert (error["source"], error["ordinal"]) == ("timeline", 3)

    async def test_without_leave_no_answer_holds_a_payload_or_the_text_of_an_error(
        self, hub: Hub, opened: Opened, refusing: None
    ) -> None:
        notes_app.refused.add(SECRET)
        with pytest.raises(ProjectionError):
            await hub.publish("s", NOTE_ADDED, StringValue(value=SECRET))
        assert await hub.observers.flush()
        closed, open_ = opened(), opened(payloads=True)
        shown = 0
        for path in EVERYTHING[2:]:
            assert SECRET not in (await closed.get(path)).text
            shown += SECRET in (await open_.get(path)).text
        assert shown == 3  # the session, its records and its errors

    @pytest.mark.parametrize("path", ["api/session", "api/session?id=", "api/records?after=-1"])
    async def test_a_question_that_is_none_is_told(self, path: str, opened: Opened) -> None:
        response = await opened().get(path)
        assert response.status_code == 400
        assert response.json()["detail"]

    async def test_a_session_that_is_not_there_is_told(self, opened: Opened) -> None:
        response = await opened().get("api/session?id=t")
        assert (response.status_code, response.json()["code"]) == (404, "not_found")

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
    async def test_nothing_can_be_changed(self, method: str, opened: Opened) -> None:
        response = await opened().request(method, "api/session?id=s")
        assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD")


class TestRecords:
    async def test_records_come_in_order_and_news_end_the_waiting(
        self, hub: Hub, opened: Opened
    ) -> None:
        client = opened()
        first = await got(client, "api/records")
        newest = cast(int, first["newest"])
        sequences = [row["sequence"] for row in cast(list[dict[str, object]], first["records"])]
        assert sequences == list(range(1, newest + 1))
        waiting = asyncio.create_task(got(client, f"api/records?after={newest}"))
        await hub.publish("s", NOTE_ADDED, StringValue())
        records = cast(list[dict[str, object]], (await waiting)["records"])
        assert records[0]["sequence"] == newest + 1

    async def test_what_was_forgotten_is_counted(self, hub: Hub, opened: Opened) -> None:
        for _ in range(150):
            await hub.publish("s", NOTE_ADDED, StringValue())
        assert await hub.observers.flush()
        assert cast(int, (await got(opened(), "api/records?after=1"))["missed"]) >= 50

    async def test_those_of_one_session_can_be_asked_for(self, hub: Hub, opened: Opened) -> None:
        await hub.publish("t", NOTE_ADDED, StringValue())
        records = await got(opened(), "api/records?session=s")
        rows = cast(list[dict[str, object]], records["records"])
        assert {row["session_id"] for row in rows} == {"s"}

    async def test_one_too_many_who_wait_is_told_to_come_again(
        self, hub: Hub, opened: Opened, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sessionstream.inspector.views.MOST_WAITING", 1)
        assert await hub.observers.flush()
        client = opened()
        newest = (await got(client, "api/records"))["newest"]
        path = f"api/records?after={newest}"
        first, second = (asyncio.create_task(client.get(path)) for _ in range(2))
        done, _ = await asyncio.wait((first, second), return_when=asyncio.FIRST_COMPLETED)
        [refused] = [task.result() for task in done]
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        await hub.publish("s", NOTE_ADDED, StringValue())
        assert {task.result().status_code for task in (await asyncio.wait((first, second)))[0]} == {
            200,
            503,
        }

    async def test_of_an_event_with_very_many_entities_some_are_named(
        self, recorder: Recorder, opened: Opened
    ) -> None:
        entities = tuple(("Note", f"n{number}") for number in range(3000))
        stage = PipelineStage.EVENT_COMMITTED
        recorder(PipelineRecord(stage=stage, session_id="s", name="Noted", entities=entities))
        *_, row = cast(list[dict[str, object]], (await got(opened(), "api/records"))["records"])
        named = cast(list[object], row["entities"])
        assert (named[0], named[-1], len(named)) == (["Note", "n0"], "and 2980 more", 21)

    async def test_a_reader_of_another_life_begins_anew(self, opened: Opened) -> None:
        answer = await got(opened(), "api/records?after=999999")
        assert cast(list[object], answer["records"])


class TestConnections:
    async def test_a_slow_client_is_seen_with_its_lag(
        self, hub: Hub, rooms: Rooms, opened: Opened
    ) -> None:
        wire = MemoryWire()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(rooms.handle(wire, Admission(dialect=V2_JSON)))
            await wire.hear()
            wire.say('{"subscribe": {"sessionId": "s"}}')
            await wire.hear()
            await wire.hear()
            assert await self._subscription(opened()) == ("live", 2, 0)
            wire.stop_reading()
            for _ in range(10):
                await hub.publish("s", NOTE_ADDED, StringValue())
            state, cursor, lag = await self._subscription(opened())
            assert (state, cursor + lag) == ("lagging", 12)
            assert lag > 0
            wire.go_on_reading()
            wire.hang_up()

    async def _subscription(self, client: httpx.AsyncClient) -> tuple[str, int, int]:
        answer = await got(client, "api/connections")
        [connection] = cast(list[dict[str, object]], answer["connections"])
        assert connection["subprotocol"] == "sessionstream.v2.json"
        [row] = cast(list[dict[str, object]], connection["subscriptions"])
        return str(row["state"]), cast(int, row["cursor"]), cast(int, row["lag"])
