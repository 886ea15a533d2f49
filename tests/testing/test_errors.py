"""What is raised and recorded is named by a step, or fails the scenario."""

from __future__ import annotations

import asyncio

import pytest
from google.protobuf.message import Message

from sessionstream import (
    Command,
    ErrorSource,
    EventPublisher,
    Hub,
    ProjectionError,
    ProjectionPolicies,
    ProjectionPolicy,
    Session,
    StoreFullError,
)
from sessionstream.hydration.memory import MemoryStore
from sessionstream.testing.fakes import GatedStore
from tests.testing.conftest import failure
from tests.testing.lines import (
    BLINKED,
    Lines,
    LinesScenario,
    line,
    removed,
    shown,
    write,
    written,
)

ADVANCE = ProjectionPolicies(ui=ProjectionPolicy.ADVANCE, timeline=ProjectionPolicy.ADVANCE)


class TestAnErrorThatWasRaised:
    async def test_is_named_and_returned_by_its_type_and_text(self, lines: LinesScenario) -> None:
        await lines.when(write("a fail b"))
        error = await lines.then_raised(ValueError, "no fail")
        assert error.args == ("no fail",)
        await lines.then_published(written("a"))

    async def test_is_shown_beside_the_one_that_was_expected(self, lines: LinesScenario) -> None:
        await lines.when(write("fail"))
        with failure() as failed:
            await lines.then_raised(KeyError)
        assert failed.text == (
            'after Write {value: "fail"}: expected KeyError; got ValueError: no fail'
        )
        with failure() as failed:
            await lines.then_raised(ValueError, "no blink")
        assert "expected ValueError with 'no blink' in it; got ValueError: no fail" in failed.text
        await lines.then_raised(ValueError)

    async def test_is_missed_where_there_is_none(self, lines: LinesScenario) -> None:
        await lines.when(write("a"))
        with failure() as failed:
            await lines.then_raised(ValueError)
        assert failed.text.endswith("nothing was raised; expected ValueError")

    async def test_fails_the_next_step_that_is_about_something_else(
        self, lines: LinesScenario
    ) -> None:
        steps = (
            lines.then_published,
            lines.then_shown,
            lines.then_timeline,
            lines.then_changed,
            lines.given,
            lines.until_idle,
        )
        for step in steps:
            await lines.when(write("fail"))
            with pytest.raises(AssertionError, match="ValueError was raised: no fail") as caught:
                await step()
            assert isinstance(caught.value.__cause__, ValueError)

    async def test_fails_the_end_of_the_scenario(self) -> None:
        with failure() as failed:
            async with LinesScenario(Lines()) as lines:
                await lines.in_session("another").when(write("fail"))
        assert "ValueError was raised: no fail" in failed.text

    async def test_does_not_hide_what_the_test_itself_raised(self) -> None:
        async def test() -> None:
            async with LinesScenario(Lines()) as lines:
                await lines.when(write("fail"))
                raise KeyError

        with pytest.raises(KeyError):
            await test()


class TestAnErrorThatWasRecorded:
    async def test_is_named_and_returned_by_its_source_and_text(self) -> None:
        async with LinesScenario(Lines(bad_stored={"a"}), policies=ADVANCE) as lines:
            await lines.when(written("a"))
            record = await lines.then_recorded(ErrorSource.TIMELINE_PROJECTION, "no a here")
            assert (record.error_type, record.ordinal) == ("ValueError", 1)

    async def test_fails_the_end_of_the_scenario_unless_a_step_has_named_it(self) -> None:
        with failure() as failed:
            async with LinesScenario(Lines(bad_live={"a", "b"}), policies=ADVANCE) as lines:
                await lines.when(write("a b"))
                await lines.then_recorded(ErrorSource.UI_PROJECTION, "no a")
        assert failed.text.splitlines()[:-1] == [
            "the runtime recorded errors that no step has named:",
            "  ui 'Written' of session 'session-1' at event 2: ValueError: no b here",
        ]

    async def test_is_missed_where_there_is_none(self) -> None:
        async with LinesScenario(Lines(bad_live={"a"}), policies=ADVANCE, patience=0.0) as lines:
            await lines.when(written("a"))
            with failure() as failed:
                await lines.then_recorded(ErrorSource.TIMELINE_PROJECTION, "no a")
            await lines.then_recorded(ErrorSource.UI_PROJECTION)
        assert failed.text == (
            "after Written {name: \"a\"}: expected an error of source 'timeline' with 'no a' in it "
            "to be recorded; got ui 'Written' of session 'session-1' at event 1: "
            "ValueError: no a here"
        )


