"""Whatever happens in whatever order: the log, the timeline and what was shown agree."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Union

from hypothesis import given, settings
from hypothesis import strategies as st

from sessionstream import Hub, SchemaRegistry, SessionStreamError, StoreFullError
from sessionstream.hydration.memory import MemoryStore
from sessionstream.testing.fakes import GatedStore, RecordingFanout
from sessionstream.testing.stores.backend import events_of
from tests.runtime.app import Lines, Shows, lines, make_registry, say, settled, text_of

VALUES = ("a=1", "a=2", "b=1", "-a", "-b", "x")


@dataclass(frozen=True)
class Say:
    value: str


@dataclass(frozen=True)
class Step:
    """Lets tasks run on, then cancels the call that was made last, or not."""

    ticks: int
    cancel: bool


@dataclass(frozen=True)
class Do:
    what: str


Action = Union[Say, Step, Do]

says = st.builds(Say, st.sampled_from(VALUES))
steps = st.builds(Step, st.integers(0, 8), st.booleans())
harmless = st.builds(
    Do, st.sampled_from(["snapshot", "retry", "rebuild", "fail commit", "hold", "release"])
)
troubles = st.builds(Do, st.sampled_from(["restart", "ui fails", "timeline fails", "all work"]))


@dataclass
class World:
    registry: SchemaRegistry = field(default_factory=make_registry)
    store: GatedStore = field(default_factory=lambda: GatedStore(MemoryStore()))
    fanout: RecordingFanout = field(default_factory=RecordingFanout)
    ui: Shows = field(default_factory=Shows)
    timeline: Lines = field(default_factory=Lines)
    calls: list[asyncio.Task[object]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.hub = self.make_hub()

    def make_hub(self) -> Hub:
        hub = Hub(self.registry, store=self.store, fanout=self.fanout)
        hub.register_ui_projection(self.ui)
        hub.register_timeline_projection(self.timeline)
        return hub

    def call(self, coroutine: Coroutine[object, object, object]) -> None:
        self.calls.append(asyncio.get_running_loop().create_task(coroutine))

    async def act(self, action: Action) -> None:
        match action:
            case Say(value):
                self.call(say(self.hub, value))
            case Step(ticks, cancel):
                for _ in range(ticks):
                    await asyncio.sleep(0)
                if cancel and self.calls:
                    self.calls[-1].cancel()
            case Do("snapshot"):
                self.call(self.hub.snapshot("s"))
            case Do("retry"):
                self.call(self.hub.retry_timeline("s"))
            case Do("rebuild"):
                self.call(self.hub.rebuild_timeline("s"))
            case Do("fail commit"):
                self.store.fail_next(StoreFullError("memory", "full"))
            case Do("hold"):
                self.store.hold()
            case Do("release"):
                self.store.release()
            case Do("ui fails"):
                self.ui.bad = {"a=2", "-b"}
            case Do("timeline fails"):
                self.timeline.bad = {"a=1", "x"}
            case Do("all work"):
                self.repair()
            case Do("restart"):
                self.store.release()
                await self.hub.aclose()
                self.hub = self.make_hub()

    def repair(self) -> None:
        self.ui.bad, self.timeline.bad = set(), set()

    async def finish(self) -> None:
        """Repairs everything and lets all calls end; one more event brings all up to date."""
        self.repair()
        self.store.release()
        self.store._errors.clear()
        await settled()
        results = await asyncio.gather(*self.calls, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                assert isinstance(result, SessionStreamError), result
        await say(self.hub, "x")

    async def check(self) -> None:
        stored = await events_of(self.store, "s", limit=10_000)
        head = len(stored)
        assert [event.ordinal for event in stored] == list(range(1, head + 1))
        before = await self.hub.snapshot("s")
        past = [lines(await self.hub.snapshot("s", as_of=ordinal)) for ordinal in range(head + 1)]
        assert before == await self.hub.snapshot("s", as_of=head)
        await self.hub.aclose()
        cursors = await self.store.cursors("s")
        assert (cursors.event, cursors.ui, cursors.timeline) == (head, head, head)
        assert len(await self.store.timeline("s")) == len(before.entities)
        assert self.fanout.ordinals("s") == list(range(1, head + 1))
        for event, shown in zip(stored, self.fanout.payloads("s"), strict=True):
            value, _, view = text_of(shown).partition(" after ")
            ordinal, _, seen = view.partition(":")
            assert value == text_of(event.payload)
            assert int(ordinal) < event.ordinal
            assert seen == ",".join(past[int(ordinal)])

    async def run(self, actions: list[Action]) -> None:
        for action in actions:
            await self.act(action)
        await self.finish()
        await self.check()


def shown_ordinals(fanout: RecordingFanout) -> list[tuple[int, int]]:
    views = [text_of(payload).partition(" after ")[2] for payload in fanout.payloads("s")]
    seen = [int(view.partition(":")[0]) for view in views]
    return list(zip(fanout.ordinals("s"), seen, strict=True))


@settings(max_examples=300)
@given(st.lists(says | steps | harmless | troubles, max_size=25))
def test_the_log_the_timeline_and_what_was_shown_agree(actions: list[Action]) -> None:
    asyncio.run(World().run(actions))


@settings(max_examples=150)
@given(
    st.lists(
        says | steps | harmless | st.builds(Do, st.sampled_from(["ui fails", "all work"])),
        max_size=25,
    )
)
def test_while_the_timeline_works_each_ui_event_saw_it_just_before_its_event(
    actions: list[Action],
) -> None:
    async def run() -> None:
        world = World()
        await world.run([action for action in actions if action != Do("timeline fails")])
        assert all(seen == ordinal - 1 for ordinal, seen in shown_ordinals(world.fanout))

    asyncio.run(run())
