"""Client frames: what is read, and that nothing else than a `ProtocolError` is raised."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sessionstream import ProtocolError
from sessionstream.transport.client_frames import (
    UnreadableCommandError,
    decode_json,
    decode_proto,
    decode_v1_json,
)
from sessionstream.transport.codes import ErrorCode
from sessionstream.transport.dialects import DIALECTS, Dialect
from sessionstream.v1 import transport_pb2 as pb

STRING = "type.googleapis.com/google.protobuf.StringValue"

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3)
    ),
    max_leaves=10,
)
# Known names in wrong places get further into the parser than noise does.
NAMES = st.sampled_from(
    ["subscribe", "unsubscribe", "ping", "pong", "sessionId", "sinceSnapshotOrdinal", "nonce"]
)
ALMOST_FRAMES = st.recursive(
    JSON_VALUES, lambda inner: st.dictionaries(NAMES, inner, max_size=3), max_leaves=6
)


class TestClientFrames:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            (
                '{"subscribe":{"sessionId":"s","sinceSnapshotOrdinal":"5"}}',
                pb.ClientFrame(
                    subscribe=pb.SubscribeRequest(session_id="s", since_snapshot_ordinal=5)
                ),
            ),
            (
                '{"subscribe": {"session_id": "s", "since_snapshot_ordinal": 5}}',
                pb.ClientFrame(
                    subscribe=pb.SubscribeRequest(session_id="s", since_snapshot_ordinal=5)
                ),
            ),
            (
                '{"unsubscribe":{"sessionId":"s"}}',
                pb.ClientFrame(unsubscribe=pb.UnsubscribeRequest(session_id="s")),
            ),
            ('{"ping":{"nonce":"n"}}', pb.ClientFrame(ping=pb.PingFrame(nonce="n"))),
            ('{"pong":{}}', pb.ClientFrame(pong=pb.PongFrame())),
            ("{}", pb.ClientFrame()),
            ('{"subscribe":null}', pb.ClientFrame()),
        ],
    )
    def test_protobuf_json_is_read_with_either_kind_of_name(
        self, text: str, expected: pb.ClientFrame
    ) -> None:
        assert decode_v1_json(text) == expected

    @pytest.mark.parametrize(
        "data",
        [
            "",
            "null",
            "[]",
            "5",
            '"subscribe"',
            "{",
            '{"command":{"sessionId":"s"}}',
            '{"subscribe":{"sessionId":"s","extra":1}}',
            '{"subscribe":{"sessionId":5}}',
            '{"subscribe":{"sinceSnapshotOrdinal":"-1"}}',
            '{"subscribe":{"sinceSnapshotOrdinal":"18446744073709551616"}}',
            '{"subscribe":{"sinceSnapshotOrdinal":1e400}}',
            '{"subscribe":{"sinceSnapshotOrdinal":NaN}}',
            '{"subscribe":[]}',
            '{"subscribe":[1]}',
            '{"subscribe":[{}]}',
            '{"subscribe":""}',
            '{"subscribe":0}',
            '{"subscribe":false}',
            '{"unsubscribe":[]}',
            '{"pong":[]}',
            '{"ping":""}',
            '{"ping":{"nonce":[]}}',
            '["ping"]',
            '{"subscribe":{"sessionId":"\\ud800"}}',
            '{"\\ud800":1}',
            "\ud800",
            '{"ping":{},"pong":{}}',
            '{"ping":{"nonce":"a","nonce":"b"}}',
            b'{"ping":{"nonce":"n"}}',
            "[" * 60_000,
            '{"subscribe":' * 5_000,
            '{"subscribe":{"sinceSnapshotOrdinal":' + "9" * 10_000 + "}}",
        ],
    )
    def test_anything_else_is_a_bad_client_frame_with_a_short_message(
        self, data: str | bytes
    ) -> None:
        with pytest.raises(ProtocolError) as caught:
            decode_v1_json(data)
        assert caught.value.code == ErrorCode.BAD_CLIENT_FRAME
        assert 0 < len(caught.value.message) <= 210

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("{", "not JSON: Expecting property name"),
            ('{"command":{}}', 'unknown field "command"'),
            ('{"ping":{"extra":5}}', 'unknown field "extra"'),
            ('{"ping":{"nonce":5}}', 'the field "nonce" can\'t hold that value'),
            (
                '{"subscribe":{"sinceSnapshotOrdinal":-1}}',
                'the field "sinceSnapshotOrdinal" can\'t hold that value',
            ),
            # What follows makes Python or protobuf raise something of its own.
            ("[" * 60_000, "not the JSON of a client frame"),
            ('{"\\ud800":1}', 'unknown field "\\ud800"'),
            (
                '{"subscribe":{"sinceSnapshotOrdinal":' + "9" * 10_000 + "}}",
                "not the JSON of a client frame",
            ),
        ],
    )
    def test_the_message_says_what_is_wrong_but_nothing_of_the_server(
        self, text: str, message: str
    ) -> None:
        with pytest.raises(ProtocolError) as caught:
            decode_v1_json(text)
        assert message in caught.value.message


class TestVersion1:
    @pytest.mark.parametrize(
        "text",
        [
            '{"subscribe":{"sessionId":"s","mode":"SNAPSHOT"}}',
            '{"subscribe":{"sessionId":"s","sinceEpoch":""}}',
            '{"subscribe":{"sessionId":"s","since_epoch":"e"}}',
            '{"authenticate":{"token":"t"}}',
        ],
    )
    def test_has_none_of_the_fields_of_version_2(self, text: str) -> None:
        assert isinstance(decode_json(text), pb.ClientFrame)
        with pytest.raises(ProtocolError, match="unknown field"):
            decode_v1_json(text)


class TestBinaryFrames:
    def test_a_frame_is_read(self) -> None:
        frame = pb.ClientFrame(ping=pb.PingFrame(nonce="n"))
        assert decode_proto(frame.SerializeToString()) == frame

    @pytest.mark.parametrize(
        "data", ["{}", b"\xff", b"\x0a\xff\xff\xff\xff\x0f", b"\x0a\x02\x0a\x05"]
    )
    def test_anything_else_is_a_bad_client_frame(self, data: str | bytes) -> None:
        with pytest.raises(ProtocolError) as caught:
            decode_proto(data)
        assert caught.value.code == ErrorCode.BAD_CLIENT_FRAME


@pytest.mark.parametrize("dialect", DIALECTS)
@given(data=st.text() | st.text(st.characters()) | st.binary() | ALMOST_FRAMES.map(json.dumps))
@example(data='{"subscribe":{"sinceSnapshotOrdinal":Infinity}}')
@example(data='{"ping":{"nonce":"\\udfff"}}')
@example(data='{"subscribe":{"mode":null,"sessionId":"s"}}')
def test_whatever_a_client_sends_is_a_frame_or_a_protocol_error(
    dialect: Dialect, data: str | bytes
) -> None:
    try:
        assert isinstance(dialect.decode(data), pb.ClientFrame)
    except ProtocolError as error:
        assert error.code == "bad_client_frame"  # noqa: PT017


class TestACommandThatCanNotBeRead:
    @pytest.mark.parametrize(
        ("fields", "text"),
        [
            ({"payload": {"@type": STRING, "value": 1}}, "value"),
            ({"payload": {"@type": STRING, "value": "x", "other": 1}}, "payload"),
            ({"payload": {"@type": "x/Unknown"}}, "@type"),
            ({"payload": "text"}, "payload"),
            ({"expectedOrdinal": "-1"}, "expectedOrdinal"),
            ({"bogus": 1}, "bogus"),
        ],
    )
    def test_is_told_with_its_ids(self, fields: dict[str, object], text: str) -> None:
        ids = {"requestId": "r", "commandId": "c", "sessionId": "s"}
        with pytest.raises(UnreadableCommandError) as caught:
            decode_json(json.dumps({"command": {**ids, "name": "Say", **fields}}))
        assert caught.value.code == "bad_payload"
        assert text in caught.value.message
        asked = pb.CommandRequest(request_id="r", command_id="c", session_id="s")
        assert caught.value.asked == asked

    @pytest.mark.parametrize("ids", [{"command_id": "c"}, {"commandId": "c", "sessionId": 5}])
    def test_only_its_own_id_is_needed(self, ids: dict[str, object]) -> None:
        with pytest.raises(UnreadableCommandError) as caught:
            decode_json(json.dumps({"command": {**ids, "bogus": 1}}))
        assert caught.value.asked == pb.CommandRequest(command_id="c")

    @pytest.mark.parametrize(
        "command", [{"commandId": ""}, {"commandId": 5}, {"commandId": "x" * 513}, {}, [], "c"]
    )
    def test_without_an_id_it_is_a_bad_frame(self, command: object) -> None:
        if isinstance(command, dict):
            command["bogus"] = 1
        with pytest.raises(ProtocolError) as caught:
            decode_json(json.dumps({"command": command}))
        assert caught.value.code == "bad_client_frame"

    @pytest.mark.parametrize("command_id", [r"\ud800", r"c\udfff"])
    def test_an_id_that_is_no_text_is_none(self, command_id: str) -> None:
        with pytest.raises(ProtocolError) as caught:
            decode_json(f'{{"command": {{"commandId": "{command_id}", "bogus": 1}}}}')
        assert caught.value.code == "bad_client_frame"

    def test_version_1_has_no_commands(self) -> None:
        with pytest.raises(ProtocolError) as caught:
            decode_v1_json('{"command": {"commandId": "c", "bogus": 1}}')
        assert caught.value.code == "bad_client_frame"
