"""Over random messages: the codec writes what json_format writes, and reads it back."""

from __future__ import annotations

import json

import pytest
from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sessionstream.codec import decode_json, encode_json
from tests.codec.message_types import CONFORMANCE, DEMO, OWN
from tests.codec.random_messages import messages

GROUPS = {"own": OWN, "demo": DEMO, "conformance": CONFORMANCE}
many = settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(params=GROUPS, scope="class")
def types(request: pytest.FixtureRequest) -> st.SearchStrategy[Descriptor]:
    if not (found := GROUPS[request.param]):
        pytest.skip("`make conformance` fetches the schemas of the conformance runner")
    return st.sampled_from(found)


def reference(message: Message) -> bytes:
    fields = json_format.MessageToDict(message)
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


def is_readable(descriptor: Descriptor) -> bool:
    """Whether no field hides another in JSON."""
    return descriptor.full_name != "kinds.v2.Clash"


def content(message: Message) -> bytes:
    """What a message holds. Two messages with a NaN are not equal, though their bytes are."""
    return message.SerializeToString(deterministic=True)


class TestEncoding:
    @many
    @given(data=st.data())
    def test_the_bytes_are_those_of_json_format(
        self, types: st.SearchStrategy[Descriptor], data: st.DataObject
    ) -> None:
        message = data.draw(types.flatmap(messages))
        assert encode_json(message) == reference(message)


class TestDecoding:
    @many
    @given(data=st.data())
    def test_what_was_written_is_read_back(
        self, types: st.SearchStrategy[Descriptor], data: st.DataObject
    ) -> None:
        message = data.draw(types.filter(is_readable).flatmap(messages))
        assert content(decode_json(type(message), encode_json(message))) == content(message)

    @many
    @given(
        data=st.data(),
        defaults=st.booleans(),
        original_names=st.booleans(),
        numbers_for_enums=st.booleans(),
        ascii_only=st.booleans(),
    )
    def test_every_spelling_of_json_format_gives_the_same_message(
        self,
        types: st.SearchStrategy[Descriptor],
        data: st.DataObject,
        *,
        defaults: bool,
        original_names: bool,
        numbers_for_enums: bool,
        ascii_only: bool,
    ) -> None:
        message = data.draw(types.filter(is_readable).flatmap(messages))
        text = json_format.MessageToJson(
            message,
            always_print_fields_with_no_presence=defaults,
            preserving_proto_field_name=original_names,
            use_integers_for_enums=numbers_for_enums,
            ensure_ascii=ascii_only,
        )
        read = decode_json(type(message), text)
        assert content(read) == content(message)
