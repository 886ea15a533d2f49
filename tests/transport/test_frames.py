"""Frames as text."""

from __future__ import annotations

import json

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from google.protobuf.wrappers_pb2 import StringValue
from hypothesis import example, given
from hypothesis import strategies as st

from sessionstream import ProtocolError, Snapshot, TimelineEntity, UIEvent
from sessionstream.transport import frames
from sessionstream.transport.frames import ErrorCode
from sessionstream.v1 import transport_pb2 as pb

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


class TestServerFrames:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            (frames.hello("c1"), {"hello": {"connectionId": "c1"}}),
            (frames.subscribed("s", 0), {"subscribed": {"sessionId": "s"}}),
            (
                frames.subscribed("s", 7),
                {"subscribed": {"sessionId": "s", "sinceSnapshotOrdinal": "7"}},
            ),
            (frames.unsubscribed("s"), {"unsubscribed": {"sessionId": "s"}}),
            (frames.pong("n"), {"pong": {"nonce": "n"}}),
            (frames.pong(""), {"pong": {}}),
            (
                frames.error(ErrorCode.PROTOCOL_ERROR, "no", "s"),
                {"error": {"code": "protocol_error", "message": "no", "sessionId": "s"}},
            ),
            (
                frames.error(ErrorCode.BAD_CLIENT_FRAME, "no"),
                {"error": {"code": "bad_client_frame", "message": "no"}},
            ),
        ],
    )
    def test_a_frame_leaves_defaults_out_and_writes_ordinals_as_strings(
        self, text: str, expected: object
    ) -> None:
        assert json.loads(text) == expected

    def test_an_empty_snapshot_is_nothing_but_its_session(self) -> None:
        empty = Snapshot(session_id="s", snapshot_ordinal=0, entities=())
        assert frames.snapshot(empty) == '{"snapshot":{"sessionId":"s"}}'

    def test_a_snapshot_carries_its_entities_with_their_payload_as_any(self) -> None:
        entity = TimelineEntity(
            kind="Note",
            id="n1",
            payload=StringValue(value="héllo"),
            created_ordinal=2,
            last_event_ordinal=2**63,
        )
        full = Snapshot(session_id="s", snapshot_ordinal=2**63, entities=(entity,))
        assert json.loads(frames.snapshot(full)) == {
            "snapshot": {
                "sessionId": "s",
                "snapshotOrdinal": "9223372036854775808",
                "entities": [
                    {
                        "kind": "Note",
                        "id": "n1",
                        "createdOrdinal": "2",
                        "lastEventOrdinal": "9223372036854775808",
                        "payload": {
                            "@type": "type.googleapis.com/google.protobuf.StringValue",
                            "value": "héllo",
                        },
                    }
                ],
            }
        }

    def test_a_batch_has_one_frame_for_each_ui_event_in_order(self) -> None:
        batch = frames.encode_batch(
            "s",
            3,
            [
                UIEvent(name="First", payload=StringValue(value="ü")),
                UIEvent(name="Second", payload=Timestamp(seconds=1)),
            ],
        )
        assert [json.loads(text) for text in batch.frames] == [
            {
                "uiEvent": {
                    "sessionId": "s",
                    "eventOrdinal": "3",
                    "name": "First",
                    "payload": {
                        "@type": "type.googleapis.com/google.protobuf.StringValue",
                        "value": "ü",
                    },
                }
            },
            {
                "uiEvent": {
                    "sessionId": "s",
                    "eventOrdinal": "3",
                    "name": "Second",
                    "payload": {
                        "@type": "type.googleapis.com/google.protobuf.Timestamp",
                        "value": "1970-01-01T00:00:01Z",
                    },
                }
            },
        ]
        assert batch.size == sum(len(text.encode()) for text in batch.frames)

    def test_an_ephemeral_ui_event_has_no_ordinal(self) -> None:
        batch = frames.encode_batch("s", 0, [UIEvent(name="Typing", payload=Timestamp(seconds=1))])
        assert "eventOrdinal" not in json.loads(batch.frames[0])["uiEvent"]


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
        assert frames.decode(text) == expected

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
            frames.decode(data)
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
            frames.decode(text)
        assert message in caught.value.message

    @given(st.text() | st.text(st.characters()) | st.binary() | ALMOST_FRAMES.map(json.dumps))
    @example('{"subscribe":{"sinceSnapshotOrdinal":Infinity}}')
    @example('{"ping":{"nonce":"\\udfff"}}')
    def test_whatever_a_client_sends_is_a_frame_or_a_protocol_error(
        self, data: str | bytes
    ) -> None:
        assert isinstance(_outcome(data), pb.ClientFrame) or _outcome(data) == "bad_client_frame"


def _outcome(data: str | bytes) -> pb.ClientFrame | str:
    try:
        return frames.decode(data)
    except ProtocolError as error:
        return error.code
