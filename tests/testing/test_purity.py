"""A projection that changes its mind fails its scenario; one that is pure never does."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import count
from typing import final

import pytest
from chatdemo.v1 import chat_pb2 as chat_pb
from chatdemo.v1 import chat_sessionstream as chat
from google.protobuf.api_pb2 import Mixin
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st

from sessionstream import (
    ErrorSource,
    Event,
    Hub,
    ProjectionError,
    ProjectionPolicies,
    ProjectionPolicy,
    SchemaError,
    Session,
    StoreFullError,
    TimelineEntity,
    TimelineView,
    UIEvent,
    override,
)
from sessionstream.hydration.memory import MemoryStore
from sessionstream.testing import Scenario
from sessionstream.testing.fakes import GatedStore
from tests.testing.conftest import failure
from tests.testing.lines import (
    BLINKED,
    Lines,
    LinesEvent,
    LinesScenario,
    line,
    removed,
    shown,
    write,
    written,
)


class Counting(Lines):
    """Writes into every line how many it has written."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers = count(1)

    def stored(
        self, event: Event[Message], session: Session, view: TimelineView
    ) -> Iterator[TimelineEntity[Message]]:
        if isinstance(event.payload, Mixin):
            yield line(event.payload.name, f"line {next(self.numbers)}")


class Random(Lines):
    """Shows every line under an id of its own making."""

    def live(
        self, event: Event[Message], session: Session, view: TimelineView
    ) -> Iterator[UIEvent[Message]]:
        yield shown(f"{random.random()}")  # noqa: SV201


class Forgetful(Lines):
    """Refuses a line that it has stored before."""

    def __init__(self) -> None:
        super().__init__()
        self.known: set[str] = set()

    def stored(
        self, event: Event[Message], session: Session, view: TimelineView
    ) -> Iterator[TimelineEntity[Message]]:
        assert isinstance(event.payload, Mixin)
        if event.payload.name in self.known:
            raise ValueError("known already")
        self.known.add(event.payload.name)
        yield line(event.payload.name)


class Counted(Lines):
    """Numbers the lines by the timeline, which is pure."""

    def stored(
        self, event: Event[Message], session: Session, view: TimelineView
    ) -> Iterator[TimelineEntity[Message]]:
        for entity in super().stored(event, session, view):
            number = f"{len(view.list())} before event {view.ordinal + 1}"
            yield entity if entity.tombstone else line(entity.id, number)

    def live(
        self, event: Event[Message], session: Session, view: TimelineView
    ) -> Iterator[UIEvent[Message]]:
        for _ in super().live(event, session, view):
            yield shown(f"after {[entity.id for entity in view.list()]}")


class Undeclared(Counted):
    """Gives an entity of a kind that the Hub does not know."""

    def stored(
        self, event: Event[Message], session: Session, view: TimelineView
    ) -> Iterator[TimelineEntity[Message]]:
        for entity in super().stored(event, session, view):
            yield replace(entity, kind="Paragraph") if entity.id == "bad" else entity


@final
class Timestamps(chat.ChatTimelineProjectionPartial):
    """Takes the time of an answer from a clock."""

    clock = count(100)

    @override
    def inference_started(
        self,
        event: Event[chat_pb.InferenceStarted],
        session: Session,
        view: chat.ChatTimelineView,
    ) -> Iterable[chat.ChatEntity]:
        message_id = event.payload.message_id
        yield chat.ChatEntities.chat_message(
            chat_pb.ChatMessage(message_id=message_id, detail=f"at {next(self.clock)}")
        )


class TestAProjectionThatChangesItsMind:
    async def test_is_named_with_the_event_and_the_difference(self) -> None:
        with failure() as failed:
            async with LinesScenario(Counting()) as lines:
                await lines.when(write("a b"))
                await lines.then_timeline(line("a", "line 1"), line("b", "line 2"))
        heading, *difference, remedy = failed.text.splitlines()
        assert heading == (
            "the timeline projection Counting.stored gave something else when it was given "
            "event 1 (Written) of session 'session-1' again (- the first time, + again)"
        )
        assert difference == [
            "  Line 'a'",
            '      name: "a"',
            '-     root: "line 1"',
            '+     root: "line 3"',
        ]
        assert "pure" in remedy

    async def test_of_the_ui_is_named_too(self) -> None:
        with failure() as failed:
            async with LinesScenario(Random()) as lines:
                await lines.given(written("a"))
        assert failed.text.startswith("the ui projection Random.live gave something else")

    async def test_in_a_generated_module_is_named_by_the_users_class(self) -> None:
        def install(hub: Hub) -> None:
            hub.register_timeline_projection(lambda event, session, view: ())
            chat.install(hub, handlers=Silent(), timeline=Timestamps())

        unions = Scenario[chat.ChatCommand, chat.ChatEvent, chat.ChatUIEvent, chat.ChatEntity]
        with failure() as failed:
            async with unions(install) as scenario:
                await scenario.when(chat_pb.InferenceStarted(message_id="m"))
        assert failed.text.startswith("the timeline projection Timestamps gave something else")
        assert '-     detail: "at 100"' in failed.text

    async def test_is_told_where_it_raises_the_second_time(self) -> None:
        with failure() as failed:
            async with LinesScenario(Forgetful()) as lines:
                await lines.given(written("a"))
        assert "Forgetful.stored raised when it was given event 1 (Written)" in failed.text
        assert "ValueError: known already" in failed.text

    async def test_in_another_session_is_found_too(self) -> None:
        with failure() as failed:
            async with LinesScenario(Counting()) as lines:
                await lines.in_session("another").given(written("a"))
        assert "of session 'another'" in failed.text

    async def test_is_found_in_a_field_that_is_ignored(self) -> None:
        """A time that a projection takes from a clock is what is looked for."""
        with failure():
            async with LinesScenario(Counting(), ignoring=["root"]) as lines:
                await lines.given(written("a"))

    async def test_does_not_hide_what_the_test_itself_raised(self) -> None:
        async def test() -> None:
            async with LinesScenario(Counting()) as lines:
                await lines.given(written("a"))
                raise KeyError

        with pytest.raises(KeyError):
            await test()


