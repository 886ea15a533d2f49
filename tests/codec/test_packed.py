"""A message written as it stands in an Any."""

from __future__ import annotations

import json

import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.struct_pb2 import Value
from hypothesis import given
from hypothesis import strategies as st

from sessionstream.codec import encode_any_json, encode_json
from tests.codec.message_types import message_class
from tests.codec.random_messages import messages

NAMES = (
    "kinds.v3.Scalars",
    "kinds.v3.WellKnown",
    "kinds.v3.Maps",
    "google.protobuf.Duration",
    "google.protobuf.Struct",
    "google.protobuf.Any",
)


@given(data=st.data(), name=st.sampled_from(NAMES))
def test_it_is_the_json_of_an_any_that_it_was_packed_into(data: st.DataObject, name: str) -> None:
    message = data.draw(messages(message_class(name).DESCRIPTOR))
    packed = AnyMessage()
    packed.Pack(message, deterministic=True)
    try:
        expected = json.loads(encode_json(packed))
    except Exception as error:  # whatever it is, it is the same
        with pytest.raises(type(error)):
            encode_any_json(message)
    else:
        assert json.loads(encode_any_json(message)) == expected


def test_what_has_no_json_form_is_refused() -> None:
    with pytest.raises(ValueError, match=r"(?i)fail|finite|inf"):
        encode_any_json(Value(number_value=float("inf")))
