from __future__ import annotations

import json
import math
from typing import TypeVar

import pytest
from google.protobuf import json_format
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import DecodeError, Message
from google.protobuf.struct_pb2 import Struct, Value
from google.protobuf.timestamp_pb2 import Timestamp
from google.protobuf.type_pb2 import Field, Option, Type
from google.protobuf.wrappers_pb2 import BytesValue, DoubleValue, Int64Value, StringValue
from hypothesis import given
from hypothesis import strategies as st

from sessionstream.codec import decode_json, encode_json
from sessionstream.codec.type_urls import ByTypeUrl
from sessionstream.v1.transport_pb2 import ServerFrame, UiEventFrame
from tests.codec.message_types import message_class

P = TypeVar("P", bound=Message)

texts = st.text(st.characters(codec="utf-8"))
ordinals = st.integers(0, 2**64 - 1)
frames = st.builds(
    ServerFrame,
    ui_event=st.builds(UiEventFrame, session_id=texts, event_ordinal=ordinals, name=texts),
)
types = st.builds(
    Type,
    name=texts,
    fields=st.lists(
        st.builds(
            Field,
            kind=st.sampled_from(Field.Kind.values()),
            number=st.integers(-(2**31), 2**31 - 1),
        )
    ),
    oneofs=st.lists(texts),
    options=st.lists(st.builds(Option, name=texts)),
)


def round_trip(message: P) -> P:
    return decode_json(type(message), encode_json(message))


class TestRoundTrip:
    @given(texts)
    def test_any_text_survives(self, value: str) -> None:
        assert round_trip(StringValue(value=value)).value == value

    @given(st.integers(-(2**63), 2**63 - 1))
    def test_every_64_bit_integer_survives(self, value: int) -> None:
        assert round_trip(Int64Value(value=value)).value == value

    @given(st.binary())
    def test_any_bytes_survive(self, value: bytes) -> None:
        assert round_trip(BytesValue(value=value)).value == value

    @given(st.floats(allow_nan=False))
    def test_every_float_survives(self, value: float) -> None:
        assert round_trip(DoubleValue(value=value)).value == value

    def test_a_nan_survives(self) -> None:
        assert math.isnan(round_trip(DoubleValue(value=math.nan)).value)

    @given(frames)
    def test_a_message_in_a_oneof_survives(self, frame: ServerFrame) -> None:
        assert round_trip(frame) == frame

    @given(types)
    def test_a_message_of_lists_and_enums_survives(self, message: Type) -> None:
        assert round_trip(message) == message

    def test_a_struct_inside_a_message_type_survives(self) -> None:
        struct = Struct()
        struct.update({"a": [1, {"b": None}], "ü": "ü"})
        assert round_trip(struct) == struct


class TestEncoding:
    def test_the_json_is_compact_with_camel_case_names_and_strings_for_64_bits(self) -> None:
        frame = UiEventFrame(session_id="s", event_ordinal=2**63)
        assert encode_json(frame) == b'{"sessionId":"s","eventOrdinal":"9223372036854775808"}'

    def test_text_is_utf_8_and_not_escaped(self) -> None:
        assert encode_json(StringValue(value="grün")) == '"grün"'.encode()

    def test_enums_go_by_name(self) -> None:
        assert json.loads(encode_json(Field(kind=Field.TYPE_BOOL))) == {"kind": "TYPE_BOOL"}

    def test_fields_are_in_the_order_of_their_numbers_also_between_members_of_a_oneof(self) -> None:
        tree = message_class("kinds.v3.Tree")(last=b"a", between=True)
        assert encode_json(tree) == b'{"between":true,"last":"YQ=="}'

    def test_a_negative_zero_is_no_default(self) -> None:
        scalars = message_class("kinds.v3.Scalars")
        assert (
            encode_json(scalars(a_double=-0.0, a_float=-0.0)) == b'{"aDouble":-0.0,"aFloat":-0.0}'
        )
        assert encode_json(scalars(a_double=0.0, a_float=0.0)) == b"{}"

    def test_what_two_fields_share_a_name_for_is_left_to_json_format(self) -> None:
        clash = message_class("kinds.v2.Clash")(some_name="a", someName="b")
        packed = AnyMessage()
        packed.Pack(clash)
        for message in (clash, packed):
            written = json.loads(encode_json(message), object_pairs_hook=list)
            assert written == list(json_format.MessageToDict(message).items())

    @pytest.mark.parametrize(
        ("message", "error"),
        [
            (AnyMessage(type_url="a/no.such.Type"), TypeError),
            (AnyMessage(value=b"a"), TypeError),
            (AnyMessage(type_url="a/google.protobuf.Type", value=b"a"), DecodeError),
            (Value(number_value=math.inf), ValueError),
            (Timestamp(seconds=2**40), ValueError),
            (FieldMask(paths=["aB"]), ValueError),
        ],
        ids=lambda given: type(given).__name__ if isinstance(given, Message) else given.__name__,
    )
    def test_what_has_no_json_raises_what_json_format_raises(
        self, message: Message, error: type[Exception]
    ) -> None:
        with pytest.raises(error) as expected:
            json_format.MessageToDict(message)
        with pytest.raises(error) as raised:
            encode_json(message)
        assert str(raised.value) == str(expected.value)


class TestTypeUrls:
    def test_so_many_are_remembered_and_the_others_looked_up_each_time(self) -> None:
        """Whoever sends an Any makes up URLs."""
        types = ByTypeUrl(lambda url, _descriptor: url)
        urls = [f"{number}.example/google.protobuf.Type" for number in range(3000)]
        assert [types[url] for url in urls] == urls
        assert len(types) < len(urls)
