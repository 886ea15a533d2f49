"""Limits and deadlines, and what a server is given: what can't be is refused at once."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from sessionstream import Coalescer, Hub, Retention
from sessionstream.client import ClientSettings
from sessionstream.hydration.memory import MemoryStore
from sessionstream.transport.asgi import WebSocketApp
from sessionstream.transport.http import HTTPSettings, SessionStreamApp
from sessionstream.transport.rooms import Rooms
from sessionstream.transport.settings import TransportSettings
from sessionstream.transport.ws import serve

ALL: list[Callable[..., object]] = [TransportSettings, HTTPSettings, ClientSettings]
A_TIME = {TransportSettings: "close_timeout", HTTPSettings: "retry", ClientSettings: "open_timeout"}


@pytest.mark.parametrize("settings", ALL)
class TestAnySettings:
    @pytest.mark.parametrize("wrong", [0, -1, math.nan, math.inf])
    def test_no_limit_can_be_switched_off(
        self, settings: Callable[..., object], wrong: float
    ) -> None:
        name = A_TIME[settings]  # type: ignore[index]  # it is one of the classes
        with pytest.raises(ValueError, match=f"{name} must be above 0 and finite; got {wrong}"):
            settings(**{name: wrong})

    @pytest.mark.parametrize("wrong", ["1", None, True])
    def test_a_time_is_a_number(self, settings: Callable[..., object], wrong: object) -> None:
        name = A_TIME[settings]  # type: ignore[index]  # it is one of the classes
        with pytest.raises(TypeError, match=f"{name} is a number; got {wrong!r}"):
            settings(**{name: wrong})


class TestTransportSettings:
    def test_counts_and_sizes_are_whole_numbers_above_zero(self) -> None:
        with pytest.raises(ValueError, match="max_queued_bytes must be above 0"):
            TransportSettings(max_queued_bytes=0)
        with pytest.raises(ValueError, match="max_connections must be above 0"):
            TransportSettings(max_connections=0)
        with pytest.raises(TypeError, match="max_connections is a whole number"):
            TransportSettings(max_connections=1.5)  # type: ignore[arg-type]  # the mistake

    def test_only_what_may_be_absent_may(self) -> None:
        assert TransportSettings(max_connections=None).max_connections is None
        assert TransportSettings(unauthenticated_seconds=0, drain_seconds=0).drain_seconds == 0
        with pytest.raises(TypeError, match="max_subscriptions is a whole number; got None"):
            TransportSettings(max_subscriptions=None)  # type: ignore[arg-type]  # the mistake
        with pytest.raises(ValueError, match="drain_seconds is 0 or more; got nan"):
            TransportSettings(drain_seconds=math.nan)

    def test_the_documented_defaults_are_the_defaults(self) -> None:
        settings = TransportSettings()
        assert settings.max_frame_bytes == 65_536
        assert (settings.max_queued_frames, settings.max_queued_bytes) == (1024, 1_048_576)
        assert settings.max_subscriptions == 1000
        assert settings.max_connections == 10_000
        assert settings.progress_timeout == 10


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"access": print}, "access is an Access; got "),
        ({"settings": {}}, "settings is a TransportSettings; got {}"),
        ({"settings": HTTPSettings()}, "settings is a TransportSettings; got HTTPSettings"),
        ({"origins": "https://app.example"}, "origins are several"),
        ({"origins": [None]}, "an origin is a str; got None"),
        ({"origins": ["*"]}, "an origin is like 'https://app.example:8443'; got "),
        ({"path": "ws"}, "a path begins with a slash; got 'ws'"),
        ({"path": None}, "path is a str; got None"),
        ({"pages": {"/": b""}}, "pages is called; got "),
    ],
)
async def test_a_server_refuses_what_it_can_not_use(
    hub: Hub, arguments: dict[str, Any], told: str
) -> None:
    with pytest.raises((TypeError, ValueError), match=told.replace("*", r"\*")):
        async with serve(hub, **arguments):
            pass


async def test_an_application_refuses_what_it_can_not_use(hub: Any) -> None:
    with pytest.raises(TypeError, match="source has a method 'add_feed'"):
        Rooms(None)  # type: ignore[arg-type]  # the mistake
    with pytest.raises(TypeError, match="rooms is a Rooms"):
        WebSocketApp(hub)
    with pytest.raises(TypeError, match="rooms is a Rooms"):
        SessionStreamApp(hub)
    with pytest.raises(TypeError, match="settings is a HTTPSettings"):
        SessionStreamApp(Rooms(hub), settings=TransportSettings())  # type: ignore[arg-type]


def test_a_store_refuses_what_is_no_retention() -> None:
    with pytest.raises(TypeError, match="retention is a Retention; got 5"):
        MemoryStore(retention=5)  # type: ignore[arg-type]  # the mistake
    assert Retention(ui_seconds=math.inf).ui_seconds == math.inf


def test_a_coalescer_refuses_what_can_not_be_called() -> None:
    with pytest.raises(TypeError, match="publish is called; got 5, which can't be"):
        Coalescer(5, 6)  # type: ignore[arg-type]  # the mistake
