"""The steps of a scenario: what is given, what happens, what should have come of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sized
from typing import Generic, TypeVar, Union, cast

from google.protobuf.message import Message

from sessionstream.hub import Hub
from sessionstream.observer import ErrorRecord, ErrorSource
from sessionstream.testing.comparing.awaiting import step
from sessionstream.testing.comparing.comparison import entity_item, event_item, ui_event_item
from sessionstream.testing.scenarios.recording import Shown
from sessionstream.testing.scenarios.stage import Entities, Raised, Stage, changes, title_of, told
from sessionstream.testing.scenarios.tracebacks import shortened
from sessionstream.types import Event, TimelineEntity, UIEvent

__tracebackhide__ = True  # pytest shows the line of the test instead

C = TypeVar("C", bound=Message)
E = TypeVar("E", bound=Message)
U = TypeVar("U", bound=UIEvent[Message])
T = TypeVar("T", bound=TimelineEntity[Message])
X = TypeVar("X", bound=Exception)


class Steps(Generic[C, E, U, T]):
    """The steps of one session; a `Scenario` is those of its first, `in_session` gives others.

    ``given``, ``when`` and ``until_…`` do something, ``then_…`` hold what came
    of the last ``when`` against what is expected, in order and in full, and
    raise an `AssertionError` that shows both where they differ. All are
    awaited. `published`, `shown` and `timeline` give the same to read.
    Before anything has happened no step can hold that nothing came of it::

        other = chat.in_session("another")
        await other.when(pb.StartInference(prompt=""))
        await other.then_raised(ValueError, "empty")
        await other.then_published()
        assert await chat.timeline() == []
    """

    def __init__(self, stage: Stage, session_id: str) -> None:
        self._stage = stage
        self._calls = stage.calls
        self._title = "at the beginning"
        self._after = 0
        self._entities_before: Entities = {}
        self._shown_before = 0
        self._passed_before = 0
        self.session_id = session_id

    @property
    def hub(self) -> Hub:
        """The Hub that everything runs in."""
        return self._stage.hub

    # -- what happens ----------------------------------------------------------

    @step
    async def given(self, *events: E) -> None:
        """Publishes events whose outcome does not matter.

        Raises:
            TypeError: It is no message.
            ProjectionError: A projection failed on one under the policy ``fail``.
            SchemaError: It is no event; a command is run by `when`.
        """
        self._check_before()
        for event in events:
            name = self._stage.event_name(event)
            payload: Message = self._stage.comparison.resolved(event)
            self._stage.is_begun = True
            try:
                await self.hub.publish(self.session_id, name, payload)
            except Exception as error:  # a projection's, or the store's: it is the test's to see
                self._stage.recording.expect_held_back(error)
                raise shortened(error)  # noqa: B904 the same error
        await self._begin("after the given events")

    @step
    async def when(self, payload: Union[C, E]) -> None:
        """Submits a command or publishes an event, and returns when that returns.

        What it raises is for `then_raised`; any other step after it fails then.
        Tasks that a handler has started may still run: see `until_idle`.
        """
        self._check_before()
        # Known before anything runs: a payload of no role is the test's mistake.
        is_command = self._stage.is_command(payload)
        name = self._stage.name(payload)
        resolved: Message = self._stage.comparison.resolved(payload)
        await self._begin(title_of(name, payload))
        try:
            if is_command:
                await self.hub.submit(self.session_id, name, resolved)
            else:
                await self.hub.publish(self.session_id, name, resolved)
        except Exception as error:  # kept for then_raised, and told where nobody asks
            self._stage.raised[self.session_id] = Raised(self._title, shortened(error))

    @step
    async def until_idle(self) -> None:
        """Waits until no task of the session is running."""
        self._check_before()
        tasks = (await self.hub.session(self.session_id)).tasks
        try:
            async with asyncio.timeout(self._stage.patience):
                await tasks.wait_idle()
        except TimeoutError:
            raise AssertionError(
                f"{self._title}: tasks of session {self.session_id!r} are still running "
                f"after {self._stage.patience} seconds"
            ) from None

    @step
    async def until_shown(self, expected: U) -> None:
        """Waits until the UI event was emitted, since the last ``when``."""
        self._check_before()
        wanted = ui_event_item(expected)

        def is_there() -> bool:
            got = (ui_event_item(each.ui_event) for each in self._shown())
            return any(self._stage.comparison.matches(wanted, item) for item in got)

        if not await self._stage.recording.until(is_there, self._stage.patience):
            got = [ui_event_item(each.ui_event, each.ordinal) for each in self._shown()]
            what = f"{self._title}: no such UI event after {self._stage.patience} seconds"
            self._stage.comparison.check(what, [wanted], got)

    # -- what should have come of it -------------------------------------------

    @step
    async def then_published(self, *events: E) -> None:
        """These events were published since the last ``when``, ephemeral ones too."""
        self._check_outcome(events)
        wanted = [self._stage.event_item(event) for event in events]
        got = [event_item(event) for event in await self.published()]
        self._stage.comparison.check(f"{self._title}: the events differ", wanted, got)

    @step
    async def then_shown(self, *ui_events: U) -> None:
        """These UI events were emitted since the last ``when``."""
        self._check_outcome(ui_events)
        wanted = [ui_event_item(ui_event) for ui_event in ui_events]
        got = [ui_event_item(each.ui_event, each.ordinal) for each in self._shown()]
        self._stage.comparison.check(f"{self._title}: the UI events differ", wanted, got)

    @step
    async def then_timeline(self, *entities: T) -> None:
        """The timeline now has these entities, in the order of their creation.

        Ordinals are shown where there is a difference, and not compared.
        """
        self._check_outcome(entities)
        snapshot = await self.hub.snapshot(self.session_id)
        what = f"{self._title}: the timeline at event {snapshot.snapshot_ordinal} differs"
        wanted = [entity_item(entity) for entity in entities]
        got = [entity_item(entity) for entity in snapshot.entities]
        self._stage.comparison.check(what, wanted, got)

    @step
    async def then_changed(self, *entities: T) -> None:
        """Since the last ``when`` these entities changed; a tombstone stands for one that is gone.

        They come in the order of the timeline, then those that are gone. What
        was created and removed again is not among them.
        """
        self._check_outcome(entities)
        wanted = [entity_item(entity) for entity in entities]
        now = await self._stage.entities(self.session_id)
        got = [entity_item(each) for each in changes(self._entities_before, now)]
        self._stage.comparison.check(f"{self._title}: the changes differ", wanted, got)

    @step
    async def then_raised(self, error_type: type[X], text: str = "") -> X:
        """The last ``when`` raised such an error, with this text in its message; returns it."""
        raised = self._stage.raised.get(self.session_id)
        wanted = error_type.__name__ + (f" with {text!r} in it" if text else "")
        if raised is None:
            raise AssertionError(f"{self._title}: nothing was raised; expected {wanted}")
        error = raised.error
        if not isinstance(error, error_type) or text not in str(error):
            got = f"{type(error).__name__}: {error}"
            self._stage.tell(self.session_id)
            raise AssertionError(f"{self._title}: expected {wanted}; got {got}") from error
        del self._stage.raised[self.session_id]
        self._stage.recording.expect_held_back(error)
        return error

    @step
    async def then_recorded(self, source: ErrorSource, text: str = "") -> ErrorRecord:
        """The runtime recorded an error of that source; waits for it, and returns it.

        ``text`` is in the error's type or message. Errors in tasks and, under
        the policy ``advance``, in projections reach nobody else: one that no
        step has named fails the scenario at its end.
        """

        def found() -> list[ErrorRecord]:
            records = self._stage.recording.unexpected()
            return [each for each in records if each.session_id == self.session_id]

        def is_meant(record: ErrorRecord) -> bool:
            return record.source == source and text in f"{record.error_type}: {record.message}"

        def is_there() -> bool:
            return any(map(is_meant, found()))

        await self.hub.observers.flush()
        if not await self._stage.recording.until(is_there, self._stage.patience):
            wanted = f"an error of source {source.value!r}"
            wanted += f" with {text!r} in it" if text else ""
            others = found()
            self._stage.recording.tell(others)
            got = "; ".join(map(told, others)) or "none"
            raise AssertionError(f"{self._title}: expected {wanted} to be recorded; got {got}")
        record = next(filter(is_meant, found()))
        self._stage.recording.expect(record)
        return record

    # -- what came of it, to read ----------------------------------------------

    async def published(self) -> list[Event[E]]:
        """Returns the events since the last ``when``, ephemeral ones too."""
        events = await self._stage.events(self.session_id, self._after, self._passed_before)
        return cast(list[Event[E]], events)  # the Hub knows no others

    async def shown(self) -> list[U]:
        """Returns the UI events since the last ``when``."""
        return [cast(U, each.ui_event) for each in self._shown()]  # as the projections gave them

    async def timeline(self) -> list[T]:
        """Returns the entities of the timeline, in the order of their creation."""
        entities = (await self.hub.snapshot(self.session_id)).entities
        return [cast(T, entity) for entity in entities]  # the Hub knows no others

    def text_of(self, placeholder: str) -> str:
        """Returns what a placeholder of `any_text` stands for."""
        return self._stage.comparison.text_of(placeholder)

    def _shown(self) -> list[Shown]:
        return self._stage.recording.shown[self.session_id][self._shown_before :]

    async def _begin(self, title: str) -> None:
        self._title = title
        self._stage.is_begun = True
        self._entities_before = await self._stage.entities(self.session_id)
        self._after = await self.hub.event_cursor(self.session_id)
        self._shown_before = len(self._stage.recording.shown[self.session_id])
        self._passed_before = len(self._stage.recording.passed[self.session_id])

    def _check_outcome(self, expected: Sized) -> None:
        """Refuses to expect nothing of nothing: that would pass where a ``when`` is missing."""
        self._check_before()
        if not expected and not self._stage.is_begun:
            raise RuntimeError(
                "nothing has happened yet: a `given` or `when` comes before this step"
            )

    def _check_before(self) -> None:
        """Fails when the last ``when`` raised and no step has asked for it."""
        if not self._stage.is_open:
            raise RuntimeError("enter the scenario first: async with Scenario(…) as scenario")
        raised = self._stage.raised.pop(self.session_id, None)
        if raised is not None:
            self._stage.recording.expect_held_back(raised.error)
            raise raised.unexpected() from raised.error
