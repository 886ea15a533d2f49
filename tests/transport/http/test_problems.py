"""What a client is told when it is refused."""

from __future__ import annotations

import json
from http import HTTPStatus

import pytest
from google.protobuf.wrappers_pb2 import Int32Value, StringValue

from sessionstream.errors import (
    SessionStreamError,
)
from sessionstream.transport.access import ConnectionRequest
from sessionstream.transport.codes import ErrorCode
from sessionstream.transport.http import payloads
from sessionstream.transport.http.problems import ProblemCode, ProblemError
from sessionstream.transport.refusals import refusal
from sessionstream.v1 import transport_pb2 as pb


def form_of(content_type: str | None, encoding: str | None = None) -> str:
    named = {"content-type": content_type, "content-encoding": encoding}
    headers = {name: [value] for name, value in named.items() if value is not None}
    return payloads.check_form(ConnectionRequest(path="/", headers=headers))


class TestAProblem:
    def test_it_is_an_object_with_a_word_for_programs_and_a_text_for_people(self) -> None:
        response = ProblemError("conflict", "it is 7", fields={"headOrdinal": "7"}).response()
        assert json.loads(response.body or b"") == {
            "title": "Conflict",
            "status": 409,
            "code": "conflict",
            "detail": "it is 7",
            "headOrdinal": "7",
        }
        assert ("content-type", "application/problem+json") in response.headers

    @pytest.mark.parametrize(
        "code",
        [*(code for code in ErrorCode if code is not ErrorCode.COMMAND_ID_REUSED), *ProblemCode],
    )
    def test_every_code_of_ours_has_a_status(self, code: str) -> None:
        assert ProblemError(code, "").status != 422

    @pytest.mark.parametrize("code", ["out_of_stock", ErrorCode.COMMAND_ID_REUSED])
    def test_what_a_handler_says_is_422(self, code: str) -> None:
        assert ProblemError(code, "").status == 422

    def test_who_is_not_known_is_told_how_to_say_who_it_is(self) -> None:
        response = ProblemError("unauthenticated", "").response()
        assert ("www-authenticate", "Bearer") in response.headers

    @pytest.mark.parametrize("code", ["unavailable", "rate_limited"])
    def test_what_may_be_tried_again_says_when(self, code: str) -> None:
        assert ("retry-after", "1") in ProblemError(code, "").response().headers
        headers = (("retry-after", "7"),)
        assert ProblemError(code, "", headers=headers).headers == headers
        assert ProblemError(code, "", status=HTTPStatus.UNPROCESSABLE_ENTITY).headers == ()


class TestAPayload:
    @pytest.mark.parametrize("given", ["application/json", "Application/JSON; charset=utf-8"])
    def test_json_is_json(self, given: str) -> None:
        form = form_of(given)
        assert payloads.decode(StringValue, form, b'"hi"') == StringValue(value="hi")

    @pytest.mark.parametrize("given", ["application/x-protobuf", "application/protobuf"])
    def test_protobuf_is_binary(self, given: str) -> None:
        body = StringValue(value="hi").SerializeToString()
        assert payloads.decode(StringValue, form_of(given), body) == StringValue(value="hi")

    @pytest.mark.parametrize("form", [payloads.JSON, payloads.PROTOBUF])
    def test_an_empty_one_sets_nothing(self, form: str) -> None:
        assert payloads.decode(pb.PingFrame, form, b"") == pb.PingFrame()

    @pytest.mark.parametrize(
        "given",
        [None, "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"],
    )
    def test_what_any_page_may_send_is_refused(self, given: str | None) -> None:
        """A browser sends these to other sites without asking them first."""
        with pytest.raises(ProblemError) as caught:
            form_of(given)
        assert caught.value.status == 415

    def test_a_compressed_one_is_refused(self) -> None:
        with pytest.raises(ProblemError, match="Content-Encoding"):
            form_of("application/json", "gzip")
        assert form_of("application/json", "identity") == payloads.JSON

    @pytest.mark.parametrize(
        ("form", "body", "text"),
        [
            (payloads.JSON, b"{", "no JSON"),
            (payloads.JSON, b'{"value": 1}', "Int32Value"),
            (payloads.JSON, b"\xff", "it can't be read"),
            (payloads.PROTOBUF, b"\xff", "it can't be read"),
        ],
    )
    def test_one_that_is_none_says_what_is_wrong(self, form: str, body: bytes, text: str) -> None:
        with pytest.raises(SessionStreamError) as caught:
            payloads.decode(Int32Value, form, body)
        problem = refusal(caught.value)
        assert problem is not None
        assert problem.code == "bad_payload"
        assert text in problem.message
