"""A Hub over a SQLite file, held against a model: whatever is done, both say the same.

The model is in model.py, what opens the Hub in machine.py. A crash is a copy
of the file as it lies there, opened by another Hub while the first one is left
as it is. SESSIONSTREAM_EXAMPLES sets how many histories are tried.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from contextlib import suppress

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from sessionstream import OrdinalError, ProjectionError, StoreFullError
from sessionstream.testing.stores.backend import events_of
from tests.promises.machine import NAMES, HubBesideModel
from tests.promises.model import close, purged, said
from tests.runtime.app import lines

EXAMPLES = int(os.environ.get("SESSIONSTREAM_EXAMPLES", "20"))
SESSIONS = st.sampled_from(NAMES)
IDS = st.sampled_from("abc")


class HubAgainstModel(HubBesideModel):
    """Every rule does something to both; the invariant compares them."""

    # -- publishing --------------------------------------------------------

    @rule(name=SESSIONS, line_id=IDS, removes=st.booleans(), refused=st.booleans())
    def publish(self, name: str, line_id: str, removes: bool, refused: bool) -> None:
        value = self.text(line_id, removes=removes)
        if refused:
            self.models[name].bad.add(value)
        self.expect_published(name, [value], self.try_publishing(name, [value]))

    @rule(name=SESSIONS, line_ids=st.lists(IDS, max_size=6), refused=st.integers(0, 8))
    def publish_all(self, name: str, line_ids: list[str], refused: int) -> None:
        values = [self.text(line_id) for line_id in line_ids]
        self.models[name].bad.update(values[refused : refused + 1])
        self.expect_published(name, values, self.try_publishing(name, values))

    @rule(names=st.lists(SESSIONS, min_size=1, max_size=3, unique=True), refuse=st.booleans())
    def publish_to(self, names: list[str], refuse: bool) -> None:
        value = self.text("a")
        if refuse:
            self.models[names[0]].bad.add(value)
        refused = self.refused(self.hub.publish_to(names, "Said", self.release.payload(value)))
        for name in names:
            self.models[name].publish([value])
        assert refused == any(self.models[name].held_back for name in names)

    @rule(name=SESSIONS, line_ids=st.lists(IDS, min_size=2, max_size=6))
    def publish_at_once(self, name: str, line_ids: list[str]) -> None:
        values = [self.text(line_id) for line_id in line_ids]

        async def publish() -> list[object]:
            calls = (self.say(name, value) for value in values)
            return await asyncio.gather(*calls, return_exceptions=True)

        refused = any(isinstance(result, Exception) for result in self.run(publish()))
        self.expect_published(name, values, refused)

    @rule(name=SESSIONS, line_id=IDS, steps=st.integers(0, 12))
    def cancel_a_publish(self, name: str, line_id: str, steps: int) -> None:
        value = self.text(line_id)
        model = self.models[name]

        async def cancel() -> None:
            call = asyncio.ensure_future(self.say(name, value))
            for _ in range(steps):
                await asyncio.sleep(0)
            call.cancel()
            with suppress(asyncio.CancelledError, ProjectionError):
                await call
            # What follows it in line ends when the call itself has.
            with suppress(ProjectionError):
                await self.hub.publish_all(name, [])

        self.run(cancel())
        new = self.run(events_of(self.store, name))[len(model.log) - model.start :]
        texts = [said(event.payload) for event in new]
        assert texts in ([], [value])
        model.publish(texts)

    @rule(name=SESSIONS, line_id=IDS)
    def fail_a_commit(self, name: str, line_id: str) -> None:
        async def publish() -> None:
            self.store.fail_next(StoreFullError("test.db", "no space"))
            try:
                await self.say(name, self.text(line_id))
            except StoreFullError:
                return
            raise AssertionError("a commit that failed was acknowledged")

        self.run(publish())

    # -- repair and time travel --------------------------------------------

    @rule(name=SESSIONS)
    def repair(self, name: str) -> None:
        self.models[name].bad.clear()

    @rule(name=SESSIONS)
    def retry(self, name: str) -> None:
        self.models[name].follow()
        assert self.refused(self.hub.retry_timeline(name)) == self.models[name].held_back

    @rule(name=SESSIONS)
    def rebuild(self, name: str) -> None:
        model = self.models[name]
        fails = model.refuses(len(model.log))
        assert self.refused(self.hub.rebuild_timeline(name)) == fails
        if not fails:
            model.cursor = len(model.log)

    @rule(name=SESSIONS)
    def store_entities(self, name: str) -> None:
        async def store() -> None:
            self.hub._pipeline.write_trailing()
            with suppress(ProjectionError):
                await self.hub.publish_all(name, [])

        self.run(store())
        self.models[name].follow()

    @rule(name=SESSIONS, data=st.data())
    def look_back(self, name: str, data: st.DataObject) -> None:
        model = self.models[name]
        ordinal = data.draw(st.integers(0, len(model.log) + 1))
        model.read()
        if not model.start <= ordinal <= len(model.log):
            with pytest.raises(OrdinalError) as beyond:
                self.run(self.hub.snapshot(name, as_of=ordinal))
            assert (beyond.value.ordinal, beyond.value.start) == (ordinal, model.start)
            return
        if model.refuses(ordinal):
            assert self.refused(self.hub.snapshot(name, as_of=ordinal))
        else:
            past = self.run(self.hub.snapshot(name, as_of=ordinal))
            assert sorted(lines(past)) == model.lines(ordinal)

    # -- the end of sessions and of events ---------------------------------

    @rule(name=SESSIONS, keep=st.integers(0, 6))
    def compact(self, name: str, keep: int) -> None:
        self.models[name].follow()  # what is held back is tried once more
        self.models[name].compact(keep)
        assert self.run(self.hub.compact(name, keep)) == self.models[name].start

    @rule(name=SESSIONS)
    def delete(self, name: str) -> None:
        self.run(self.hub.delete_session(name))
        self.models[name].begin()

    @rule(name=SESSIONS)
    def close(self, name: str) -> None:
        close(self.models[name], self.models, self.clock)
        self.run(self.hub.close_session(name))

    @rule(seconds=st.integers(-(10**6), 10**6))
    def let_the_clock_jump(self, seconds: int) -> None:
        self.clock += seconds

    @rule(
        age=st.none() | st.integers(-(10**6), 10**6),
        keep=st.none() | st.integers(0, 3),
    )
    def purge(self, age: int | None, keep: int | None) -> None:
        if age is None and keep is None:
            return
        before = None if age is None else self.clock - age
        expected = purged(self.models, before, keep)
        assert self.run(self.hub.purge(before, keep)) == expected
        for name in expected:
            self.models[name].begin()

    # -- restarts ----------------------------------------------------------

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

    @precondition(lambda self: not self.release.is_bytes)
    @rule(former=st.booleans())
    def restart_with_another_event_type(self, former: bool) -> None:
        self.release.is_bytes, self.release.former = True, former
        self.restart()

    @precondition(lambda self: not self.release.counts)
    @rule()
    def restart_with_another_projection(self) -> None:
        for model in self.models.values():  # where the log can't be folded, the old one stays
            model.bad.clear()
            model.follow()
        self.release.counts = True
        self.restart()

    # -- what must hold ----------------------------------------------------

    @invariant()
    def both_say_the_same(self) -> None:
        for name, model in self.models.items():
            if self.release.counts and model.counted_from is None:
                model.counted_from = model.start
            model.read()
            snapshot = self.run(self.hub.snapshot(name))
            assert snapshot.snapshot_ordinal == model.cursor
            assert sorted(lines(snapshot)) == model.lines(model.cursor)
            assert self.run(self.hub.event_cursor(name)) == len(model.log)
            stored = self.run(events_of(self.store, name))
            assert [said(event.payload) for event in stored] == model.log[model.start :]
            assert [event.ordinal for event in stored] == [
                *range(model.start + 1, len(model.log) + 1)
            ]
        known = [name for name, model in self.models.items() if model.log]
        assert self.run(self.store.sessions()) == known


TestHubAgainstModel = HubAgainstModel.TestCase
TestHubAgainstModel.settings = settings(
    max_examples=EXAMPLES, stateful_step_count=30, deadline=None
)
pytestmark = pytest.mark.timeout(120 + 3 * EXAMPLES)
