"""What a type checker would have refused gets one line, and leaves nothing behind."""

from __future__ import annotations

import math
from typing import Any

import pytest
from google.protobuf.wrappers_pb2 import StringValue

from sessionstream import Hub, ResumePoint
from sessionstream.client import ClientSettings, connect
from tests.client.conftest import Play
from tests.client.model_server import make_registry, snapshot, subscribed
from tests.client.scripted_server import ScriptedServer


class TestWatch:
    @pytest.mark.parametrize("since", ["x", 5, ("e", 1)], ids=repr)
    async def test_another_since_is_refused_at_the_call(self, play: Play, since: Any) -> None:
        with pytest.raises(TypeError, match="since is a ResumePoint, the position of an update"):
            play.client.watch("s", since=since)

    async def test_another_since_leaves_nothing_behind(self, play: Play) -> None:
        wrong: Any = "x"
        with pytest.raises(TypeError):
            async with play.client.watch("s", since=wrong):
                pass
        async with play.client.watch("s") as updates:
            play.connection.say(snapshot(1), subscribed(1))
            assert (await anext(updates)).position == ResumePoint("e", 1)

    async def test_a_hub_refuses_it_too(self) -> None:
        wrong: Any = "x"
        async with Hub(make_registry()) as hub:
            with pytest.raises(TypeError, match="since is a ResumePoint"):
                hub.watch("s", since=wrong)

    async def test_the_greatest_position_can_be_asked_for(self, play: Play) -> None:
        since = ResumePoint("e", 2**64 - 1)
        async with play.client.watch("s", since=since):
            await play.connection.hear("subscribe")
        async with Hub(make_registry()) as hub, hub.watch("s", since=since) as updates:
            assert (await anext(updates)).position.ordinal == 0

    @pytest.mark.parametrize("ordinal", [-1, 2**64, 2**65])
    def test_a_position_beyond_all_ordinals_is_refused(self, ordinal: int) -> None:
        with pytest.raises(ValueError, match="0 or more, and below"):
            ResumePoint("e", ordinal)

    def test_a_position_that_no_frame_could_carry_is_refused(self) -> None:
        with pytest.raises(ValueError, match="valid text"):
            ResumePoint("\ud800", 1)


SEND: list[tuple[dict[str, Any], str]] = [
    ({"command_id": 5}, "command_id is a string; got 5"),
    ({"command_id": ""}, "command_id is valid text"),
    ({"command_id": "\ud800"}, "command_id is valid text"),
    ({"expected_ordinal": "1"}, "expected_ordinal is a whole number; got '1'"),
    ({"expected_ordinal": True}, "expected_ordinal is a whole number"),
    ({"expected_ordinal": -1}, "expected_ordinal is 0 or more"),
    ({"expected_ordinal": 2**64}, "expected_ordinal is 0 or more"),
    ({"seconds": math.nan}, "seconds is 0 or more; got nan"),
    ({"seconds": -1}, "seconds is 0 or more; got -1"),
    ({"seconds": "1"}, "seconds is a number; got '1'"),
]


class TestSend:
    @pytest.mark.parametrize(("arguments", "said"), SEND, ids=str)
    async def test_a_wrong_argument_is_refused(
        self, play: Play, arguments: dict[str, Any], said: str
    ) -> None:
        with pytest.raises((TypeError, ValueError), match=said):
            await play.client.send("s", "Say", StringValue(), **arguments)
        assert not play.connection.has_heard()


CONNECT: list[tuple[dict[str, Any], str]] = [
    ({"registry": None}, "registry is a SchemaRegistry; got None"),
    ({"settings": {}}, "settings is a ClientSettings; got {}"),
    ({"on_state": 5}, "on_state is called; got 5"),
    ({"dial": "tcp"}, "dial is called; got 'tcp'"),
]


class TestConnect:
    @pytest.mark.parametrize(("arguments", "said"), CONNECT, ids=str)
    async def test_a_wrong_argument_is_refused(self, arguments: dict[str, Any], said: str) -> None:
        given = {"registry": make_registry(), "dial": ScriptedServer().dial, **arguments}
        with pytest.raises(TypeError, match=said):
            async with connect("ws://server", **given):
                pass

    async def test_a_listener_that_would_have_to_be_awaited_is_refused(self) -> None:
        async def listener(state: object) -> None: ...

        wrong: Any = listener
        with pytest.raises(TypeError, match="on_state is a plain function"):
            async with connect("ws://server", make_registry(), on_state=wrong):
                pass


class TestSettings:
    @pytest.mark.parametrize("value", [0, -1, math.nan, math.inf])
    def test_a_time_that_is_none_is_refused(self, value: float) -> None:
        with pytest.raises(ValueError, match="open_timeout must be above 0"):
            ClientSettings(open_timeout=value)

    @pytest.mark.parametrize("value", [1.5, "1", None, True])
    def test_a_limit_that_is_no_whole_number_is_refused(self, value: Any) -> None:
        with pytest.raises(TypeError, match="max_commands is a whole number"):
            ClientSettings(max_commands=value)

    def test_another_dialect_is_refused(self) -> None:
        wrong: Any = "json"
        with pytest.raises(TypeError, match="dialect is a Dialect; got 'json'"):
            ClientSettings(dialect=wrong)
