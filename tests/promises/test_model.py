"""A Hub over a SQLite file, held against a model: whatever is done, both say the same.

The model is a list of texts and how far the timeline has come. A crash is a
copy of the file as it lies there, opened by another Hub while the first one is
left as it is.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import TypeVar

from google.protobuf.message import Message
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from sessionstream import (
    Event,
    Hub,
    OrdinalError,
    ProjectionError,
    Session,
    StoreFullError,
    TimelineEntity,
    TimelineView,
    WriteBehind,
)
from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.testing.fakes import GatedStore
from sessionstream.testing.stores.backend import events_of
from tests.runtime.app import line, lines, make_registry, say, text, text_of

T = TypeVar("T")

SESSION = "s"
IDS = st.sampled_from("abc")


class Model:
    """What the session holds: its log, and the timeline that was folded from it."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.bad: set[str] = set()
        self.cursor = 0
        # Whether a timeline that is behind was tried since it came into memory.
        self.tried = False

    def follow(self) -> None:
        """Moves the timeline on, up to what the projection refuses."""
        while self.cursor < len(self.log) and self.log[self.cursor] not in self.bad:
            self.cursor += 1

    def read(self) -> None:
        """Readers try a timeline that is behind, once."""
        if self.cursor < len(self.log) and not self.tried:
            self.tried = True
            self.follow()

    @property
    def held_back(self) -> bool:
        return self.cursor < len(self.log)

    def lines(self, upto: int) -> list[str]:
        """The fold of the first events, in the order of a snapshot."""
        found: dict[str, str] = {}
        for value in self.log[:upto]:
            line_id, content = split(value)
            if content is None:
                found.pop(line_id, None)
            else:
                found[line_id] = content
        return [f"{line_id}={content}" for line_id, content in found.items()]


