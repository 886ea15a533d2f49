"""Commands over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus

import pytest
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import StringValue

from sessionstream.testing.clients.wire import MemoryWire
from sessionstream.transport.access import Access, ConnectionRequest, Principal
from sessionstream.transport.admission import Admission
from sessionstream.transport.dialects import V2_JSON
from sessionstream.transport.http import HTTPSettings
from sessionstream.transport.settings import TransportSettings
from tests.transport.frames import heard, say
from tests.transport.http.serving import Place, place

SAY = "/sessions/s/commands/Say"
JSON = {"content-type": "application/json"}


@pytest.fixture
async def served() -> AsyncIterator[Place]:
    async with place() as served:
        yield served


class TestAnOutcome:
    async def test_a_command_that_ends_is_200_with_the_ordinal_of_the_last_event(
        self, served: Place
    ) -> None:
        async with served.http() as client:
            answer = await client.post(SAY, json="hi", headers={"idempotency-key": "k"})
        assert answer.status_code == 200
        assert answer.json() == {
            "commandId": "k",
            "sessionId": "s",
            "status": "COMPLETED",
            "headOrdinal": "1",
        }
        assert answer.headers["idempotency-key"] == "k"
        assert (await served.hub.snapshot("s")).snapshot_ordinal == 1

    async def test_one_that_is_refused_by_its_handler_has_the_handlers_code(
        self, served: Place
    ) -> None:
        async with served.http() as client:
            answer = await client.post(SAY, json="refuse", headers={"idempotency-key": "k"})
        assert answer.status_code == 422
        assert answer.headers["idempotency-key"] == "k"
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json() == {
            "title": HTTPStatus.UNPROCESSABLE_ENTITY.phrase,  # another one from Python 3.13 on
            "status": 422,
            "code": "out_of_stock",
            "detail": "there is none left",
            "commandId": "k",
            "headOrdinal": "0",
        }

    async def test_of_one_that_fails_the_client_learns_only_that(self, served: Place) -> None:
        async with served.http() as client:
            answer = await client.post(SAY, json="fail")
        assert (answer.status_code, answer.json()["code"]) == (500, "failed")
        assert "secret" not in answer.text

    async def test_binary_is_as_good_as_json(self, served: Place) -> None:
        async with served.http() as client:
            answer = await client.post(
                SAY,
                content=StringValue(value="hi").SerializeToString(),
                headers={"content-type": "application/x-protobuf"},
            )
        assert answer.status_code == 200
        snapshot = await served.hub.snapshot("s")
        assert snapshot.entities[0].payload == StringValue(value="hi")

    async def test_without_a_key_each_is_a_command_of_its_own(self, served: Place) -> None:
        async with served.http() as client:
            answers = [await client.post(SAY, json="hi") for _ in range(2)]
        assert len({answer.json()["commandId"] for answer in answers}) == 2
        assert served.application.runs == 2


class TestTheSameKey:
    async def test_it_is_answered_again_and_not_run_again(self, served: Place) -> None:
        headers = {"idempotency-key": '"k"'}
        async with served.http() as client:
            first = await client.post(SAY, json="hi", headers=headers)
            again = await client.post(SAY, json="hi", headers=headers)
        assert "idempotent-replayed" not in first.headers
        assert again.headers["idempotent-replayed"] == "true"
        assert again.json() == first.json()
        assert served.application.runs == 1

    async def test_a_handlers_word_that_is_one_of_ours_is_still_a_refusal_of_its_own(
        self, served: Place
    ) -> None:
        async with served.http() as client:
            answer = await client.post(SAY, json="refuse in our words")
        assert (answer.status_code, answer.json()["code"]) == (422, "unavailable")
        assert "retry-after" not in answer.headers

    async def test_a_failure_is_answered_again_too(self, served: Place) -> None:
        headers = {"idempotency-key": "k"}
        async with served.http() as client:
            first = await client.post(SAY, json="refuse", headers=headers)
            again = await client.post(SAY, json="refuse", headers=headers)
        assert (again.status_code, again.json()) == (first.status_code, first.json())
        assert again.headers["idempotent-replayed"] == "true"
        assert served.application.runs == 1

    async def test_for_another_command_it_is_refused(self, served: Place) -> None:
        headers = {"idempotency-key": "k"}
        async with served.http() as client:
            await client.post(SAY, json="hi", headers=headers)
            other = await client.post("/sessions/s/commands/Shout", json="hi", headers=headers)
            elsewhere = await client.post("/sessions/t/commands/Shout", json="hi", headers=headers)
        assert (other.status_code, other.json()["code"]) == (422, "command_id_reused")
        assert elsewhere.status_code == 200
        assert served.application.runs == 2

    async def test_of_another_principal_it_is_refused_and_tells_nothing(self) -> None:
        async def authenticate(request: ConnectionRequest) -> Principal | None:
            return Principal(request.bearer() or "nobody")

        async with place(Access(authenticate=authenticate)) as served, served.http() as client:
            for name, status in (("ann", 422), ("bob", 422), ("ann", 422)):
                headers = {"idempotency-key": "k", "authorization": f"Bearer {name}"}
                answer = await client.post(SAY, json="refuse", headers=headers)
                assert answer.status_code == status
                told = (answer.json()["code"], answer.json()["detail"])
                is_hers = told == ("out_of_stock", "there is none left")
                assert is_hers or told[0] == "command_id_reused"
                assert is_hers == (name == "ann")
            assert served.application.runs == 1


class TestAnAnswerBeforeTheOutcome:
    @pytest.mark.parametrize(
        ("query", "prefer"), [("?wait=0", ""), ("?wait=0.001", ""), ("", "respond-async")]
    )
    async def test_a_client_that_does_not_wait_gets_202(
        self, served: Place, query: str, prefer: str
    ) -> None:
        headers = {"idempotency-key": "k", "prefer": prefer}
        async with served.http() as client:
            first = await client.post(SAY + query, json="wait", headers=headers)
            again = await client.post(SAY + query, json="wait", headers=headers)
            served.application.go_on.set()
            end = await client.post(SAY, json="wait", headers=headers | {"prefer": ""})
        assert (first.status_code, first.json()["status"]) == (202, "ACCEPTED")
        assert (again.status_code, again.json()["status"]) == (202, "DUPLICATE")
        assert (end.status_code, end.json()["status"]) == (200, "COMPLETED")
        assert served.application.runs == 1

    async def test_nobody_waits_longer_than_the_limit(self) -> None:
        async with (
            place(http=HTTPSettings(outcome_timeout=0.001)) as served,
            served.http() as client,
        ):
            answer = await client.post(SAY + "?wait=1000", json="wait")
        assert answer.status_code == 202

    async def test_a_client_that_leaves_cancels_nothing(self, served: Place) -> None:
        async with served.http() as client:
            asking = asyncio.create_task(client.post(SAY, json="wait"))
            await served.application.waits.wait()
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            served.application.go_on.set()
            await client.post(SAY, json="hi")
        assert (await served.hub.snapshot("s")).snapshot_ordinal == 2


class TestAnExpectedOrdinal:
    async def test_the_right_one_lets_the_command_run(self, served: Place) -> None:
        await served.said("one", "two")
        async with served.http() as client:
            answer = await client.post(SAY + "?expectedOrdinal=2", json="hi")
        assert answer.status_code == 200

    async def test_a_wrong_one_is_a_conflict_and_tells_the_right_one(self, served: Place) -> None:
        await served.said("one", "two")
        async with served.http() as client:
            answer = await client.post(SAY + "?expectedOrdinal=1", json="hi")
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
        assert answer.json()["headOrdinal"] == "2"
        assert served.application.runs == 0

    @pytest.mark.parametrize("query", ["?expectedOrdinal=x", "?expectedOrdinal="])
    async def test_what_is_none_is_refused(self, served: Place, query: str) -> None:
        async with served.http() as client:
            assert (await client.post(SAY + query, json="hi")).status_code == 400
        assert served.application.runs == 0

    async def test_a_condition_in_a_header_is_refused_not_ignored(self, served: Place) -> None:
        async with served.http() as client:
            answer = await client.post(SAY, json="hi", headers={"if-match": '"e:1"'})
        assert (answer.status_code, served.application.runs) == (400, 0)
        assert "expectedOrdinal" in answer.json()["detail"]


class TestWhatIsNotTakenIn:
    @pytest.mark.parametrize(
        ("path", "status", "code"),
        [
            ("/sessions/s/commands/Unknown", 404, "unknown_command"),
            ("/sessions/s/commands/Nobody", 501, "no_handler"),
            (f"/sessions/{'x' * 513}/commands/Say", 400, "protocol_error"),
            ("/sessions//commands/Say", 400, "protocol_error"),
        ],
    )
    async def test_a_wrong_path_says_what_is_wrong(
        self, served: Place, path: str, status: int, code: str
    ) -> None:
        async with served.http() as client:
            answer = await client.post(path, json="hi")
        assert (answer.status_code, answer.json()["code"]) == (status, code)

    async def test_a_payload_that_is_none_is_400(self, served: Place) -> None:
        async with served.http() as client:
            answer = await client.post(SAY, json={"text": "hi"})
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_payload")

    async def test_a_form_of_a_page_is_415(self, served: Place) -> None:
        async with served.http() as client:
            assert (await client.post(SAY, data={"value": "hi"})).status_code == 415
            assert (await client.post(SAY, content=b'"hi"')).status_code == 415

    async def test_a_body_above_the_limit_is_413(self) -> None:
        settings = TransportSettings(max_frame_bytes=10)
        async with place(settings=settings) as served, served.http() as client:
            assert (await client.post(SAY, json="x" * 10)).status_code == 413
            assert (await client.post(SAY, json="x" * 8)).status_code == 200

    async def test_a_closed_hub_takes_none(self, served: Place) -> None:
        await served.hub.aclose()
        async with served.http() as client:
            answer = await client.post(SAY, json="hi")
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert answer.headers["retry-after"] == "1"


class TestLimits:
    async def test_too_many_commands_are_429_and_told_when_to_come_again(self) -> None:
        settings = TransportSettings(commands_per_second=0.01, command_burst=2)
        async with place(settings=settings) as served, served.http() as client:
            answers = [await client.post(SAY, json="hi") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[2].json()["code"] == "rate_limited"
        assert 0 < int(answers[2].headers["retry-after"]) <= 100

    async def test_each_principal_has_its_own(self) -> None:
        async def authenticate(request: ConnectionRequest) -> Principal | None:
            return Principal(request.bearer() or "nobody")

        settings = TransportSettings(commands_per_second=0.01, command_burst=1)
        async with (
            place(Access(authenticate=authenticate), settings=settings) as served,
            served.http() as client,
        ):
            for name, status in (("ann", 200), ("ann", 429), ("bob", 200)):
                headers = {"authorization": f"Bearer {name}"}
                assert (await client.post(SAY, json="hi", headers=headers)).status_code == status

    async def test_commands_that_have_not_ended_count_over_both_doors(self) -> None:
        async def authenticate(request: ConnectionRequest) -> Principal | None:
            return Principal(request.bearer() or "nobody")

        settings = TransportSettings(max_pending_commands=2, drain_seconds=0)
        async with (
            place(Access(authenticate=authenticate), settings=settings) as served,
            served.http() as client,
        ):
            bob = {"authorization": "Bearer bob"}
            for _ in range(2):
                answer = await client.post(SAY + "?wait=0", json="wait", headers=bob)
                assert answer.status_code == 202
            third = await client.post(SAY + "?wait=0", json="wait", headers=bob)
            assert (third.status_code, third.json()["code"]) == (429, "rate_limited")
            wire = MemoryWire()
            admission = Admission(dialect=V2_JSON, principal=Principal("bob"))
            serving = asyncio.create_task(served.rooms.handle(wire, admission))
            assert (await heard(wire))[0] == "hello"
            wire.say(say())
            assert (await heard(wire))[1]["code"] == "rate_limited"
            wire.hang_up()
            await serving
            ann = {"authorization": "Bearer ann"}
            assert (await client.post(SAY, json="hi", headers=ann)).status_code == 200
            served.application.go_on.set()


class TestWhoMay:
    async def test_the_hook_decides_with_the_message(self) -> None:
        async def authorize(
            principal: Principal, session_id: str, name: str, message: Message
        ) -> bool:
            return (session_id, name, message) == ("s", "Say", StringValue(value="hi"))

        async with (
            place(Access(authorize_command=authorize)) as served,
            served.http() as client,
        ):
            assert (await client.post(SAY, json="hi")).status_code == 200
            refused = await client.post(SAY, json="ho")
        assert (refused.status_code, refused.json()["code"]) == (403, "command_denied")
        assert served.application.runs == 1

    async def test_the_hook_is_asked_about_nothing_that_can_not_be(self) -> None:
        asked: list[str] = []

        async def authorize(
            principal: Principal, session_id: str, name: str, message: Message
        ) -> bool:
            asked.append(session_id)
            return True

        async with (
            place(Access(authorize_command=authorize)) as served,
            served.http() as client,
        ):
            for path, body in (
                (f"/sessions/{'x' * 513}/commands/Say", b'"hi"'),
                ("/sessions/s/commands/Unknown", b'"hi"'),
                (SAY, b'"\\ud800"'),
            ):
                answer = await client.post(path, content=body, headers=JSON)
                assert answer.status_code in (400, 404)
        assert not asked