class Silent(chat.ChatHandlers):
    """Has nothing to say."""

    async def start_inference(self, *_: object) -> None:
        """Does nothing."""

    async def stop_inference(self, *_: object) -> None:
        """Does nothing."""


ADVANCE = ProjectionPolicies(ui=ProjectionPolicy.ADVANCE, timeline=ProjectionPolicy.ADVANCE)
IDS = st.sampled_from("abc")
EVENTS: st.SearchStrategy[LinesEvent] = st.one_of(
    IDS.map(written), IDS.map(removed), st.just(BLINKED)
)


class TestAPureProjection:
    @given(
        events=st.lists(EVENTS, max_size=12),
        bad_live=st.sets(IDS),
        bad_stored=st.sets(IDS),
        fails=st.booleans(),
        full=st.sets(st.integers(0, 11)),
    )
    async def test_passes_whatever_fails_around_it(
        self,
        events: list[LinesEvent],
        bad_live: set[str],
        bad_stored: set[str],
        fails: bool,
        full: set[int],
    ) -> None:
        app = Counted(bad_live=bad_live, bad_stored=bad_stored)
        store = GatedStore(MemoryStore())
        policies = ProjectionPolicies() if fails else ADVANCE
        async with LinesScenario(app, policies=policies, store=store) as lines:
            for number, event in enumerate(events):
                if number in full:
                    store.fail_next(StoreFullError("memory", "the disk is full"))
                await lines.when(event)
                raised = lines._stage.raised.get(lines.session_id)
                if raised is not None:
                    await lines.then_raised(type(raised.error))
            await lines.hub.observers.flush()
            for record in lines._stage.recording.errors:
                lines._stage.recording.expect(record)

    async def test_passes_when_it_is_rebuilt_or_caught_up(self) -> None:
        app = Counted(bad_stored={"a"})
        async with LinesScenario(app) as lines:
            for line_id in ("a", "b"):
                await lines.when(written(line_id))
                await lines.then_raised(ProjectionError)
            app.bad_stored.clear()
            await lines.hub.retry_timeline(lines.session_id)
            await lines.hub.rebuild_timeline(lines.session_id)
            await lines.hub.snapshot(lines.session_id, as_of=1)
            await lines.when(removed("a"))

    async def test_passes_where_a_batch_was_not_committed(self) -> None:
        """Other events have the ordinals then that those of the batch would have had."""
        store = GatedStore(MemoryStore())
        async with LinesScenario(Counted(), store=store) as lines:
            store.fail_next(StoreFullError("memory", "the disk is full"))
            lost = [lines.hub.publish("session-1", "Written", written(each)) for each in "bc"]
            results = await asyncio.gather(*lost, return_exceptions=True)
            assert [type(each) for each in results] == [StoreFullError] * 2
            await lines.when(written("a"))
            await lines.then_timeline(line("a", "0 before event 1"))

    async def test_passes_where_the_hub_refused_what_another_event_gave(self) -> None:
        async with LinesScenario(Undeclared(), policies=ADVANCE) as lines:
            await lines.when(written("bad"))
            await lines.then_recorded(ErrorSource.TIMELINE_PROJECTION, "Paragraph")
            await lines.when(written("a"))
            await lines.then_shown(shown("after []"))

    async def test_passes_over_a_session_that_is_older_than_the_scenario(self) -> None:
        async with MemoryStore() as store:
            for line_id in ("a", "b"):
                async with LinesScenario(Counted(), store=store) as lines:
                    await lines.given(written(line_id))


async def test_a_projection_that_a_hub_refuses_is_refused() -> None:
    async def project(event: Event[Message], session: Session, view: TimelineView) -> None:
        """Can't be awaited by anybody."""

    def install(hub: Hub) -> None:
        hub.register_ui_projection(project)  # type: ignore[arg-type]

    with pytest.raises(SchemaError, match="project is async"):
        LinesScenario(install)
