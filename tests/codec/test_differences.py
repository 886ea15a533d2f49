"""What is accepted and refused, against json_format: the same, but for what `decoding` lists."""

from __future__ import annotations

import json
from typing import Any

import pytest
from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sessionstream import PayloadDecodeError
from sessionstream.codec import decode_json, encode_json
from tests.codec.message_types import CONFORMANCE, DEMO, OWN, message_class
from tests.codec.random_messages import messages

# JSON that json_format takes and the codec does not, by the type and the reason.
REFUSED_HERE = [
    ("Scalars", '{"anInt32": 1, "an_int32": 2}', "an_int32: the field is given twice"),
    ("Maps", '{"byInt32": {"1": 1, "01": 2}}', "byInt32.01: the key is given twice"),
    ("Tree", '{"left": []}', "left: an object was expected, not a list"),
    ("Tree", '{"left": ""}', 'left: an object was expected, not ""'),
    ("Lists", '{"trees": [{}, []]}', "trees[1]: an object was expected, not a list"),
    ("Scalars", '{"aDouble": true}', "aDouble: a number was expected, not true"),
    ("Scalars", '{"anInt32": "1_0"}', 'anInt32: a number was expected, not "1_0"'),
    ("Scalars", '{"anInt32": "\\t1"}', 'anInt32: a number was expected, not "\\t1"'),
    ("Scalars", '{"anInt32": "\u0661"}', 'anInt32: a number was expected, not "\u0661"'),
    ("Scalars", '{"aDouble": "inf"}', 'aDouble: a number was expected, not "inf"'),
    ("Scalars", '{"aDouble": "1e400"}', "aDouble: the number is too large"),
    ("Scalars", '{"aFloat": "1e39"}', "aFloat: the number is too large for 32 bits"),
    ("Scalars", '{"aColor": 1.5}', "aColor: an integer was expected"),
    ("Scalars", '{"aColor": true}', "aColor: a number was expected, not true"),
    ("Scalars", '{"someBytes": "AA$="}', 'someBytes: base64 was expected, not "AA$="'),
    ("WellKnown", '{"value": NaN}', "NaN stands in quotes in JSON"),
    ("WellKnown", '{"value": 1e400}', "value: the number is too large"),
    (
        "WellKnown",
        '{"any": {"@type": "a/google.protobuf.Duration", "value": "1s", "more": 1}}',
        "any: a google.protobuf.Duration stands under the name value, and nothing else",
    ),
    (
        "WellKnown",
        '{"value": ' + "[" * 101 + "]" * 101 + "}",
        "value" + "[0]" * 99 + ": it is nested more than 100 levels deep",
    ),
    (
        "Tree",
        '{"nothing": null, "text": "a"}',
        "text: another field of the oneof kinds.v3.Tree.label is given too",
    ),
]
# The reasons above, without what differs: nothing else may be refused alone.
LISTED = (
    "given twice",
    "an object was expected",
    "a number was expected",
    "the number is too large",
    "an integer was expected",
    "base64 was expected",
    "stands in quotes",
    "and nothing else",
    "levels deep",
    "of the oneof",
)


def reference(message_type: type[Message], text: str) -> Message | None:
    """What json_format reads, or None where it refuses."""
    try:
        return json_format.Parse(text, message_type())
    except json_format.ParseError:
        return None


class TestRefusedHereOnly:
    @pytest.mark.parametrize(("name", "text", "reason"), REFUSED_HERE)
    def test_what_json_format_would_lose_or_invent_is_refused(
        self, name: str, text: str, reason: str
    ) -> None:
        message_type = message_class(f"kinds.v3.{name}")
        assert reference(message_type, text) is not None
        with pytest.raises(PayloadDecodeError) as refused:
            decode_json(message_type, text)
        assert refused.value.reason == reason


class TestAcceptedHereOnly:
    @pytest.mark.parametrize("text", ['{"nulls": [null]}', '{"nulls": {"a": null}}'])
    def test_null_is_read_for_the_enum_that_is_written_as_null(self, text: str) -> None:
        message_type = message_class(f"kinds.v3.{'Lists' if '[' in text else 'Maps'}")
        assert reference(message_type, text) is None
        assert encode_json(decode_json(message_type, text)).decode() == text.replace(" ", "")

    @pytest.mark.parametrize("name", ["nulls", "values"])
    def test_null_is_an_empty_list_whatever_its_elements_are(self, name: str) -> None:
        message_type, text = message_class("kinds.v3.Lists"), f'{{"{name}": null}}'
        assert reference(message_type, text) is None
        assert decode_json(message_type, text) == message_type()

    @pytest.mark.parametrize("sign", ["", "-"])
    def test_the_largest_float_is_read_as_it_is_written(self, sign: str) -> None:
        message_type, text = message_class("kinds.v3.Scalars"), f'{{"aFloat":{sign}3.4028235e+38}}'
        assert reference(message_type, text) is None
        assert encode_json(decode_json(message_type, text)).decode() == text


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=4)
    | st.sampled_from(["1", "-0", "1e2", "1.5", "NaN", "Infinity", "AA==", "-_", "1s", "true"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=3,
)


@st.composite
def almost_json(draw: st.DrawFn, descriptor: Descriptor) -> tuple[type[Message], str]:
    """A message type and JSON for it in which one value may be another one."""
    message = draw(messages(descriptor))
    parsed = json.loads(encode_json(message))
    places, changes = _places(parsed), draw(st.integers(0, 3))
    if places and changes:
        holder, key = draw(st.sampled_from(places))
        holder[key] = draw(ANYTHING)
    return type(message), json.dumps(parsed)


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every place of a value inside another: what holds it, and its key there."""
    if isinstance(value, dict):
        entries = list(value.items())
    else:
        entries = list(enumerate(value)) if isinstance(value, list) else []
    inside = [place for _, inner in entries for place in _places(inner)]
    return [(value, key) for key, _ in entries] + inside


class TestTheSame:
    @settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
    @given(st.sampled_from([*OWN, *DEMO, *CONFORMANCE]).flatmap(almost_json))
    def test_the_same_is_read_or_refused_but_for_the_list(
        self, given: tuple[type[Message], str]
    ) -> None:
        message_type, text = given
        expected = reference(message_type, text)
        read, reason = outcome(message_type, text)
        if read is not None and expected is not None:
            assert _shown(read) == _shown(expected)
        elif read is not None:
            assert "null" in text or "e+38" in text
        elif expected is not None:
            assert any(part in reason for part in LISTED), reason


def outcome(message_type: type[Message], text: str) -> tuple[Message | None, str]:
    """What the codec reads, or why it refuses."""
    try:
        return decode_json(message_type, text), ""
    except PayloadDecodeError as error:
        return None, error.reason


def _shown(message: Message) -> object:
    # The order of maps inside an Any may differ, so bytes of that can't be compared.
    try:
        return json_format.MessageToDict(message)
    except (json_format.SerializeToJsonError, TypeError, ValueError):
        return message.SerializeToString(deterministic=True)
