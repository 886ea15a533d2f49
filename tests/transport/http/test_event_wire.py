"""An event stream as a wire."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping

import pytest

from sessionstream.transport.codes import CloseCode
from sessionstream.transport.encoded import Encoded
from sessionstream.transport.http.event_wire import EventWire
from sessionstream.transport.http.problems import ProblemError
from sessionstream.transport.http.stream import EventStream, Frames

SUBSCRIBED = '{"subscribed":{"sessionId":"s","epoch":"e","headOrdinal":"3"}}'


class Client:
    """What goes out over ASGI."""

    def __init__(self) -> None:
        self.messages: list[dict[str, object]] = []
        self.is_gone = False
        self.wire = EventWire(self._take, EventStream(Frames()), '{"subscribe":{}}', retry=1.5)

    async def _take(self, message: dict[str, object]) -> None:
        if self.is_gone:
            raise RuntimeError("Unexpected ASGI message")
        self.messages.append(message)

    async def send(self, *texts: str) -> None:
        """Makes the connection say something."""
        await self.wire.send(Encoded(tuple(text.encode() for text in texts), is_text=True))

    @property
    def types(self) -> list[object]:
        return [message["type"] for message in self.messages]

    @property
    def body(self) -> str:
        bodies = [message.get("body", b"") for message in self.messages]
        return b"".join(each for each in bodies if isinstance(each, bytes)).decode()

    def problem(self) -> ProblemError:
        with pytest.raises(ProblemError) as caught:
            self.wire.check_begun()
        return caught.value


async def told(wire: EventWire) -> Mapping[str, object] | None:
    said = await wire.receive()
    if said is None:
        return None
    frame: Mapping[str, object] = json.loads(said)
    return frame


class TestTheBeginning:
    async def test_the_client_says_one_thing(self) -> None:
        client = Client()
        assert await told(client.wire) == {"subscribe": {}}
        client.wire.hang_up()
        assert await told(client.wire) is None

    async def test_a_greeting_does_not_begin_the_answer(self) -> None:
        client = Client()
        await client.send('{"hello":{"connectionId":"c"}}')
        assert not client.messages

    async def test_the_first_frame_does_and_says_when_to_come_back(self) -> None:
        client = Client()
        await client.send(SUBSCRIBED)
        client.wire.check_begun()
        assert client.types == ["http.response.start", "http.response.body"]
        assert client.messages[0]["status"] == 200
        assert client.body == f"retry: 1500\n\nid: e:3\ndata: {SUBSCRIBED}\n\n"

    async def test_frames_that_belong_together_go_out_together(self) -> None:
        client = Client()
        await client.send(SUBSCRIBED, SUBSCRIBED)
        assert client.types == ["http.response.start", "http.response.body"]
        assert client.body.count("data: ") == 2

    async def test_the_answer_has_no_length(self) -> None:
        client = Client()
        await client.send(SUBSCRIBED)
        headers = client.messages[0]["headers"]
        assert isinstance(headers, list)
        assert (b"content-type", b"text/event-stream") in headers
        assert not [name for name, _ in headers if name == b"content-length"]


class TestARefusal:
    async def test_an_error_before_the_beginning_is_a_problem(self) -> None:
        client = Client()
        await client.send('{"error":{"code":"subscribe_denied","message":"no"}}')
        await told(client.wire)
        assert await told(client.wire) is None
        await client.wire.close(1000, "")
        assert not client.messages
        assert (client.problem().status, client.problem().message) == (403, "no")

    @pytest.mark.parametrize(
        ("code", "status"),
        [
            (CloseCode.NORMAL, 503),
            (CloseCode.GOING_AWAY, 503),
            (CloseCode.TRY_AGAIN_LATER, 503),
            (CloseCode.INTERNAL_ERROR, 503),
            (CloseCode.TOO_BIG, 400),
            (CloseCode.UNAUTHENTICATED, 401),
            (CloseCode.REVOKED, 403),
            (CloseCode.TOO_MANY_OF_PRINCIPAL, 429),
        ],
    )
    async def test_so_is_a_close(self, code: CloseCode, status: int) -> None:
        client = Client()
        await client.wire.close(code, "why")
        assert client.problem().status == status
        assert not client.messages

    async def test_so_is_an_end_that_nobody_explains(self) -> None:
        assert Client().problem().status == 503


class TestTheEnd:
    async def test_an_error_later_is_the_last_event(self) -> None:
        client = Client()
        await client.send(SUBSCRIBED)
        await client.send('{"error":{"code":"subscribe_denied","message":"no"}}')
        assert '"subscribe_denied"' in client.body
        await told(client.wire)
        assert await told(client.wire) is None

    async def test_a_close_says_why_and_ends_the_answer_once(self) -> None:
        client = Client()
        await client.send(SUBSCRIBED)
        await client.wire.close(4401, "over")
        await client.wire.close(1001, "again")
        assert client.body.endswith('event: close\ndata: {"code": 4401, "reason": "over"}\n\n')
        assert [message.get("more_body", False) for message in client.messages[1:]] == [True, False]

    async def test_a_client_that_left_is_told_nothing(self) -> None:
        client = Client()
        await client.send(SUBSCRIBED)
        await client.wire.close(1000, "")
        assert "close" not in client.body

    async def test_a_server_that_has_closed_by_itself_is_a_lost_connection(self) -> None:
        client = Client()
        client.is_gone = True
        with pytest.raises(ConnectionResetError):
            await client.send(SUBSCRIBED)


class TestAPing:
    async def test_it_is_answered_once_it_was_taken(self) -> None:
        client = Client()
        await client.send(SUBSCRIBED)
        await client.send('{"ping":{"nonce":"n"}}')
        assert client.body.endswith("\n\n:\n\n")
        await told(client.wire)
        assert await told(client.wire) == {"pong": {"nonce": "n"}}

    async def test_it_is_answered_once(self) -> None:
        client = Client()
        await client.send('{"ping":{"nonce":"n"}}')
        await client.send(SUBSCRIBED)
        client.wire.hang_up()
        assert [await told(client.wire) for _ in range(3)] == [
            {"subscribe": {}},
            {"pong": {"nonce": "n"}},
            None,
        ]

    async def test_one_before_the_beginning_does_not_begin_it(self) -> None:
        client = Client()
        await client.send('{"ping":{"nonce":"n"}}')
        assert not client.messages
        await told(client.wire)
        assert await told(client.wire) == {"pong": {"nonce": "n"}}

    async def test_one_that_is_not_taken_is_not_answered(self) -> None:
        client = Client()
        await client.send(SUBSCRIBED)
        await told(client.wire)
        client.is_gone = True
        with pytest.raises(ConnectionResetError):
            await client.send('{"ping":{"nonce":"n"}}')
        answer = asyncio.ensure_future(told(client.wire))
        await asyncio.sleep(0)
        assert not answer.done()
        answer.cancel()
