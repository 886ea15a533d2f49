"""Snapshots over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest
from google.protobuf.wrappers_pb2 import StringValue

from sessionstream.transport.access import Access, Principal
from sessionstream.v1 import transport_pb2 as pb
from tests.transport.http.serving import Place, place

SNAPSHOT = "/sessions/s/snapshot"
BINARY = {"accept": "application/x-protobuf"}


@pytest.fixture
async def served() -> AsyncIterator[Place]:
    async with place() as served:
        yield served


class TestASnapshot:
    async def test_it_is_the_frame_whole_with_its_position(self, served: Place) -> None:
        await served.said("one")
        async with served.http() as client:
            answer = await client.get(SNAPSHOT)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/json"
        epoch = (await served.hub.position("s")).epoch
        assert answer.json() == {
            "sessionId": "s",
            "snapshotOrdinal": "1",
            "entities": [
                {
                    "kind": "Note",
                    "id": "n1",
                    "createdOrdinal": "1",
                    "lastEventOrdinal": "1",
                    "payload": {
                        "@type": "type.googleapis.com/google.protobuf.StringValue",
                        "value": "one",
                    },
                }
            ],
            "epoch": epoch,
            "partIndex": 0,
            "partCount": 1,
        }

    async def test_a_session_without_events_is_empty(self, served: Place) -> None:
        async with served.http() as client:
            answer = await client.get(SNAPSHOT)
        assert answer.status_code == 200
        assert (answer.json()["snapshotOrdinal"], answer.json()["entities"]) == ("0", [])

    async def test_it_is_binary_for_whoever_likes_that_better(self, served: Place) -> None:
        await served.said("one")
        async with served.http() as client:
            answer = await client.get(SNAPSHOT, headers=BINARY)
        assert answer.headers["content-type"] == "application/x-protobuf"
        frame = pb.SnapshotFrame.FromString(answer.content)
        assert (frame.session_id, frame.snapshot_ordinal, frame.part_count) == ("s", 1, 1)
        payload = StringValue()
        assert frame.entities[0].payload.Unpack(payload)
        assert payload.value == "one"

    async def test_a_form_that_it_does_not_have_is_406(self, served: Place) -> None:
        async with served.http() as client:
            answer = await client.get(SNAPSHOT, headers={"accept": "text/html"})
        assert answer.status_code == 406

    @pytest.mark.parametrize(
        "session_id", ["a/b", "größe", "%2F", "a b?c#d", "🙂", "..", "snapshot"]
    )
    async def test_an_id_may_hold_anything(self, served: Place, session_id: str) -> None:
        await served.hub.publish(session_id, "Said", StringValue(value="one"))
        async with served.http() as client:
            answer = await client.get(f"/sessions/{_encoded(session_id)}/snapshot")
        assert answer.json()["sessionId"] == session_id
        assert answer.json()["snapshotOrdinal"] == "1"

    async def test_an_id_that_is_none_is_400(self, served: Place) -> None:
        async with served.http() as client:
            assert (await client.get(f"/sessions/{'x' * 513}/snapshot")).status_code == 400
            assert (await client.get("/sessions//snapshot")).status_code == 400

    async def test_a_closed_hub_has_none(self, served: Place) -> None:
        await served.hub.aclose()
        async with served.http() as client:
            answer = await client.get(SNAPSHOT)
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


def _encoded(session_id: str) -> str:
    # Clients take a segment of two dots out of a path, as they should.
    return quote(session_id, safe="").replace(".", "%2E")


class TestItsTag:
    async def test_it_begins_with_the_position(self, served: Place) -> None:
        await served.said("one", "two")
        epoch = (await served.hub.position("s")).epoch
        async with served.http() as client:
            tag = (await client.get(SNAPSHOT)).headers["etag"]
        assert tag.startswith(f'"{epoch}:2:')

    async def test_what_has_not_changed_is_not_sent_again(self, served: Place) -> None:
        await served.said("one")
        async with served.http() as client:
            first = await client.get(SNAPSHOT)
            headers = {"if-none-match": first.headers["etag"]}
            again = await client.get(SNAPSHOT, headers=headers)
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == first.headers["etag"]
            await served.said("two")
            assert (await client.get(SNAPSHOT, headers=headers)).status_code == 200

    async def test_another_form_has_another_tag(self, served: Place) -> None:
        async with served.http() as client:
            json, binary = await client.get(SNAPSHOT), await client.get(SNAPSHOT, headers=BINARY)
        assert json.headers["etag"] != binary.headers["etag"]
        assert json.headers["vary"] == "accept"

    async def test_another_life_of_the_session_has_another_tag(self, served: Place) -> None:
        await served.said("one")
        async with served.http() as client:
            first = (await client.get(SNAPSHOT)).headers["etag"]
            await served.hub.delete_session("s")
            await served.said("one")
            assert (await client.get(SNAPSHOT)).headers["etag"] != first

    async def test_nobody_but_the_browser_of_one_person_keeps_it(self, served: Place) -> None:
        async with served.http() as client:
            answer = await client.get(SNAPSHOT)
        assert answer.headers["cache-control"] == "private, no-cache"


class TestWhoMay:
    async def test_a_session_that_is_denied_is_like_one_that_does_not_exist(self) -> None:
        async def mine(principal: Principal, session_id: str) -> bool:
            return session_id == "mine"

        async with place(Access(authorize_subscribe=mine)) as served, served.http() as client:
            await served.said("secret")
            denied = await client.get(SNAPSHOT, headers={"if-none-match": "*"})
            missing = await client.get("/sessions/t/snapshot", headers={"if-none-match": "*"})
            assert (await client.get("/sessions/mine/snapshot")).status_code == 200
        assert (denied.status_code, denied.json()["code"]) == (403, "subscribe_denied")
        assert denied.text == missing.text
        assert denied.headers == missing.headers
