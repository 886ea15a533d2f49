from __future__ import annotations

import asyncio

import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.wrappers_pb2 import BytesValue

from sessionstream import (
    CommandRefusedError,
    PayloadTypeError,
    PayloadValueError,
    SessionIdError,
    UnknownNameError,
)
from sessionstream.client import (
    ClientClosedError,
    CommandConflictError,
    CommandFailedError,
    CommandRejectedError,
    CommandTimeoutError,
    connect,
)
from sessionstream.v1 import transport_pb2 as pb
from tests.client.conftest import Play
from tests.client.model_server import hello, make_registry
from tests.client.scripted_server import SETTINGS, ScriptedServer, text

Ack = pb.CommandAckFrame


def submitting(play: Play, value: str = "hi") -> asyncio.Task[None]:
    return asyncio.create_task(play.client.submit("s", "Say", text(value)))


class TestOutcome:
    async def test_a_completed_command_returns(self, play: Play) -> None:
        call = submitting(play)
        request = (await play.connection.hear("command")).command
        assert (request.session_id, request.name) == ("s", "Say")
        assert request.command_id
        assert not request.HasField("expected_ordinal")
        play.connection.acknowledge(request, Ack.ACCEPTED)
        play.connection.acknowledge(request, Ack.COMPLETED)
        await call

    async def test_a_command_that_is_only_accepted_is_waited_for(self, play: Play) -> None:
        call = submitting(play)
        request = (await play.connection.hear("command")).command
        play.connection.acknowledge(request, Ack.ACCEPTED)
        other = submitting(play)
        play.connection.acknowledge((await play.connection.hear("command")).command, Ack.COMPLETED)
        await other
        assert not call.done()
        play.connection.acknowledge(request, Ack.COMPLETED)
        await call

    async def test_a_rejected_command_raises_with_code_and_message(self, play: Play) -> None:
        call = submitting(play)
        request = (await play.connection.hear("command")).command
        play.connection.acknowledge(request, Ack.REJECTED, "command_denied", "not for you")
        with pytest.raises(CommandRejectedError, match="command_denied: not for you") as caught:
            await call
        assert caught.value.code == "command_denied"

    async def test_a_conflict_tells_the_head(self, play: Play) -> None:
        call = asyncio.create_task(play.client.send("s", "Say", text("hi"), expected_ordinal=0))
        request = (await play.connection.hear("command")).command
        assert request.HasField("expected_ordinal")
        play.connection.acknowledge(request, Ack.CONFLICT, "conflict", "", head=7)
        with pytest.raises(CommandConflictError) as caught:
            await call
        assert caught.value.head == 7

    async def test_a_refusal_of_the_handler_is_the_same_error_as_over_a_hub(
        self, play: Play
    ) -> None:
        call = submitting(play)
        request = (await play.connection.hear("command")).command
        play.connection.acknowledge(request, Ack.FAILED, "busy", "Try later.")
        with pytest.raises(CommandRefusedError) as caught:
            await call
        assert isinstance(caught.value, CommandFailedError)
        assert (caught.value.code, caught.value.message) == ("busy", "Try later.")

    async def test_a_command_without_an_outcome_in_time_raises(self, play: Play) -> None:
        with pytest.raises(CommandTimeoutError, match="may be run all the same"):
            await play.client.send("s", "Say", text("hi"), seconds=0.001)


