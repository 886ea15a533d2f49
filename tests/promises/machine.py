"""A Hub over a SQLite file beside its model; test_model.py has the rules that change both."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import TypeVar

import pytest
from hypothesis.stateful import RuleBasedStateMachine

from sessionstream import Hub, ProjectionError, WriteBehind
from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.testing.fakes import GatedStore
from tests.promises.model import Model, Release

T = TypeVar("T")

NAMES = ("s", "t", "u")


class HubBesideModel(RuleBasedStateMachine):
    """Opens the Hub, closes it, and publishes to it; a clock stands in for the real one."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp())
        self.opened = AsyncExitStack()
        self.patch = pytest.MonkeyPatch()
        self.clock = 1e9
        self.patch.setattr(
            "sessionstream.administration.time", SimpleNamespace(time=lambda: self.clock)
        )
        self.files = 0
        self.texts = 0
        self.models = {name: Model() for name in NAMES}
        self.release = Release(self.models)
        self.run(self.open(self.folder / "0.db"))

    def run(self, coroutine: Coroutine[object, object, T]) -> T:
        return self.runner.run(coroutine)

    async def open(self, path: Path) -> None:
        self.path = path
        registry = self.release.registry()
        opening = SQLiteStore.open(path, registry, durability="normal")
        self.store = GatedStore(await self.opened.enter_async_context(opening))
        # Entities are stored after four events, or when a rule says so.
        behind = WriteBehind(events=4, seconds=3600, pause=3600)
        self.hub = Hub(registry, store=self.store, write_behind=behind)
        for projection in self.release.projections():
            self.hub.register_timeline_projection(projection)
        self.opened.push_async_callback(self.hub.aclose)
        for model in self.models.values():
            model.tried = False

    def text(self, line_id: str, *, removes: bool = False) -> str:
        """A text that no event had before: it can be refused by itself."""
        self.texts += 1
        return f"-{line_id}#{self.texts}" if removes else f"{line_id}={self.texts}"

    def teardown(self) -> None:
        self.run(self.opened.aclose())
        self.runner.close()
        self.patch.undo()
        shutil.rmtree(self.folder)

    async def say(self, name: str, value: str) -> None:
        await self.hub.publish(name, "Said", self.release.payload(value))

    def try_publishing(self, name: str, values: list[str]) -> bool:
        events = [("Said", self.release.payload(value)) for value in values]
        return self.refused(self.hub.publish_all(name, events))

    def refused(self, call: Coroutine[object, object, object]) -> bool:
        try:
            self.run(call)
        except ProjectionError:
            return True
        return False

    def expect_published(self, name: str, values: list[str], refused: bool) -> None:
        self.models[name].publish(values)
        assert refused == self.models[name].held_back
