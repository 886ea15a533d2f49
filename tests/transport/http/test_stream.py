"""Frames as Server-Sent Events."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessionstream.transport.http.stream import HEARTBEAT, EventStream, closing, parsed


def write(stream: EventStream, kind: str, **fields: object) -> str:
    text = json.dumps({kind: fields})
    return stream.write(kind, fields, text).decode()


def id_of(event: str) -> str | None:
    first = event.partition("\n")[0]
    return first.removeprefix("id: ") if first.startswith("id: ") else None


def ui_event(ordinal: int, index: int = 0, size: int = 1) -> dict[str, object]:
    return {"eventOrdinal": str(ordinal), "batchIndex": index, "batchSize": size}


class TestAnEvent:
    def test_it_is_the_frame(self) -> None:
        assert write(EventStream(), "error", code="x") == 'data: {"error": {"code": "x"}}\n\n'

    def test_a_greeting_is_left_out_and_a_ping_is_a_comment(self) -> None:
        assert write(EventStream(), "hello", connectionId="c") == ""
        assert write(EventStream(), "ping", nonce="n") == HEARTBEAT.decode()

    def test_going_away_says_when_to_ask_again(self) -> None:
        stream = EventStream(pick=lambda below: below - 1)
        event = write(stream, "goAway", reconnectWithinMs=5000)
        assert event.startswith('retry: 5000\ndata: {"goAway"')

    def test_an_end_is_an_event_of_its_own_type(self) -> None:
        expected = b'event: close\ndata: {"code": 4401, "reason": "over"}\n\n'
        assert closing(4401, "over") == expected

    @given(st.text(st.characters(exclude_categories=["Cs"])))
    def test_no_reason_breaks_out_of_its_line(self, reason: str) -> None:
        assert closing(1001, reason).count(b"\n") == 3
        assert b"\r" not in closing(1001, reason)

    def test_a_frame_is_taken_apart(self) -> None:
        assert parsed('{"ping":{"nonce":"n"}}') == ("ping", {"nonce": "n"})


class TestItsId:
    def test_it_is_the_position_once_a_batch_is_whole(self) -> None:
        stream = EventStream("e")
        assert id_of(write(stream, "uiEvent", **ui_event(3, 0, 2))) is None
        assert id_of(write(stream, "uiEvent", **ui_event(3, 1, 2))) == "e:3"

    def test_an_ephemeral_event_moves_nothing(self) -> None:
        assert id_of(write(EventStream("e"), "uiEvent", **ui_event(0))) is None

    def test_it_is_that_of_a_snapshot_once_the_last_part_is_there(self) -> None:
        stream = EventStream()
        part = {"snapshotOrdinal": "7", "epoch": "e", "partCount": 2}
        assert id_of(write(stream, "snapshot", partIndex=0, **part)) is None
        assert id_of(write(stream, "snapshot", partIndex=1, **part)) == "e:7"

    @pytest.mark.parametrize("kind", ["subscribed", "position"])
    def test_it_is_the_head_where_everything_up_to_it_was_sent(self, kind: str) -> None:
        assert id_of(write(EventStream(), kind, epoch="e", headOrdinal="9")) == "e:9"

    def test_what_follows_a_snapshot_is_of_its_epoch(self) -> None:
        stream = EventStream("old")
        write(stream, "snapshot", snapshotOrdinal="1", epoch="new", partIndex=0, partCount=1)
        assert id_of(write(stream, "uiEvent", **ui_event(2))) == "new:2"

    def test_an_epoch_can_hold_anything(self) -> None:
        stream = EventStream("a:b\n")
        assert id_of(write(stream, "uiEvent", **ui_event(2))) == "a%3Ab%0A:2"
