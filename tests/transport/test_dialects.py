"""Server frames in the three dialects."""

from __future__ import annotations

import json

import pytest
from google.protobuf import json_format
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.protobuf.wrappers_pb2 import StringValue
from hypothesis import given
from hypothesis import strategies as st

from sessionstream import Snapshot, TimelineEntity, UIEvent
from sessionstream.transport import frames
from sessionstream.transport.codes import ErrorCode
from sessionstream.transport.dialects import V1_JSON, V2_JSON, V2_PROTO, Dialect, negotiated
from sessionstream.transport.encoded import Encoded
from sessionstream.transport.settings import TransportSettings
from sessionstream.types import UIBatch
from sessionstream.v1 import transport_pb2 as pb

TEXTS = st.text(st.characters(codec="utf-8"), max_size=10)
NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=10)
ORDINALS = st.integers(0, 2**64 - 1)
PAYLOADS = st.builds(StringValue, value=TEXTS) | st.builds(Timestamp, seconds=st.integers(0, 2**31))
BATCHES = st.builds(
    UIBatch,
    session_id=NAMES,
    epoch=TEXTS,
    ordinal=ORDINALS,
    previous_ordinal=ORDINALS,
    events=st.lists(st.builds(UIEvent, name=NAMES, payload=PAYLOADS), max_size=3).map(tuple),
)
ENTITIES = st.builds(
    TimelineEntity,
    kind=TEXTS,
    id=TEXTS,
    payload=st.none() | PAYLOADS,
    tombstone=st.booleans(),
    created_ordinal=ORDINALS,
    last_event_ordinal=ORDINALS,
)
SNAPSHOTS = st.builds(
    Snapshot,
    session_id=NAMES,
    snapshot_ordinal=ORDINALS,
    entities=st.lists(ENTITIES, max_size=8).map(tuple),
)


def parsed(*encoded: Encoded) -> list[pb.ServerFrame]:
    """The frames, by protobuf's own means."""
    return [
        json_format.Parse(message, pb.ServerFrame())
        if isinstance(message, str)
        else pb.ServerFrame.FromString(message)
        for each in encoded
        for message in each.messages
    ]


def text(frame: pb.ServerFrame, dialect: Dialect) -> object:
    (message,) = dialect.encode(frame).messages
    return json.loads(message)


class TestAnswers:
    @pytest.mark.parametrize(
        ("frame", "expected"),
        [
            (frames.v1_hello("c1"), {"hello": {"connectionId": "c1"}}),
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
        ],
    )
    def test_version_1_leaves_defaults_out_and_writes_ordinals_as_strings(
        self, frame: pb.ServerFrame, expected: object
    ) -> None:
        assert text(frame, V1_JSON) == expected

    def test_version_2_writes_zeros_and_enums_but_no_empty_texts(self) -> None:
        subscribed = pb.SubscribedFrame(session_id="s", outcome=pb.SubscribedFrame.RESUMED)
        assert text(pb.ServerFrame(subscribed=subscribed), V2_JSON) == {
            "subscribed": {
                "sessionId": "s",
                "sinceSnapshotOrdinal": "0",
                "headOrdinal": "0",
                "outcome": "RESUMED",
                "reason": "AS_REQUESTED",
            }
        }
        assert text(frames.pong(""), V2_JSON) == {"pong": {}}

    def test_the_greeting_of_version_2_tells_the_limits(self) -> None:
        frame = frames.hello("c1", TransportSettings(), must_authenticate=True)
        assert text(frame, V2_JSON) == {
            "hello": {
                "connectionId": "c1",
                "limits": {
                    "maxClientFrameBytes": 65536,
                    "maxServerFrameBytes": 262144,
                    "maxSubscriptions": 1000,
                    "commandsPerSecond": 50,
                },
                "pingIntervalMs": 20000,
                "capabilities": ["resume", "commands", "authenticate"],
                "authenticationRequired": True,
            }
        }
        assert parsed(V2_JSON.encode(frame)) == parsed(V2_PROTO.encode(frame)) == [frame]