class TestSending:
    async def test_a_command_without_outcome_is_sent_again_under_its_id(self, play: Play) -> None:
        call = submitting(play)
        first = (await play.connection.hear("command")).command
        play.connection.acknowledge(first, Ack.ACCEPTED)
        play.connection.end(1006)
        connection = await play.server.accept()
        again = (await connection.hear("command")).command
        assert again.command_id == first.command_id
        connection.acknowledge(again, Ack.DUPLICATE)
        connection.acknowledge(again, Ack.COMPLETED)
        await call

    async def test_every_call_is_a_command_of_its_own(self, play: Play) -> None:
        calls = [submitting(play), submitting(play)]
        requests = [(await play.connection.hear("command")).command for _ in calls]
        assert requests[0].command_id != requests[1].command_id
        for request in requests:
            play.connection.acknowledge(request, Ack.COMPLETED)
        await asyncio.gather(*calls)

    async def test_a_cancelled_call_is_not_sent_again(self, play: Play) -> None:
        call = submitting(play)
        await play.connection.hear("command")
        call.cancel()
        await asyncio.wait([call])
        other = submitting(play, "other")
        await play.connection.hear("command")
        play.connection.end(1006)
        connection = await play.server.accept()
        request = (await connection.hear("command")).command
        assert request.payload.value == text("other").SerializeToString()
        connection.acknowledge(request, Ack.COMPLETED)
        await other

    async def test_what_a_leaving_server_does_not_take_the_next_one_gets(self, play: Play) -> None:
        play.connection.say(pb.ServerFrame(go_away=pb.GoAwayFrame(reconnect_within_ms=1)))
        call = submitting(play)
        request = (await play.connection.hear("command")).command
        play.connection.acknowledge(request, Ack.REJECTED, "unavailable", "closing")
        connection = await play.server.accept()
        again = (await connection.hear("command")).command
        connection.acknowledge(again, Ack.COMPLETED)
        await call

    async def test_what_may_have_been_run_is_not_given_up_for_a_limit(self, play: Play) -> None:
        call = submitting(play)
        await play.connection.hear("command")
        play.connection.end(1006)
        connection = await play.server.accept()
        again = (await connection.hear("command")).command
        connection.acknowledge(again, Ack.REJECTED, "rate_limited", "too fast")
        connection.acknowledge((await connection.hear("command")).command, Ack.COMPLETED)
        await call

    async def test_a_command_beyond_a_limit_is_rejected_at_once(self, play: Play) -> None:
        call = submitting(play)
        request = (await play.connection.hear("command")).command
        play.connection.acknowledge(request, Ack.REJECTED, "rate_limited", "too fast")
        with pytest.raises(CommandRejectedError, match="rate_limited"):
            await call

    async def test_a_frame_that_the_server_would_not_take_is_not_sent(self, play: Play) -> None:
        greeting = hello()
        greeting.hello.limits.max_client_frame_bytes = 1000
        play.server.greets = lambda: greeting
        play.connection.end(1001)
        connection = await play.server.accept()
        with pytest.raises(CommandRejectedError, match="too_large"):
            await play.client.submit("s", "Say", text("x" * 1000))
        assert not connection.has_heard()

    async def test_what_a_token_was_missing_for_is_sent_again_with_the_next(
        self, play: Play
    ) -> None:
        refused = submitting(play)
        request = (await play.connection.hear("command")).command
        play.connection.acknowledge(request, Ack.REJECTED, "unauthenticated", "expired")
        running = submitting(play, "other")
        other = (await play.connection.hear("command")).command
        play.connection.acknowledge(other, Ack.ACCEPTED)
        play.connection.say(pb.ServerFrame(authenticated=pb.AuthenticatedFrame()))
        again = (await play.connection.hear("command")).command
        assert again.command_id == request.command_id
        for each in (again, other):
            play.connection.acknowledge(each, Ack.COMPLETED)
        await asyncio.gather(refused, running)
        assert not play.connection.has_heard(), "what is running is not asked for again"

    async def test_a_payload_without_a_json_form_harms_no_connection(self) -> None:
        registry = make_registry()
        odd = pb.UiEventFrame(payload=AnyMessage(type_url="x/unknown.Type"))
        registry.register_command("Odd", pb.UiEventFrame)
        server = ScriptedServer()
        async with connect("ws://server", registry, settings=SETTINGS, dial=server.dial) as client:
            (await server.accept()).end(1006)
            with pytest.raises(PayloadValueError, match="no JSON form"):
                await client.submit("s", "Odd", odd)
            connection = await server.accept()
            connection.say(pb.ServerFrame(ping=pb.PingFrame()))
            await connection.hear("pong")

    async def test_a_wrong_payload_is_refused_before_it_is_sent(self, play: Play) -> None:
        with pytest.raises(PayloadTypeError):
            await play.client.submit("s", "Say", BytesValue())
        with pytest.raises(UnknownNameError):
            await play.client.submit("s", "Sing", text("hi"))
        with pytest.raises(SessionIdError):
            await play.client.submit("", "Say", text("hi"))

    async def test_closing_ends_what_waits(self, play: Play) -> None:
        call = submitting(play)
        await play.connection.hear("command")
        await play.client.aclose()
        with pytest.raises(ClientClosedError):
            await call
        with pytest.raises(ClientClosedError):
            await play.client.submit("s", "Say", text("hi"))
