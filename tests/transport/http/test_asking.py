"""What a request asks for in its query and its headers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessionstream.transport.access import ConnectionRequest
from sessionstream.transport.http.asking import (
    At,
    command_id,
    parameters,
    position,
    single_header,
    wait_seconds,
    whole_number,
)
from sessionstream.transport.http.negotiating import matches_etag, media_type, preferred
from sessionstream.transport.http.problems import ProblemCode, ProblemError

JSON, PROTOBUF = "application/json", "application/x-protobuf"


def asks(query: str = "", **headers: str | list[str]) -> ConnectionRequest:
    values = {
        name.replace("_", "-"): [given] if isinstance(given, str) else given
        for name, given in headers.items()
    }
    return ConnectionRequest(path="/", query=query, headers=values)


class TestParameters:
    def test_those_that_are_known_are_found_and_others_let_pass(self) -> None:
        assert parameters(asks("a=1&token=x&token=y&b=%20"), "a", "b") == {"a": "1", "b": " "}

    def test_one_that_occurs_twice_is_refused(self) -> None:
        with pytest.raises(ProblemError, match="a is given more than once"):
            parameters(asks("a=1&a=1"), "a")

    def test_a_header_that_occurs_twice_is_refused(self) -> None:
        with pytest.raises(ProblemError, match="x-a is given more than once"):
            single_header(asks(x_a=["1", "1"]), "x-a")


class TestOrdinals:
    @given(st.integers(0, 2**64 - 1))
    def test_every_uint64_is_one(self, number: int) -> None:
        assert whole_number("n", str(number)) == number

    @pytest.mark.parametrize(
        "text", ["", "-1", "+1", "1.0", "1e3", " 1", "1_0", "٣", "²", str(2**64), "9" * 5000]
    )
    def test_nothing_else_is(self, text: str) -> None:
        with pytest.raises(ProblemError, match="n is a whole number"):
            whole_number("n", text)


class TestPositions:
    @given(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
        st.integers(0, 2**64 - 1),
    )
    def test_each_survives_a_line_and_a_header(self, epoch: str, ordinal: int) -> None:
        text = str(At(epoch, ordinal))
        assert text.isascii()
        assert text.isprintable()
        assert position(text) == At(epoch, ordinal)

    @pytest.mark.parametrize("text", ["e", "7", "e:", "e:x", "e:-1", ":"])
    def test_what_is_none_is_refused(self, text: str) -> None:
        with pytest.raises(ProblemError) as caught:
            position(text)
        assert caught.value.code == ProblemCode.BAD_REQUEST


class TestACommandId:
    @pytest.mark.parametrize(
        ("header", "key"), [("abc", "abc"), ('"abc"', "abc"), (" a b ", "a b"), ('"', '"')]
    )
    def test_it_is_the_idempotency_key_with_or_without_quotes(self, header: str, key: str) -> None:
        assert command_id(asks(idempotency_key=header)) == key

    def test_there_may_be_none(self) -> None:
        assert command_id(asks()) is None

    @pytest.mark.parametrize("header", ["", " ", '""', "é", "a\x7f", "k" * 513])
    def test_one_that_could_not_be_answered_is_refused(self, header: str) -> None:
        with pytest.raises(ProblemError, match="Idempotency-Key"):
            command_id(asks(idempotency_key=header))


class TestTheWait:
    @pytest.mark.parametrize(
        ("query", "prefer", "seconds"),
        [
            ("", [], 30),
            ("wait=5", [], 5),
            ("wait=0.5", [], 0.5),
            ("wait=99", [], 30),
            ("wait=inf", [], 30),
            ("", ["respond-async"], 0),
            ("", ["Respond-Async, wait=7"], 7),
            ("", ["respond-async", 'wait="7"; x=1'], 7),
            ("", ["wait=7, wait=8"], 7),
            ("wait=3", ["wait=7"], 3),
            ("", ["handling=lenient"], 30),
            ("", ["wait=abc"], 30),
            ("", ["wait=-1"], 30),
            ("", ["wait"], 30),
            ("", ["respond-async, wait=soon"], 0),
        ],
    )
    def test_it_is_what_the_client_prefers_up_to_the_limit(
        self, query: str, prefer: list[str], seconds: float
    ) -> None:
        assert wait_seconds(asks(query, prefer=prefer), 30) == seconds

    @pytest.mark.parametrize("text", ["-1", "soon", "nan", "", "٣"])
    def test_what_is_no_time_is_refused(self, text: str) -> None:
        with pytest.raises(ProblemError, match="wait is in seconds"):
            wait_seconds(asks(f"wait={text}"), 30)


class TestTheForm:
    @pytest.mark.parametrize(
        ("accept", "form"),
        [
            ([], JSON),
            (["*/*"], JSON),
            ([PROTOBUF], PROTOBUF),
            ([f"{PROTOBUF}, {JSON}"], JSON),
            ([f"{JSON};q=0.5", PROTOBUF], PROTOBUF),
            (["application/*;q=0.2, text/html"], JSON),
            (["Application/JSON; charset=utf-8"], JSON),
            ([f"*/*, {JSON};q=0"], PROTOBUF),
            (["text/html"], None),
            ([f"{JSON};q=0"], None),
            ([f"{JSON};q=much"], None),
        ],
    )
    def test_it_is_what_the_client_likes_best(self, accept: list[str], form: str | None) -> None:
        assert preferred(asks(accept=accept), (JSON, PROTOBUF)) == form

    @given(st.text())
    def test_no_header_makes_it_raise(self, accept: str) -> None:
        assert preferred(asks(accept=accept), (JSON, PROTOBUF)) in (JSON, PROTOBUF, None)

    def test_parameters_are_no_part_of_it(self) -> None:
        assert media_type("Application/JSON; charset=utf-8") == JSON
        assert media_type(None) == ""


class TestTags:
    @pytest.mark.parametrize("listed", ['"a:1"', 'W/"a:1"', '"b", "a:1"', "*"])
    def test_one_that_is_listed_matches(self, listed: str) -> None:
        assert matches_etag(asks(if_none_match=listed), '"a:1"')

    @pytest.mark.parametrize("listed", ["", "a:1", '"a:10"', '"b"'])
    def test_any_other_does_not(self, listed: str) -> None:
        assert not matches_etag(asks(if_none_match=listed), '"a:1"')
        assert not matches_etag(asks(), '"a:1"')
