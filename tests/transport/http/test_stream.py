"""Frames as Server-Sent Events."""

from __future__ import annotations

import json
import re

import pytest
from google.protobuf.wrappers_pb2 import StringValue
from hypothesis import given
from hypothesis import strategies as st

from sessionstream.transport.dialects import V2_JSON
from sessionstream.transport.encoded import Encoded
from sessionstream.transport.http.stream import HEARTBEAT, EventStream, Frames, closing
from sessionstream.types import UIBatch, UIEvent

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def stream(epoch: str = "") -> EventStream:
    return EventStream(Frames(), epoch, pick=lambda below: below - 1)


def write(to: EventStream, kind: str, **fields: object) -> str:
    encoded = Encoded((json.dumps({kind: fields}).encode(),), is_text=True)
    (frame,) = to.frames.of(encoded)
    return to.write(frame).decode()


def id_of(event: str) -> str | None:
    first = event.partition("\n")[0]
    return first.removeprefix("id: ") if first.startswith("id: ") else None


def ui_event(ordinal: int, index: int = 0, size: int = 1) -> dict[str, object]:
    return {"eventOrdinal": str(ordinal), "batchIndex": index, "batchSize": size}


class TestAnEvent:
    def test_it_is_the_frame(self) -> None:
        assert write(stream(), "error", code="x") == 'data: {"error": {"code": "x"}}\n\n'

    def test_a_greeting_is_left_out_and_a_ping_is_a_comment(self) -> None:
        assert write(stream(), "hello", connectionId="c") == ""
        assert write(stream(), "ping", nonce="n") == HEARTBEAT.decode()

    def test_going_away_says_when_to_ask_again(self) -> None:
        event = write(stream(), "goAway", reconnectWithinMs=5000)
        assert event.startswith('retry: 5000\ndata: {"goAway"')

    def test_an_end_is_an_event_of_its_own_type(self) -> None:
        expected = b'event: close\ndata: {"code": 4401, "reason": "over"}\n\n'
        assert closing(4401, "over") == expected

    @given(st.text(st.characters(exclude_categories=["Cs"])))
    def test_no_reason_breaks_out_of_its_line(self, reason: str) -> None:
        assert closing(1001, reason).count(b"\n") == 3
        assert b"\r" not in closing(1001, reason)

    @given(TEXTS, TEXTS, st.integers(1, 2**64 - 1))
    def test_no_payload_breaks_out_of_its_line(
        self, session_id: str, text: str, ordinal: int
    ) -> None:
        batch = UIBatch(
            session_id=session_id,
            epoch="e",
            ordinal=ordinal,
            previous_ordinal=0,
            events=(UIEvent(name="Shown", payload=StringValue(value=text)),),
        )
        encoded = V2_JSON.encode_batch(batch)
        to = stream("e")
        event = to.write(*to.frames.of(encoded)).decode()
        # A stream's lines end with any of these, and with nothing else.
        lines = re.split("\r\n|\n|\r", event)
        sent = encoded.payloads[0].decode()
        assert lines == [f"id: e:{ordinal}", f"data: {sent}", "", ""]
        payload = json.loads(sent)["uiEvent"]["payload"]
        assert payload["value"] == text

    def test_what_goes_to_many_streams_is_taken_apart_once(self) -> None:
        frames = Frames()
        encoded = Encoded((b'{"uiEvent":{"payload":{"big":1},"batchSize":1}}',), is_text=True)
        first, again = frames.of(encoded), frames.of(encoded)
        assert first is again
        assert first[0].fields == {"batchSize": 1}


class TestItsId:
    def test_it_is_the_position_once_a_batch_is_whole(self) -> None:
        to = stream("e")
        assert id_of(write(to, "uiEvent", **ui_event(3, 0, 2))) is None
        assert id_of(write(to, "uiEvent", **ui_event(3, 1, 2))) == "e:3"

    def test_an_ephemeral_event_moves_nothing(self) -> None:
        assert id_of(write(stream("e"), "uiEvent", **ui_event(0))) is None

    def test_it_is_that_of_a_snapshot_once_the_last_part_is_there(self) -> None:
        to = stream()
        part = {"snapshotOrdinal": "7", "epoch": "e", "partCount": 2}
        assert id_of(write(to, "snapshot", partIndex=0, **part)) is None
        assert id_of(write(to, "snapshot", partIndex=1, **part)) == "e:7"

    @pytest.mark.parametrize("kind", ["subscribed", "position"])
    def test_it_is_the_head_where_everything_up_to_it_was_sent(self, kind: str) -> None:
        assert id_of(write(stream(), kind, epoch="e", headOrdinal="9")) == "e:9"

    def test_what_follows_a_snapshot_is_of_its_epoch(self) -> None:
        to = stream("old")
        write(to, "snapshot", snapshotOrdinal="1", epoch="new", partIndex=0, partCount=1)
        assert id_of(write(to, "uiEvent", **ui_event(2))) == "new:2"

    def test_an_epoch_can_hold_anything(self) -> None:
        to = stream("a:b\n")
        assert id_of(write(to, "uiEvent", **ui_event(2))) == "a%3Ab%0A:2"
