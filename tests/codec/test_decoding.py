from __future__ import annotations

import json

import pytest
from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto
from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp
from google.protobuf.type_pb2 import Field, Type
from google.protobuf.wrappers_pb2 import BytesValue, DoubleValue, Int64Value, StringValue
from hypothesis import given
from hypothesis import strategies as st

from sessionstream import PayloadDecodeError
from sessionstream.codec import decode_json
from sessionstream.v1.transport_pb2 import ServerFrame, UiEventFrame
from tests.codec.message_types import message_class

anything_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "fields", "kind", "number", "options", "value", "@type"])
            | st.text(max_size=3),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


class TestDecoding:
    def test_the_original_field_names_are_read_too(self) -> None:
        assert decode_json(UiEventFrame, '{"session_id": "s"}').session_id == "s"

    @pytest.mark.parametrize(
        "data",
        [
            "",
            "   ",
            "{",
            "null",
            "1",
            "true",
            "NaN",
            "[]",
            " [ ]",
            '""',
            '"name"',
            "[1]",
            "{} {}",
            '{"name": "a", "name": "b"}',
        ],
    )
    def test_what_is_no_json_object_of_fields_is_refused(self, data: str) -> None:
        with pytest.raises(PayloadDecodeError, match=r"not a google\.protobuf|not a sessionstream"):
            decode_json(UiEventFrame, data)

    @pytest.mark.parametrize(
        ("data", "reason"),
        [
            (
                '{"uiEvent": {"eventOrdinal": "x"}}',
                'uiEvent.eventOrdinal: a number was expected, not "x"',
            ),
            (
                '{"uiEvent": {"more": 1}}',
                "uiEvent.more: sessionstream.v1.UiEventFrame has no such field",
            ),
            (
                '{"snapshot": {"entities": [{}, 5]}}',
                "snapshot.entities[1]: an object was expected, not a number",
            ),
            (
                '{"snapshot": {"entities": [{"id": 5}]}}',
                "snapshot.entities[0].id: a string was expected, not a number",
            ),
            (
                '{"ping": {}, "pong": {}}',
                "pong: another field of the oneof sessionstream.v1.ServerFrame.frame is given too",
            ),
            (
                '{"uiEvent": {"payload": {"@type": "x/no.Such"}}}',
                'uiEvent.payload.@type: the type "x/no.Such" is not known',
            ),
            (
                '{"uiEvent": {"payload": {}, "payload": 5}}',
                "uiEvent.payload: the field is given twice",
            ),
            ('{"\\ud800": 1}', "\\ud800: sessionstream.v1.ServerFrame has no such field"),
        ],
    )
    def test_the_reason_names_the_place(self, data: str, reason: str) -> None:
        with pytest.raises(PayloadDecodeError) as refused:
            decode_json(ServerFrame, data)
        assert refused.value.reason == reason

    def test_a_long_name_is_not_repeated_whole(self) -> None:
        with pytest.raises(PayloadDecodeError) as refused:
            decode_json(ServerFrame, json.dumps({"x" * 10_000: "y" * 10_000}))
        assert len(refused.value.reason) < 200

    def test_an_unknown_field_is_refused(self) -> None:
        with pytest.raises(PayloadDecodeError, match="nickname"):
            decode_json(UiEventFrame, '{"nickname": "x"}')

    def test_an_unknown_field_of_an_inner_message_is_refused(self) -> None:
        with pytest.raises(PayloadDecodeError, match="nickname"):
            decode_json(ServerFrame, '{"uiEvent": {"nickname": "x"}}')

    @pytest.mark.parametrize(
        ("name", "data", "reason"),
        [
            ("v3.WellKnown", '{"struct": {"a": 1, "a": 2}}', "struct.a: the name is given twice"),
            (
                "v3.Maps",
                '{"byBool": {"true": 1, "true": 0}}',
                "byBool.true: the key is given twice",
            ),
            ("v3.WellKnown", '{"any": {"value": 1}}', "any: one @type was expected"),
            (
                "v3.WellKnown",
                '{"any": {"@type": "a/kinds.v3.Tree", "@type": "a/kinds.v3.Tree"}}',
                "any: one @type was expected",
            ),
            ("v3.WellKnown", '{"any": {"@type": 5}}', "any: a string was expected, not a number"),
            ("v2.Old", '{"mood": 7}', "mood: kinds.v2.Mood has no value 7"),
            ("v2.Old", '{"moods": [1, "7"]}', "moods[1]: kinds.v2.Mood has no value 7"),
            ("v2023.Edition", '{"closed": 3}', "closed: kinds.v2023.Closed has no value 3"),
            ("v2.Open", '{"[kinds.v2.no]": 1}', "[kinds.v2.no]: kinds.v2.Open has no such field"),
            (
                "v2.Old",
                '{"[kinds.v2.count]": 1}',
                "[kinds.v2.count]: kinds.v2.Old has no such field",
            ),
        ],
    )
    def test_what_no_message_of_the_type_can_hold_is_refused(
        self, name: str, data: str, reason: str
    ) -> None:
        with pytest.raises(PayloadDecodeError) as refused:
            decode_json(message_class(f"kinds.{name}"), data)
        assert refused.value.reason == reason

    def test_a_value_of_the_wrong_type_is_refused(self) -> None:
        with pytest.raises(PayloadDecodeError):
            decode_json(UiEventFrame, '{"sessionId": 5}')

    @pytest.mark.parametrize("ordinal", ["-1", "18446744073709551616", "1.5", '"x"', "1e400"])
    def test_a_number_that_the_field_cannot_hold_is_refused(self, ordinal: str) -> None:
        with pytest.raises(PayloadDecodeError):
            decode_json(UiEventFrame, f'{{"eventOrdinal": {ordinal}}}')

    @pytest.mark.parametrize("token", ["NaN", "Infinity", "-Infinity"])
    def test_a_bare_nan_or_infinity_is_refused(self, token: str) -> None:
        with pytest.raises(PayloadDecodeError):
            decode_json(DoubleValue, token)

    def test_an_unknown_enum_value_is_refused(self) -> None:
        with pytest.raises(PayloadDecodeError):
            decode_json(Field, '{"kind": "TYPE_NONSENSE"}')

    def test_invalid_utf_8_is_refused(self) -> None:
        with pytest.raises(PayloadDecodeError, match="utf-8"):
            decode_json(StringValue, b'"\xff"')

    @pytest.mark.parametrize("data", ['"\\ud800"', '"\ud800"'])
    def test_a_lone_surrogate_is_refused(self, data: str) -> None:
        with pytest.raises(PayloadDecodeError):
            decode_json(StringValue, data)

    def test_invalid_base64_is_refused(self) -> None:
        with pytest.raises(PayloadDecodeError):
            decode_json(BytesValue, '"a"')

    def test_a_time_out_of_range_is_refused(self) -> None:
        with pytest.raises(PayloadDecodeError):
            decode_json(Timestamp, '"10000-01-01T00:00:00Z"')

    def test_an_integer_of_too_many_digits_is_refused(self) -> None:
        with pytest.raises(PayloadDecodeError):
            decode_json(Int64Value, "1" * 5000)

    @given(anything_json)
    def test_any_json_is_decoded_or_refused_and_nothing_else(self, value: object) -> None:
        for message_type in (Type, FileDescriptorProto, StringValue, Struct, Timestamp):
            try:
                decode_json(message_type, json.dumps(value))
            except PayloadDecodeError as error:
                assert error.expected == message_type.DESCRIPTOR.full_name  # noqa: PT017

    @given(st.binary(max_size=20))
    def test_any_bytes_are_decoded_or_refused_and_nothing_else(self, data: bytes) -> None:
        try:
            decode_json(Type, data)
        except PayloadDecodeError as error:
            assert error.reason  # noqa: PT017


class TestNesting:
    def nested(self, depth: int) -> str:
        return '{"nestedType":[' * depth + "{}" + "]}" * depth

    def test_moderate_nesting_is_read(self) -> None:
        assert decode_json(DescriptorProto, self.nested(40)).nested_type

    def test_deep_nesting_is_refused(self) -> None:
        with pytest.raises(PayloadDecodeError):
            decode_json(DescriptorProto, self.nested(150))

    @pytest.mark.parametrize("data", ["[" * 100_000, '{"a":' * 100_000])
    def test_nesting_that_would_exhaust_the_stack_is_refused(self, data: str) -> None:
        with pytest.raises(PayloadDecodeError):
            decode_json(DescriptorProto, data)
