from __future__ import annotations

from contextlib import suppress

import pytest
from google.protobuf.wrappers_pb2 import Int64Value, StringValue
from hypothesis import given
from hypothesis import strategies as st

from sessionstream.client.errors import ServerFrameError
from sessionstream.client.frames import Dialect, decode, encode
from sessionstream.client.reading import Reader
from sessionstream.v1 import transport_pb2 as pb
from tests.client.model_server import encoded, make_registry, packed, snapshot, ui_event

FRAMES = (ui_event(2**63, 1, 2, 3), snapshot(5, "é", 1, 2))


class TestDecoding:
    @pytest.mark.parametrize("dialect", Dialect)
    @pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: frame.WhichOneof("frame"))
    def test_gives_what_the_server_wrote(self, frame: pb.ServerFrame, dialect: Dialect) -> None:
        assert decode(encoded(frame, dialect), dialect) == frame

    @given(data=st.binary() | st.text() | st.just("[" * 100_000), dialect=st.sampled_from(Dialect))
    def test_raises_nothing_but_its_error(self, data: str | bytes, dialect: Dialect) -> None:
        with suppress(ServerFrameError):
            decode(data, dialect)

    @given(data=st.data())
    def test_nothing_that_is_damaged_raises_another_error(self, data: st.DataObject) -> None:
        dialect = data.draw(st.sampled_from(Dialect))
        whole = encoded(data.draw(st.sampled_from(FRAMES)), dialect)
        at = data.draw(st.integers(0, len(whole) - 1))
        with suppress(ServerFrameError):
            if isinstance(whole, bytes):
                decode(whole[:at] + data.draw(st.binary()) + whole[at + 1 :], dialect)
            else:
                decode(whole[:at] + data.draw(st.text()) + whole[at + 1 :], dialect)

    @pytest.mark.parametrize("text", ["[]", "1", '{"hello": 1}', '{"uiEvent": {"payload": []}}'])
    def test_json_that_is_no_frame_is_refused_or_empty(self, text: str) -> None:
        with suppress(ServerFrameError):
            assert not decode(text, Dialect.JSON).ui_event.HasField("payload")

    def test_a_message_of_the_other_dialect_is_refused(self) -> None:
        with pytest.raises(ServerFrameError, match="a text message"):
            decode("{}", Dialect.PROTO)
        with pytest.raises(ServerFrameError, match="a binary message"):
            decode(b"", Dialect.JSON)

    def test_unknown_fields_within_a_payload_are_passed_over(self) -> None:
        payload = (
            '{"@type": "type.googleapis.com/sessionstream.v1.PingFrame", "nonce": "n", "newer": 1}'
        )
        frame = decode(f'{{"uiEvent": {{"payload": {payload}}}}}', Dialect.JSON)
        ping = pb.PingFrame()
        assert frame.ui_event.payload.Unpack(ping)
        assert ping.nonce == "n"


class TestEncoding:
    def test_json_is_a_text_and_proto_is_bytes(self) -> None:
        frame = pb.ClientFrame(ping=pb.PingFrame(nonce="n"))
        assert encode(frame, Dialect.JSON) == '{"ping":{"nonce":"n"}}'
        assert encode(frame, Dialect.PROTO) == frame.SerializeToString()


class TestReading:
    def test_gives_the_registered_type(self) -> None:
        found = Reader(make_registry()).ui_event(ui_event(1).ui_event)
        assert found is not None
        assert found.payload == StringValue(value="1.0")

    def test_leaves_out_what_has_another_type(self) -> None:
        other = pb.UiEventFrame(name="Shown", payload=packed(Int64Value(value=1)))
        assert Reader(make_registry()).ui_event(other) is None

    def test_leaves_out_what_is_damaged(self) -> None:
        damaged = packed(StringValue())
        damaged.value = b"\xff"
        frame = pb.UiEventFrame(name="Shown", payload=damaged)
        assert Reader(make_registry()).ui_event(frame) is None

    def test_leaves_out_entities_of_an_unknown_kind(self) -> None:
        entity = pb.SnapshotEntity(kind="Newer", id="1", payload=packed(StringValue()))
        assert Reader(make_registry()).entity(entity) is None

    def test_a_tombstone_has_no_payload(self) -> None:
        found = Reader(make_registry()).entity(
            pb.SnapshotEntity(kind="Line", id="1", tombstone=True)
        )
        assert found is not None
        assert (found.tombstone, found.payload) == (True, None)
