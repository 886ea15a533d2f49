"""Entities that are copied when they are read behave like those that were copied at once."""

from __future__ import annotations

import copy
from dataclasses import replace

from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import StringValue

from sessionstream import TimelineEntity
from sessionstream.lending import lend
from sessionstream.timeline import Timeline
from tests.runtime.app import line, text, text_of

STORED = replace(line("a", "1"), created_ordinal=1, last_event_ordinal=2)


class TestALentEntity:
    def test_has_the_same_values(self) -> None:
        assert lend(STORED) == STORED
        assert lend(STORED) == STORED
        assert lend(STORED) == lend(STORED)
        assert lend(STORED) != replace(STORED, id="b")
        assert replace(STORED, payload=text("2")) != lend(STORED)
        assert lend(STORED).__eq__("a") is NotImplemented

    def test_is_shown_as_what_it_is(self) -> None:
        assert repr(lend(STORED)) == repr(STORED)

    def test_has_one_payload_however_often_it_is_read(self) -> None:
        lent = lend(STORED)
        assert lent.payload is lent.payload

    def test_has_a_payload_that_its_reader_may_change(self) -> None:
        lent = lend(STORED)
        assert isinstance(lent.payload, StringValue)
        lent.payload.value = "changed"
        assert text_of(lent.payload) == "changed"
        assert text_of(STORED.payload) == "1"
        assert text_of(lend(STORED).payload) == "1"

    def test_keeps_what_it_was_when_the_timeline_goes_on(self) -> None:
        timeline = Timeline([STORED])
        [before] = timeline.copies()
        timeline.put(line("a", "2"))
        assert text_of(before.payload) == "1"

    def test_can_be_replaced_and_copied(self) -> None:
        assert replace(lend(STORED), id="b") == replace(STORED, id="b")
        assert copy.deepcopy(lend(STORED)) == STORED
        assert copy.copy(lend(STORED)) == STORED


def test_a_snapshot_is_in_order_also_after_a_change() -> None:
    timeline = Timeline([STORED])
    assert [entity.id for entity in timeline.copies()] == ["a"]
    first: TimelineEntity[Message] = replace(line("b", "1"), created_ordinal=1)
    timeline.put(first)
    assert [entity.id for entity in timeline.copies()] == ["b", "a"]
    timeline.put(TimelineEntity(kind="Line", id="a", tombstone=True))
    assert [entity.id for entity in timeline.copies()] == ["b"]
