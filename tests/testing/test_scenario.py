"""The steps of a scenario: that each holds, and that each fails when it should, saying why."""

from __future__ import annotations

import asyncio

import pytest
from google.protobuf.api_pb2 import Method, Mixin
from google.protobuf.message import Message

from sessionstream import TimelineEntity, UIEvent, UnknownNameError
from sessionstream.hydration.memory import MemoryStore
from tests.testing.conftest import failure
from tests.testing.lines import (
    BLINKED,
    Lines,
    LinesScenario,
    gone,
    line,
    removed,
    shown,
    write,
    written,
)


class TestPublished:
    async def test_holds_every_event_since_the_last_when_in_order(
        self, lines: LinesScenario
    ) -> None:
        await lines.given(written("z"))
        await lines.when(write("a blink b"))
        await lines.then_published(written("a"), BLINKED, written("b"))
        await lines.when(removed("a"))
        await lines.then_published(removed("a"))

    async def test_holds_ephemeral_events_where_nothing_is_stored(
        self, lines: LinesScenario
    ) -> None:
        await lines.given(written("z"))
        await lines.when(write("blink blink"))
        await lines.then_published(BLINKED, BLINKED)

    async def test_that_differ_are_shown_beside_what_was_expected(
        self, lines: LinesScenario
    ) -> None:
        await lines.given(written("z"))
        await lines.when(write("a blink"))
        with failure() as failed:
            await lines.then_published(written("a", "text"))
        assert failed.text.splitlines() == [
            'after Write {value: "a blink"}: the events differ: expected 1, got 2 '
            "(- expected, + got)",
            "  Written    # event 2",
            '      name: "a"',
            '-     root: "text"',
            "+ Blinked    # ephemeral",
        ]

    async def test_in_another_order_differ(self, lines: LinesScenario) -> None:
        await lines.when(write("a b"))
        with failure():
            await lines.then_published(written("b"), written("a"))

    async def test_that_are_none_hold_as_none(self, lines: LinesScenario) -> None:
        await lines.when(write(""))
        await lines.then_published()
        with failure() as failed:
            await lines.then_published(BLINKED)
        assert failed.text.splitlines()[1:] == ["- Blinked"]

    async def test_can_be_read(self, lines: LinesScenario) -> None:
        await lines.when(write("a blink"))
        found = [(event.ordinal, event.payload) for event in await lines.published()]
        assert found == [(1, written("a")), (0, BLINKED)]

    async def test_that_are_many_are_all_there(self, lines: LinesScenario) -> None:
        """More than a store gives at a time."""
        words = [f"word-{number}" for number in range(1100)]
        await lines.when(write(" ".join(words)))
        await lines.then_published(*map(written, words))

    async def test_by_a_message_that_is_no_event_is_refused(self, lines: LinesScenario) -> None:
        with pytest.raises(UnknownNameError, match=r"google.protobuf.Method.*Blinked, Removed"):
            await lines.then_published(Method())  # type: ignore[arg-type]


