"""Entities by their keys, and keys by their types."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import cast

import pytest
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import Int64Value, StringValue
from hypothesis import given
from hypothesis import strategies as st

from sessionstream import EntityType, PayloadTypeError, SchemaError, TimelineEntity, typed
from sessionstream.timeline import Timeline, TimelineDraft
from tests.runtime.app import text

LINE = EntityType("Line", StringValue, key="value")
NUMBER = EntityType("Number", Int64Value, key="value")

lines = typed.EntityFactory(LINE, str)
numbers = typed.EntityFactory(NUMBER, int)


class Weekday(IntEnum):
    """Its members write themselves as names."""

    MONDAY = 1

    def __str__(self) -> str:
        return self.name


def number_view(*values: int) -> typed.EntityView[Int64Value, int]:
    written = [cast(TimelineEntity[Message], numbers(Int64Value(value=value))) for value in values]
    return typed.EntityView(TimelineDraft(Timeline(written)), NUMBER, int)


def line_view(*values: str) -> typed.EntityView[StringValue, str]:
    written = [cast(TimelineEntity[Message], lines(text(value))) for value in values]
    return typed.EntityView(TimelineDraft(Timeline(written)), LINE, str)


class TestEntityFactory:
    def test_the_id_comes_from_the_key_field(self) -> None:
        assert lines(text("a")) == TimelineEntity(kind="Line", id="a", payload=text("a"))

    def test_an_integer_key_of_0_is_an_id(self) -> None:
        assert numbers(Int64Value()).id == "0"

    def test_an_empty_key_is_refused(self) -> None:
        with pytest.raises(SchemaError, match="empty key: set the field 'value'"):
            lines(StringValue())

    def test_a_payload_of_another_message_is_refused(self) -> None:
        with pytest.raises(PayloadTypeError):
            lines(cast(StringValue, Int64Value()))

    def test_a_tombstone_has_no_payload(self) -> None:
        assert lines.tombstone("a") == TimelineEntity(kind="Line", id="a", tombstone=True)


class TestIntegerKeys:
    @given(st.integers(-(2**63), 2**63 - 1))
    def test_an_integer_has_one_id_however_it_is_given(self, value: int) -> None:
        """A string of digits has many: 7, 07 and +7 would be three entities."""
        entity = numbers(Int64Value(value=value))
        assert entity.id == numbers.tombstone(value).id == str(value)
        assert number_view(value).get(value) == Int64Value(value=value)

    def test_a_member_of_an_enum_is_its_number(self) -> None:
        assert numbers.tombstone(Weekday.MONDAY).id == "1"
        assert number_view(1).get(Weekday.MONDAY) == Int64Value(value=1)


TAKERS_OF_INTEGERS = [numbers.tombstone, number_view(7).get, number_view(7).entity]
TAKERS_OF_STRINGS = [lines.tombstone, line_view("7").get, line_view("7").entity]


class TestKeysOfAnotherType:
    """A type checker refuses all of them but a bool; the rest is for code that is not checked."""

    @pytest.mark.parametrize("take", TAKERS_OF_INTEGERS)
    @pytest.mark.parametrize("key", ["7", "007", "", 7.0, True, None, Int64Value(value=7)])
    def test_one_that_is_no_integer_is_refused(
        self, take: Callable[[object], object], key: object
    ) -> None:
        with pytest.raises(SchemaError) as refused:
            take(key)
        assert str(refused.value) == (
            f"entity 'Number' has the key 'value', of type int; got {type(key).__name__}"
        )

    @pytest.mark.parametrize("take", TAKERS_OF_STRINGS)
    @pytest.mark.parametrize("key", [7, True, None, b"7"])
    def test_one_that_is_no_string_is_refused(
        self, take: Callable[[object], object], key: object
    ) -> None:
        with pytest.raises(SchemaError) as refused:
            take(key)
        assert str(refused.value) == (
            f"entity 'Line' has the key 'value', of type str; got {type(key).__name__}"
        )