class TestBatches:
    @given(batch=BATCHES)
    def test_both_dialects_of_version_2_say_the_same(self, batch: UIBatch) -> None:
        binary = parsed(V2_PROTO.encode_batch(batch))
        assert parsed(V2_JSON.encode_batch(batch)) == binary
        assert [each.ui_event.batch_index for each in binary] == list(range(len(batch.events)))
        assert all(each.ui_event.batch_size == len(binary) for each in binary)

    @given(batch=BATCHES)
    def test_version_1_is_the_protobuf_json_of_its_fields(self, batch: UIBatch) -> None:
        frames_in_full = parsed(V2_PROTO.encode_batch(batch))
        for frame in frames_in_full:
            for name in ("batch_index", "batch_size", "previous_ordinal"):
                frame.ui_event.ClearField(name)
        expected = [json_format.MessageToDict(frame) for frame in frames_in_full]
        assert [json.loads(each) for each in V1_JSON.encode_batch(batch).messages] == expected

    def test_version_2_writes_every_ordinal_and_count(self) -> None:
        event = UIEvent[Message](name="U", payload=StringValue(value="x"))
        batch = UIBatch(session_id="s", epoch="e", ordinal=0, previous_ordinal=0, events=(event,))
        (message,) = V2_JSON.encode_batch(batch).messages
        assert json.loads(message)["uiEvent"] == {
            "sessionId": "s",
            "eventOrdinal": "0",
            "name": "U",
            "payload": {
                "@type": "type.googleapis.com/google.protobuf.StringValue",
                "value": "x",
            },
            "batchIndex": 0,
            "batchSize": 1,
            "previousOrdinal": "0",
        }


class TestSnapshots:
    @given(snapshot=SNAPSHOTS, most=st.integers(150, 1000))
    def test_parts_hold_every_entity_once_in_order(self, snapshot: Snapshot, most: int) -> None:
        whole = parsed(*V2_PROTO.encode_snapshot(snapshot, "e", 2**30))[0].snapshot.entities
        for dialect in (V2_JSON, V2_PROTO):
            parts = [
                each.snapshot for each in parsed(*dialect.encode_snapshot(snapshot, "e", most))
            ]
            assert [entity for part in parts for entity in part.entities] == list(whole)
            assert [part.part_index for part in parts] == list(range(len(parts)))
            assert {(part.part_count, part.epoch) for part in parts} == {(len(parts), "e")}

    @given(snapshot=SNAPSHOTS, most=st.integers(150, 1000))
    def test_a_part_is_too_long_only_because_of_one_entity(
        self, snapshot: Snapshot, most: int
    ) -> None:
        for dialect in (V2_JSON, V2_PROTO):
            for part in dialect.encode_snapshot(snapshot, "e", most):
                (frame,) = parsed(part)
                assert part.size <= most or len(frame.snapshot.entities) <= 1

    @given(snapshot=SNAPSHOTS)
    def test_version_1_is_the_protobuf_json_of_its_fields(self, snapshot: Snapshot) -> None:
        (frame,) = parsed(*V2_PROTO.encode_snapshot(snapshot, "", 2**30))
        for name in ("part_index", "part_count"):
            frame.snapshot.ClearField(name)
        (encoded,) = V1_JSON.encode_snapshot(snapshot, "e", 1)
        assert json.loads(encoded.messages[0]) == json_format.MessageToDict(frame)

    def test_an_empty_one_is_one_part(self) -> None:
        empty = Snapshot(session_id="s", snapshot_ordinal=0, entities=())
        assert V1_JSON.encode_snapshot(empty, "e", 100)[0].messages == (
            '{"snapshot":{"sessionId":"s"}}',
        )
        (part,) = V2_JSON.encode_snapshot(empty, "e", 100)
        assert json.loads(part.messages[0])["snapshot"] == {
            "sessionId": "s",
            "snapshotOrdinal": "0",
            "entities": [],
            "epoch": "e",
            "partIndex": 0,
            "partCount": 1,
        }


class TestNegotiating:
    @pytest.mark.parametrize(
        ("offered", "expected"),
        [
            ([], V1_JSON),
            (["chat"], V1_JSON),
            (["sessionstream.v2.json"], V2_JSON),
            (["chat", "sessionstream.v2.proto"], V2_PROTO),
            (["sessionstream.v2.json", "sessionstream.v2.proto"], V2_PROTO),
        ],
    )
    def test_the_best_that_is_offered_is_taken(self, offered: list[str], expected: Dialect) -> None:
        assert negotiated(offered) is expected


class TestRawFrames:
    @pytest.mark.parametrize(
        ("size", "head"),
        [
            (0, b"\x81\x00"),
            (125, b"\x81\x7d"),
            (126, b"\x81\x7e\x00\x7e"),
            (65535, b"\x81\x7e\xff\xff"),
            (65536, b"\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"),
        ],
    )
    def test_a_head_tells_the_length_in_the_shortest_form(self, size: int, head: bytes) -> None:
        assert Encoded((b"x" * size,), is_text=True).raw == head + b"x" * size

    def test_frames_follow_each_other(self) -> None:
        assert Encoded((b"1", b"22"), is_text=False).raw == b"\x82\x011\x82\x0222"