class TestShown:
    async def test_holds_every_ui_event_since_the_last_when_in_order(
        self, lines: LinesScenario
    ) -> None:
        await lines.given(written("z"))
        await lines.when(write("a blink"))
        await lines.then_shown(shown("a"), shown("blink"))
        await lines.when(removed("a"))
        await lines.then_shown()

    async def test_that_differ_are_shown_beside_what_was_expected(
        self, lines: LinesScenario
    ) -> None:
        await lines.when(write("a blink"))
        with failure() as failed:
            await lines.then_shown(shown("a"), UIEvent(name="Hidden", payload=Mixin()))
        assert failed.text.splitlines() == [
            'after Write {value: "a blink"}: the UI events differ: expected 2, got 2 '
            "(- expected, + got)",
            "  Shown    # of event 1",
            '      name: "a"',
            "- Hidden",
            "+ Shown    # of an ephemeral event",
            '+     name: "blink"',
        ]

    async def test_by_a_bare_message_is_refused(self, lines: LinesScenario) -> None:
        with pytest.raises(TypeError, match="a UI event is expected here"):
            await lines.then_shown(written("a"))  # type: ignore[arg-type]

    async def test_can_be_waited_for(self, lines: LinesScenario) -> None:
        waiting = asyncio.create_task(lines.until_shown(shown("b")))
        for word in ("a", "b"):
            await asyncio.sleep(0)
            assert not waiting.done()
            await lines.hub.publish(lines.session_id, "Written", written(word))
        await waiting
        assert await lines.shown() == [shown("a"), shown("b")]

    async def test_that_does_not_come_fails_with_what_came(self, app: Lines) -> None:
        async with LinesScenario(app, patience=0.0) as lines:
            await lines.when(write("a"))
            with failure() as failed:
                await lines.until_shown(shown("b"))
        assert failed.text.splitlines() == [
            'after Write {value: "a"}: no such UI event after 0.0 seconds: '
            "expected 1, got 1 (- expected, + got)",
            "  Shown    # of event 1",
            '-     name: "b"',
            '+     name: "a"',
        ]


class TestTheTimeline:
    async def test_holds_all_entities(self, lines: LinesScenario) -> None:
        await lines.given(written("a"), written("b"), written("a", "again"))
        await lines.when(removed("b"))
        await lines.then_timeline(line("a", "again"))
        assert [entity.id for entity in await lines.timeline()] == ["a"]

    async def test_that_differs_is_shown_with_its_ordinals(self, lines: LinesScenario) -> None:
        await lines.given(written("a"), written("a", "again"))
        with failure() as failed:
            await lines.then_timeline(line("a"), gone("b"))
        assert failed.text.splitlines() == [
            "after the given events: the timeline at event 2 differs: expected 2, got 1 "
            "(- expected, + got)",
            "  Line 'a'    # created by event 1, changed by 2",
            '      name: "a"',
            "- Line 'b' (removed)",
            '+     root: "again"',
        ]

    async def test_by_a_bare_message_is_refused(self, lines: LinesScenario) -> None:
        with pytest.raises(TypeError, match="a timeline entity is expected here"):
            await lines.then_timeline(written("a"))  # type: ignore[arg-type]

    async def test_of_many_shows_only_what_is_around_a_difference(
        self, lines: LinesScenario
    ) -> None:
        await lines.given(*(written(f"{number:02}") for number in range(50)))
        expected = [line(f"{number:02}") for number in range(50)]
        expected[25] = line("25", "text")
        with failure() as failed:
            await lines.then_timeline(*expected)
        _, first, *shown, last = failed.text.splitlines()
        assert first == last == "  …"
        assert '-     root: "text"' in shown
        assert len(shown) < 15


class Backwards(MemoryStore):
    """A store may give entities in any order."""

    async def timeline(self, session_id: str) -> list[TimelineEntity[Message]]:
        return (await super().timeline(session_id))[::-1]


class TestChanges:
    async def test_are_the_entities_that_an_event_wrote_or_removed(
        self, lines: LinesScenario
    ) -> None:
        await lines.given(written("a"), written("b"), written("c"))
        await lines.when(written("b", "again"))
        await lines.then_changed(line("b", "again"))
        await lines.when(removed("a"))
        await lines.then_changed(gone("a"))
        await lines.when(BLINKED)
        await lines.then_changed()

    async def test_come_in_the_order_of_the_timeline_whatever_the_stores_is(self) -> None:
        async with LinesScenario(Lines(), store=Backwards()) as lines:
            await lines.when(write("a b c"))
            await lines.then_changed(line("a"), line("b"), line("c"))

    async def test_that_differ_are_shown(self, lines: LinesScenario) -> None:
        await lines.given(written("a"))
        await lines.when(removed("a"))
        with failure() as failed:
            await lines.then_changed(line("a"))
        assert failed.text.splitlines()[1:] == [
            "- Line 'a'",
            '-     name: "a"',
            "+ Line 'a' (removed)",
        ]
