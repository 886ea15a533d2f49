"""Whatever bytes a client sends: a frame or a `ProtocolError`, in bounded memory."""

from __future__ import annotations

import json
import tracemalloc

import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.wrappers_pb2 import StringValue
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sessionstream import ProtocolError
from sessionstream.transport.dialects import DIALECTS, V2_JSON, V2_PROTO, Dialect
from sessionstream.transport.settings import TransportSettings
from sessionstream.v1 import transport_pb2 as pb

LIMIT = TransportSettings().max_frame_bytes
# Parsed values of Python are larger than their text; a huge length or nesting must not add to it.
MOST_PER_BYTE = 60
PAYLOAD = AnyMessage()
PAYLOAD.Pack(StringValue(value="a=1"))
VALID = [
    pb.ClientFrame(subscribe=pb.SubscribeRequest(session_id="s", since_epoch="e")),
    pb.ClientFrame(ping=pb.PingFrame(nonce="nonce")),
    pb.ClientFrame(
        command=pb.CommandRequest(command_id="c", session_id="s", name="Put", payload=PAYLOAD)
    ),
]
TEXTS = [
    '{"subscribe":{"sessionId":"s","sinceSnapshotOrdinal":"5","mode":"RESUME","sinceEpoch":"e"}}',
    '{"ping":{"nonce":"nonce"}}',
    '{"command":{"commandId":"c","sessionId":"s","name":"Put","expectedOrdinal":"1","payload":'
    '{"@type":"type.googleapis.com/google.protobuf.StringValue","value":"a=1"}}}',
]
VARINTS = st.sampled_from([b"\xff" * 9 + b"\x01", b"\xff" * 12, b"\xff\xff\xff\xff\x0f", b"\x80"])
HUGE = [
    "[" * LIMIT,
    '{"command":' * (LIMIT // 11),
    '{"command":{"payload":{"@type":"type.googleapis.com/google.protobuf.Any","value":' * 500,
    '{"subscribe":{"sinceSnapshotOrdinal":' + "9" * (LIMIT - 40) + "}}",
    '{"ping":{"nonce":"' + "\\ud800" * (LIMIT // 6 - 10) + '"}}',
    "{" + ",".join(f'"k{n}":1' for n in range(LIMIT // 10)) + "}",
    b"\x0a\xff\xff\xff\xff\x07",
    b"\xa2\x06\xff\xff\xff\x7f" + bytes(LIMIT - 6),
    b"\x0b" * LIMIT,
    b"\x0a\x01\xff" * (LIMIT // 3),
]


@st.composite
def mutated(draw: st.DrawFn, valid: bytes) -> bytes:
    """A valid frame with something put in, taken out, or set to another value."""
    data = bytearray(valid)
    for _ in range(draw(st.integers(1, 4))):
        at, length = draw(st.integers(0, len(data))), draw(st.integers(0, 4))
        data[at : at + length] = draw(st.binary(max_size=6) | VARINTS)
    return bytes(data)


BINARY = st.binary(max_size=200) | st.sampled_from(VALID).flatmap(
    lambda frame: mutated(frame.SerializeToString())
)
TEXT = st.text(st.characters(), max_size=100) | st.sampled_from(TEXTS).flatmap(
    lambda text: mutated(text.encode()).map(lambda data: data.decode(errors="surrogateescape"))
)
ANY_DIALECT = st.sampled_from(DIALECTS)


def outcome(dialect: Dialect, data: str | bytes) -> object:
    try:
        return dialect.decode(data)
    except ProtocolError as error:
        return error.code if 0 < len(str(error)) < 400 else str(error)


class TestDecoders:
    @pytest.mark.parametrize("text", TEXTS)
    def test_what_is_mutated_here_is_valid_to_begin_with(self, text: str) -> None:
        assert isinstance(outcome(V2_JSON, text), pb.ClientFrame)

    @settings(max_examples=300, deadline=None)
    @given(ANY_DIALECT, BINARY | TEXT)
    @example(V2_PROTO, b"\x0a\x03\x0a\x01\xff")
    @example(V2_JSON, '{"subscribe":{"sessionId":"\\udfff"}}')
    def test_anything_is_a_frame_or_a_bad_client_frame(
        self, dialect: Dialect, data: str | bytes
    ) -> None:
        found = outcome(dialect, data)
        assert isinstance(found, pb.ClientFrame) or found in ("bad_client_frame", "bad_payload")

    @settings(max_examples=200, deadline=None)
    @given(ANY_DIALECT, BINARY | TEXT)
    def test_what_is_taken_for_a_frame_can_be_written_again(
        self, dialect: Dialect, data: str | bytes
    ) -> None:
        """Names and ids of it go back to the client in answers."""
        found = outcome(dialect, data)
        if isinstance(found, pb.ClientFrame):
            assert pb.ClientFrame.FromString(found.SerializeToString()) is not None
            json.dumps(str(found)).encode()

    @pytest.mark.parametrize("data", HUGE, ids=range(len(HUGE)))
    @pytest.mark.parametrize("dialect", DIALECTS, ids=lambda each: each.subprotocol or "v1")
    def test_the_largest_frame_takes_no_more_memory_than_its_size_allows(
        self, dialect: Dialect, data: str | bytes
    ) -> None:
        outcome(dialect, data)  # what is loaded at the first use does not count
        tracemalloc.start()
        try:
            outcome(dialect, data)
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert most < LIMIT * MOST_PER_BYTE