class TestAnErrorThatAFailedStepHasTold:
    """A fixture leaves its scenario without the failure of the test."""

    async def test_is_not_told_again_by_the_end_of_the_scenario(self) -> None:
        async with LinesScenario(Lines()) as lines:
            await lines.when(write("fail"))
            with failure() as failed:
                await lines.then_raised(KeyError)
        assert "got ValueError: no fail" in failed.text

    async def test_is_not_told_again_as_one_that_was_recorded(self) -> None:
        async with LinesScenario(Lines(bad_live={"a"})) as lines:
            await lines.when(written("a"))
            with failure() as failed:
                await lines.then_raised(KeyError)
            assert "no a here" in failed.text
        async with LinesScenario(Lines(bad_live={"a"})) as lines:
            await lines.when(written("a"))
            with failure() as failed:
                await lines.then_shown()
            assert "no a here" in failed.text

    async def test_is_not_told_again_where_it_was_given(self) -> None:
        async with LinesScenario(Lines(bad_live={"a"})) as lines:
            with pytest.raises(ProjectionError, match="no a here"):
                await lines.given(written("a"))

    async def test_is_not_told_again_where_another_record_was_expected(self) -> None:
        app = Lines(bad_live={"a"})
        async with LinesScenario(app, policies=ADVANCE, patience=0.0) as lines:
            await lines.when(written("a"))
            with failure() as failed:
                await lines.then_recorded(ErrorSource.TASK)
        assert "no a here" in failed.text

    async def test_leaves_the_others_to_the_end(self) -> None:
        with failure() as failed:
            async with LinesScenario(Lines()) as lines:
                await lines.in_session("another").when(write("a fail"))
                await lines.when(write("fail"))
                with failure():
                    await lines.then_raised(KeyError)
        assert 'after Write {value: "a fail"}: ValueError was raised' in failed.text


class TestAProjectionThatFails:
    async def test_holds_its_timeline_back_under_fail(self) -> None:
        app = Lines(bad_stored={"a"})
        async with LinesScenario(app) as lines:
            await lines.when(written("a"))
            await lines.then_raised(ProjectionError, "no a here")
            await lines.when(written("b"))
            await lines.then_raised(ProjectionError, "event 1 (Written)")
            await lines.then_published(written("b"))
            await lines.then_timeline()
            app.bad_stored.clear()
            await lines.when(written("c"))
            await lines.then_changed(line("a"), line("b"), line("c"))

    async def test_holds_its_ui_events_back_under_fail(self) -> None:
        app = Lines(bad_live={"a"})
        async with LinesScenario(app) as lines:
            await lines.when(written("a"))
            await lines.then_raised(ProjectionError)
            await lines.then_shown()
            app.bad_live.clear()
            await lines.when(removed("a"))
            await lines.then_shown(shown("a"))

    async def test_is_passed_over_under_advance(self) -> None:
        async with LinesScenario(Lines(bad_live={"a"}), policies=ADVANCE) as lines:
            await lines.when(write("a b"))
            await lines.then_recorded(ErrorSource.UI_PROJECTION)
            await lines.then_shown(shown("b"))
            await lines.then_timeline(line("a"), line("b"))

    async def test_does_not_hide_an_ephemeral_event_under_fail(self) -> None:
        async with LinesScenario(Lines(bad_live={"a", "blink"})) as lines:
            await lines.when(written("a"))
            await lines.then_raised(ProjectionError)
            await lines.when(BLINKED)
            await lines.then_raised(ProjectionError)
            await lines.then_published(BLINKED)

    async def test_does_not_hide_an_ephemeral_event_under_advance(self) -> None:
        app = Lines(bad_live={"blink"}, bad_stored={"a"})
        async with LinesScenario(app, policies=ADVANCE) as lines:
            await lines.when(write("a blink b"))
            await lines.then_published(written("a"), BLINKED, written("b"))
            await lines.then_recorded(ErrorSource.UI_PROJECTION, "no blink")
            await lines.then_recorded(ErrorSource.TIMELINE_PROJECTION, "no a")


class TestAStore:
    async def test_of_ones_own_is_used_and_left_open(self) -> None:
        async with GatedStore(MemoryStore()) as store:
            async with LinesScenario(Lines(), store=store) as lines:
                store.fail_next(StoreFullError("memory", "the disk is full"))
                await lines.when(written("a"))
                await lines.then_raised(StoreFullError)
                await lines.then_published()
                await lines.when(written("b"))
                await lines.then_published(written("b"))
            assert await store.sessions() == ["session-1"]


class Working(Lines):
    """Its handler starts a task that goes on when it is told, and fails."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = asyncio.Event()

    async def handle(
        self, command: Command[Message], session: Session, publisher: EventPublisher
    ) -> None:
        session.tasks.start("work", self.work(publisher))

    async def work(self, publisher: EventPublisher) -> None:
        await self.go_on.wait()
        await publisher.publish("Written", written("a"))
        raise LookupError("nothing left")


class TestBackgroundWork:
    async def test_is_waited_for(self) -> None:
        app = Working()
        async with LinesScenario(app) as lines:
            await lines.when(write("work"))
            await lines.then_published()
            app.go_on.set()
            await lines.until_idle()
            await lines.then_published(written("a"))
            await lines.then_shown(shown("a"))
            await lines.then_recorded(ErrorSource.TASK, "LookupError: nothing left")

    async def test_that_does_not_end_fails_the_wait_for_it(self) -> None:
        async with LinesScenario(Working(), patience=0.0) as lines:
            await lines.when(write("work"))
            with failure() as failed:
                await lines.until_idle()
        assert "tasks of session 'session-1' are still running" in failed.text

    async def test_that_fails_in_silence_fails_the_scenario(self) -> None:
        app = Working()
        with failure() as failed:
            async with LinesScenario(app) as lines:
                await lines.when(write("work"))
                app.go_on.set()
                await lines.until_idle()
        assert "task 'work' of session 'session-1' at event 1: LookupError" in failed.text


def test_an_application_that_cant_be_installed_says_so_at_once() -> None:
    def install(hub: Hub) -> None:
        raise LookupError("no modules")

    with pytest.raises(LookupError):
        LinesScenario(install)
