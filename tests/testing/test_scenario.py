"""The steps of a scenario: that each holds, and that each fails when it should, saying why."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Union

import pytest
from chatdemo.handlers import Handlers
from chatdemo.projections import LiveMessages, StoredMessages
from chatdemo.v1 import chat_pb2 as chat_pb
from chatdemo.v1 import chat_sessionstream as chat
from google.protobuf.api_pb2 import Method, Mixin
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import StringValue

from sessionstream import Hub, SchemaError, TimelineEntity, UIEvent, UnknownNameError
from sessionstream.hydration.memory import MemoryStore
from sessionstream.testing import Scenario
from tests.testing.conftest import failure
from tests.testing.lines import (
    BLINKED,
    Lines,
    LinesCommand,
    LinesEvent,
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


class TestASecondSession:
    async def test_has_its_own_steps(self, lines: LinesScenario) -> None:
        other = lines.in_session("another")
        await lines.when(write("a"))
        await other.when(write("b"))
        await lines.then_timeline(line("a"))
        await other.then_timeline(line("b"))
        await other.then_shown(shown("b"))


class TestSeveralModules:
    async def test_run_in_one_hub_with_the_unions_of_both(self) -> None:
        both = Scenario[
            Union[chat.ChatCommand, LinesCommand],
            Union[chat.ChatEvent, LinesEvent],
            Union[chat.ChatUIEvent, UIEvent[Mixin]],
            Union[chat.ChatEntity, TimelineEntity[Mixin]],
        ]
        chat_install = partial(
            chat.install, handlers=Handlers(Silent()), ui=LiveMessages(), timeline=StoredMessages()
        )

        def install(hub: Hub) -> None:
            chat_install(hub)
            Lines()(hub)

        started = chat_pb.InferenceStarted(message_id="m")
        async with both(install) as scenario:
            await scenario.given(written("a"))
            await scenario.when(started)
            await scenario.then_published(started)
            found = [entity.kind for entity in await scenario.timeline()]
            assert found == ["Line", "ChatMessage"]


class Silent:
    """An engine that is never asked."""

    name = "silent"

    def answer(self, prompt: str) -> AsyncIterator[str]:
        raise AssertionError(prompt)


class TestAScenario:
    async def test_that_was_not_entered_does_nothing(self) -> None:
        lines = LinesScenario(Lines())
        for step in (lines.given(written("a")), lines.when(write("a")), lines.then_timeline()):
            with pytest.raises(RuntimeError, match="async with"):
                await step

    async def test_refuses_a_payload_of_no_role_before_anything_runs(
        self, lines: LinesScenario
    ) -> None:
        known = r"command or event .*google.protobuf.Method.*Write.*Blinked, Removed"
        with pytest.raises(UnknownNameError, match=known):
            await lines.when(Method())  # type: ignore[arg-type]
        assert await lines.timeline() == []

    async def test_refuses_what_is_no_message(self, lines: LinesScenario) -> None:
        for wrong, told in ([written("a")], "got list"), ("x", "got str"), (Mixin, "got the class"):
            with pytest.raises(TypeError, match=f"an event is expected here; {told}"):
                await lines.given(wrong)  # type: ignore[arg-type]
            with pytest.raises(TypeError, match=f"an event is expected here; {told}"):
                await lines.then_published(wrong)  # type: ignore[arg-type]
            with pytest.raises(TypeError, match=f"a command or event is expected here; {told}"):
                await lines.when(wrong)  # type: ignore[arg-type]

    async def test_is_entered_once(self) -> None:
        lines = LinesScenario(Lines())
        async with lines:
            with pytest.raises(RuntimeError, match="has been entered already: make another"):
                await lines.__aenter__()
            await lines.when(written("a"))
        with pytest.raises(RuntimeError, match="has been entered already: make another"):
            async with lines:
                pytest.fail("it was entered")

    async def test_in_which_nothing_has_happened_holds_nothing_as_none(
        self, lines: LinesScenario
    ) -> None:
        other = lines.in_session("another")
        steps = (
            lines.then_published,
            lines.then_shown,
            lines.then_timeline,
            lines.then_changed,
            other.then_timeline,
        )
        for step in steps:
            with pytest.raises(RuntimeError, match=r"nothing has happened yet: .*`when`"):
                await step()
        await lines.when(write("a"))
        await other.then_timeline()

    async def test_begins_with_the_timeline_of_its_store(self) -> None:
        async with MemoryStore() as store:
            async with LinesScenario(Lines(), store=store) as lines:
                await lines.when(written("a"))
            async with LinesScenario(Lines(), store=store) as lines:
                await lines.then_timeline(line("a"))

    async def test_tells_where_a_command_belongs(self, lines: LinesScenario) -> None:
        told = r"StringValue is the command 'Write', and an event belongs here; `when` runs"
        with pytest.raises(SchemaError, match=told):
            await lines.given(write("a"))  # type: ignore[arg-type]
        with pytest.raises(SchemaError, match=told):
            await lines.then_published(write("a"))  # type: ignore[arg-type]
        assert await lines.timeline() == []

    async def test_refuses_a_payload_of_several_names(self) -> None:
        def install(hub: Hub) -> None:
            hub.registry.register_event("One", StringValue)
            hub.registry.register_event("Two", StringValue)

        async with Scenario[Mixin, StringValue, UIEvent[Mixin], TimelineEntity[Mixin]](
            install
        ) as scenario:
            with pytest.raises(SchemaError, match=r"several events: One, Two"):
                await scenario.given(StringValue())

    async def test_gives_the_hub_the_metadata_of_its_sessions(self) -> None:
        async def metadata(session_id: str) -> object:
            return f"of {session_id}"

        async with LinesScenario(Lines(), session_metadata=metadata) as lines:
            session = await lines.hub.session(lines.session_id)
            assert session.metadata == "of session-1"

    async def test_leaves_out_the_fields_that_it_is_told_to_ignore(self) -> None:
        async with LinesScenario(Lines(), ignoring=["root"]) as lines:
            await lines.when(written("a", "some time"))
            await lines.then_timeline(line("a"))
            await lines.then_shown(shown("a", "another time"))
            with failure():
                await lines.then_timeline(line("b", "some time"))
