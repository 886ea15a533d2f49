"""Who a client is, and that everything but a plain yes is a no."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import cast

import pytest
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import StringValue

from sessionstream.transport.access import (
    ANONYMOUS,
    Access,
    AuthorizeSubscribe,
    ConnectionRequest,
    Principal,
)
from sessionstream.transport.gate import Gate

REQUEST = ConnectionRequest(path="/ws")
ANN = Principal("ann")


def returns(answer: object) -> Callable[..., Awaitable[object]]:
    async def hook(*_: object) -> object:
        return answer

    return hook


async def fails(*_: object) -> object:
    raise LookupError("the secret")


async def hangs(*_: object) -> object:
    return await asyncio.Event().wait()


async def cancels_itself(*_: object) -> object:
    raise asyncio.CancelledError


async def answers_too_late(*_: object) -> object:
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        return True
    return None


def not_async(*_: object) -> object:
    return True


class TestARequest:
    def test_its_text_shows_no_secret(self) -> None:
        request = ConnectionRequest(
            path="/ws", query="token=s3cret", headers={"cookie": ["s3cret"]}, token="s3cret"
        )
        assert "s3cret" not in repr(request)

    def test_a_header_is_found_by_any_case_and_not_when_it_occurs_twice(self) -> None:
        request = ConnectionRequest(path="/", headers={"x-one": ["1"], "x-two": ["1", "2"]})
        assert request.header("X-One") == "1"
        assert request.header("X-Two") is None
        assert request.header("X-None") is None

    @pytest.mark.parametrize(
        ("value", "token"),
        [("Bearer abc", "abc"), ("bearer  abc ", "abc"), ("Basic abc", None), ("Bearer ", None)],
    )
    def test_the_bearer_is_read_from_its_header(self, value: str, token: str | None) -> None:
        request = ConnectionRequest(path="/", headers={"authorization": [value]})
        assert request.bearer() == token

    def test_the_token_of_a_frame_comes_first(self) -> None:
        headers = {"authorization": ["Bearer old"]}
        assert ConnectionRequest(path="/", headers=headers, token="new").bearer() == "new"
        assert ConnectionRequest(path="/").bearer() is None


class TestAPrincipal:
    @pytest.mark.parametrize("wrong", ["", None, 7])
    def test_it_has_an_id(self, wrong: object) -> None:
        with pytest.raises((TypeError, ValueError), match="the id of a principal"):
            Principal(cast(str, wrong))

    @pytest.mark.parametrize("wrong", [float("nan"), float("inf"), "tomorrow", True])
    def test_its_end_is_a_time(self, wrong: object) -> None:
        with pytest.raises((TypeError, ValueError), match="expires_at"):
            Principal("ann", expires_at=cast(float, wrong))


class TestWithoutHooks:
    async def test_everybody_may_do_everything(self) -> None:
        gate = Gate(Access(), timeout=1)
        assert await gate.authenticate(REQUEST) == ANONYMOUS
        assert await gate.may_subscribe(ANONYMOUS, "s")
        assert await gate.may_command(ANONYMOUS, "s", "Say", StringValue())

    def test_a_hook_that_is_no_function_is_refused_at_once(self) -> None:
        with pytest.raises(TypeError, match="authorize_subscribe is called"):
            Access(authorize_subscribe=cast(AuthorizeSubscribe, True))


class TestAnAnswer:
    async def test_a_hook_gets_what_it_decides_about(self) -> None:
        seen: list[object] = []

        async def authenticate(request: ConnectionRequest) -> Principal | None:
            seen.append(request)
            return ANN

        async def subscribe(principal: Principal, session_id: str) -> bool:
            seen.append((principal, session_id))
            return True

        async def command(
            principal: Principal, session_id: str, name: str, message: Message
        ) -> bool:
            seen.append((principal, session_id, name, message))
            return True

        access = Access(
            authenticate=authenticate, authorize_subscribe=subscribe, authorize_command=command
        )
        gate = Gate(access, timeout=1)
        assert await gate.authenticate(REQUEST) is ANN
        assert await gate.may_subscribe(ANN, "s")
        assert await gate.may_command(ANN, "s", "Say", StringValue(value="hi"))
        assert seen == [REQUEST, (ANN, "s"), (ANN, "s", "Say", StringValue(value="hi"))]

    @pytest.mark.parametrize("no", [None, False])
    async def test_a_no_is_a_no_and_no_trouble(
        self, no: object, caplog: pytest.LogCaptureFixture
    ) -> None:
        wrong = cast(Callable[..., Awaitable[bool]], returns(False))
        nobody = cast(Callable[..., Awaitable[None]], returns(None))
        gate = Gate(Access(authenticate=nobody, authorize_subscribe=wrong), timeout=1)
        assert await gate.authenticate(REQUEST) is None
        assert not await gate.may_subscribe(ANN, "s")
        assert not caplog.records

    async def test_whose_time_is_over_is_nobody(self) -> None:
        hook = cast(Callable[..., Awaitable[Principal]], returns(Principal("ann", expires_at=10)))
        access = Access(authenticate=hook)
        assert await Gate(access, 1, clock=lambda: 10.0).authenticate(REQUEST) is None
        assert await Gate(access, 1, clock=lambda: 9.0).authenticate(REQUEST) is not None


class TestTroubleRefuses:
    @pytest.mark.parametrize(
        "hook",
        [
            fails,
            cancels_itself,
            not_async,
            returns(1),
            returns("yes"),
            returns(object()),
            returns("ann"),
        ],
    )
    async def test_an_exception_or_a_wrong_answer_allows_nothing(
        self, hook: object, caplog: pytest.LogCaptureFixture
    ) -> None:
        any_hook = cast(Callable[..., Awaitable[bool]], hook)
        nobody = cast(Callable[..., Awaitable[None]], hook)
        gate = Gate(
            Access(authenticate=nobody, authorize_subscribe=any_hook, authorize_command=any_hook),
            timeout=30,
        )
        assert await gate.authenticate(REQUEST) is None
        assert not await gate.may_subscribe(ANN, "s")
        assert not await gate.may_command(ANN, "s", "Say", StringValue())
        assert [record.levelno for record in caplog.records] == [logging.ERROR] * 3

    async def test_one_that_is_not_async_is_named_with_its_remedy(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        hook = cast(AuthorizeSubscribe, not_async)
        assert not await Gate(Access(authorize_subscribe=hook), timeout=30).may_subscribe(ANN, "s")
        assert [record.getMessage() for record in caplog.records] == [
            "the hook authorize_subscribe is not async; refused: write `async def`"
        ]
        assert caplog.records[0].exc_info is None

    @pytest.mark.parametrize("hook", [hangs, answers_too_late])
    async def test_no_answer_in_time_allows_nothing(
        self, hook: object, caplog: pytest.LogCaptureFixture
    ) -> None:
        gate = Gate(Access(authorize_subscribe=cast(AuthorizeSubscribe, hook)), timeout=0.001)
        assert not await gate.may_subscribe(ANN, "s")
        assert "authorize_subscribe took longer than 0.001 s" in caplog.text

    async def test_cancelling_whoever_asks_raises(self) -> None:
        gate = Gate(Access(authorize_subscribe=cast(AuthorizeSubscribe, hangs)), timeout=30)
        task = asyncio.create_task(gate.may_subscribe(ANN, "s"))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