class HubAgainstModel(RuleBasedStateMachine):
    """Every rule does something to both; the invariant compares them."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp())
        self.opened = AsyncExitStack()
        self.files = 0
        self.texts = 0
        self.model = Model()
        self.run(self.open(self.folder / "0.db"))

    def run(self, coroutine: Coroutine[object, object, T]) -> T:
        return self.runner.run(coroutine)

    async def open(self, path: Path) -> None:
        self.path = path
        registry = make_registry()
        inner = await self.opened.enter_async_context(SQLiteStore.open(path, registry))
        self.store = GatedStore(inner)
        # Entities are stored after four events, or when a rule says so.
        behind = WriteBehind(events=4, seconds=3600, pause=3600)
        self.hub = Hub(registry, store=self.store, write_behind=behind)
        self.hub.register_timeline_projection(_Projection(self.model))
        self.opened.push_async_callback(self.hub.aclose)
        self.model.tried = False

    def text(self, line_id: str, *, removes: bool = False) -> str:
        """A text that no event had before: it can be refused by itself."""
        self.texts += 1
        return f"-{line_id}#{self.texts}" if removes else f"{line_id}={self.texts}"

    def teardown(self) -> None:
        self.run(self.opened.aclose())
        self.runner.close()
        shutil.rmtree(self.folder)

    # -- rules -------------------------------------------------------------

    @rule(line_id=IDS, removes=st.booleans(), refused=st.booleans())
    def publish(self, line_id: str, removes: bool, refused: bool) -> None:
        value = self.text(line_id, removes=removes)
        if refused:
            self.model.bad.add(value)
        self.expect_published([value], self.try_publishing([value]))

    @rule(line_ids=st.lists(IDS, max_size=6), refused=st.integers(0, 8))
    def publish_all(self, line_ids: list[str], refused: int) -> None:
        values = [self.text(line_id) for line_id in line_ids]
        self.model.bad.update(values[refused : refused + 1])
        self.expect_published(values, self.try_publishing(values))

    @rule(line_ids=st.lists(IDS, min_size=2, max_size=6))
    def publish_at_once(self, line_ids: list[str]) -> None:
        values = [self.text(line_id) for line_id in line_ids]

        async def publish() -> list[object]:
            calls = (say(self.hub, value) for value in values)
            return await asyncio.gather(*calls, return_exceptions=True)

        self.expect_published(values, any(isinstance(r, Exception) for r in self.run(publish())))

    @rule(line_id=IDS, steps=st.integers(0, 12))
    def cancel_a_publish(self, line_id: str, steps: int) -> None:
        value = self.text(line_id)

        async def cancel() -> None:
            call = asyncio.ensure_future(say(self.hub, value))
            for _ in range(steps):
                await asyncio.sleep(0)
            call.cancel()
            with suppress(asyncio.CancelledError, ProjectionError):
                await call
            # What follows it in line ends when the call itself has.
            with suppress(ProjectionError):
                await self.hub.publish_all(SESSION, [])

        self.run(cancel())
        new = self.run(events_of(self.store, SESSION))[len(self.model.log) :]
        assert [text_of(event.payload) for event in new] in ([], [value])
        self.model.log += [text_of(event.payload) for event in new]
        self.model.follow()

    @rule(line_id=IDS)
    def fail_a_commit(self, line_id: str) -> None:
        async def publish() -> None:
            self.store.fail_next(StoreFullError("test.db", "no space"))
            try:
                await say(self.hub, self.text(line_id))
            except StoreFullError:
                return
            raise AssertionError("a commit that failed was acknowledged")

        self.run(publish())

    @rule()
    def repair(self) -> None:
        self.model.bad.clear()

    @rule()
    def retry(self) -> None:
        self.model.follow()
        assert self.refused(self.hub.retry_timeline(SESSION)) == self.model.held_back

    @rule()
    def rebuild(self) -> None:
        fails = bool(self.model.bad & set(self.model.log))
        assert self.refused(self.hub.rebuild_timeline(SESSION)) == fails
        if not fails:
            self.model.cursor = len(self.model.log)

    @rule()
    def store_entities(self) -> None:
        async def store() -> None:
            self.hub._pipeline.write_trailing()
            with suppress(ProjectionError):
                await self.hub.publish_all(SESSION, [])

        self.run(store())
        self.model.follow()

    @rule(data=st.data())
    def look_back(self, data: st.DataObject) -> None:
        ordinal = data.draw(st.integers(0, len(self.model.log) + 1))
        self.model.read()
        if ordinal > len(self.model.log):
            try:
                self.run(self.hub.snapshot(SESSION, as_of=ordinal))
            except OrdinalError:
                return
            raise AssertionError("a snapshot of the future")
        if self.model.bad & set(self.model.log[:ordinal]):
            assert self.refused(self.hub.snapshot(SESSION, as_of=ordinal))
        else:
            past = self.run(self.hub.snapshot(SESSION, as_of=ordinal))
            assert sorted(lines(past)) == sorted(self.model.lines(ordinal))

    @precondition(lambda self: self.files < 6)
    @rule()
    def crash(self) -> None:
        self.files += 1
        folder = self.folder / str(self.files)
        folder.mkdir()
        for file in self.path.parent.glob(f"{self.path.name}*"):
            shutil.copy(file, folder)
        self.run(self.open(folder / self.path.name))

    @rule()
    def restart(self) -> None:
        self.run(self.opened.aclose())
        self.run(self.open(self.path))

    # -- what must hold ----------------------------------------------------

    @invariant()
    def both_say_the_same(self) -> None:
        self.model.read()
        snapshot = self.run(self.hub.snapshot(SESSION))
        assert snapshot.snapshot_ordinal == self.model.cursor
        assert sorted(lines(snapshot)) == sorted(self.model.lines(self.model.cursor))
        assert self.run(self.hub.event_cursor(SESSION)) == len(self.model.log)
        stored = self.run(events_of(self.store, SESSION))
        assert [text_of(event.payload) for event in stored] == self.model.log
        assert [event.ordinal for event in stored] == list(range(1, len(stored) + 1))

    # -- helpers -----------------------------------------------------------

    def try_publishing(self, values: list[str]) -> bool:
        events = [("Said", text(value)) for value in values]
        return self.refused(self.hub.publish_all(SESSION, events))

    def refused(self, call: Coroutine[object, object, object]) -> bool:
        try:
            self.run(call)
        except ProjectionError:
            return True
        return False

    def expect_published(self, values: list[str], refused: bool) -> None:
        self.model.log += values
        self.model.follow()
        assert refused == self.model.held_back


class _Projection:
    """Writes and removes lines; refuses the texts that the model calls bad."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def project(
        self, event: Event[Message], session: Session, view: TimelineView
    ) -> Iterator[TimelineEntity[Message]]:
        value = text_of(event.payload)
        if value in self._model.bad:
            raise ValueError(f"no {value}")
        line_id, content = split(value)
        yield (
            TimelineEntity(kind="Line", id=line_id, tombstone=True)
            if content is None
            else line(line_id, content)
        )


def split(value: str) -> tuple[str, str | None]:
    """The line that a text is about, and what it says; None where it is removed."""
    if value.startswith("-"):
        return value[1:].partition("#")[0], None
    line_id, _, content = value.partition("=")
    return line_id, content


TestHubAgainstModel = HubAgainstModel.TestCase
TestHubAgainstModel.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
