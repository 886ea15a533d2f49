"""Mistakes that a type checker tells of are refused at run time too, where they are made."""

from __future__ import annotations

import datetime
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from sessionstream import (
    Hub,
    HydrationStore,
    ProjectionPolicy,
    SchemaError,
    SchemaRegistry,
    WriteBehind,
)
from sessionstream.hydration.sqlite import SQLiteStore
from tests.runtime.app import Lines, say, text

NOW = datetime.datetime(2026, 1, 1)


@pytest.fixture
async def hub(registry: SchemaRegistry, store: HydrationStore) -> Any:
    """Typed as a program is whose author runs no type checker."""
    async with Hub(registry, store=store) as hub:
        hub.register_timeline_projection(Lines())
        await say(hub, "a=1")
        yield hub


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda hub: hub.snapshot("s", as_of="1"), "as_of is a whole number; got '1'"),
        (lambda hub: hub.snapshot("s", as_of=1.5), "as_of is a whole number; got 1.5"),
        (lambda hub: hub.compact("s", 1.5), "keep is a whole number; got 1.5"),
        (lambda hub: hub.purge(keep="1"), "keep is a whole number; got '1'"),
        (lambda hub: hub.purge(closed_before=NOW), "closed_before is a number"),
        (lambda hub: hub.errors(source="task"), "source is an ErrorSource; got 'task'"),
        (lambda hub: hub.errors(after=3), "after is an ErrorRecord; got 3"),
        (lambda hub: hub.errors(since=NOW), "since is a number"),
        (lambda hub: hub.resolve(None), "record is an ErrorRecord; got None"),
        (lambda hub: hub.retry(None), "record is an ErrorRecord; got None"),
        (lambda hub: hub.publish_to("abc", "Said", text("x")), "session ids are several"),
        (lambda hub: hub.publish_all("s", [text("x")]), "a pair of its name and its payload"),
        (lambda hub: hub.publish_all("s", [("Said", text("x"), 1)]), "a pair of its name"),
    ],
)
async def test_calls_are_refused(
    hub: Any, store: HydrationStore, call: Callable[[Any], Awaitable[object]], told: str
) -> None:
    with pytest.raises(TypeError, match=told):
        await call(hub)
    assert await store.sessions() == ["s"]
    assert await hub.event_cursor("s") == 1


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"policies": ProjectionPolicy.FAIL}, "policies is a ProjectionPolicies"),
        ({"write_behind": None}, "write_behind is a WriteBehind; got None"),
        ({"cache_bytes": "x"}, "cache_bytes is a number; got 'x'"),
        ({"drain_seconds": None}, "drain_seconds is a number; got None"),
        ({"fanout": print}, "a fan-out has a method 'publish_ui'"),
    ],
)
def test_settings_of_a_hub_are_refused(
    registry: SchemaRegistry, settings: dict[str, Any], told: str
) -> None:
    with pytest.raises(TypeError, match=told):
        Hub(registry, **settings)


def test_a_write_behind_that_can_not_be_is_refused() -> None:
    with pytest.raises(ValueError, match="events is 0 or more; got -5"):
        WriteBehind(events=-5)


@pytest.mark.parametrize("name", ["", 5])
def test_a_name_that_is_none_is_refused_of_a_projection(
    registry: SchemaRegistry, name: Any
) -> None:
    with pytest.raises(SchemaError, match="a projection's name is a non-empty string"):
        Hub(registry).register_timeline_projection(Lines(), name)


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"max_bytes": "1MB"}, TypeError),
        ({"max_bytes": 0}, ValueError),
        ({"busy_timeout": float("inf")}, ValueError),
        ({"busy_timeout": None}, TypeError),
    ],
)
async def test_settings_of_a_store_are_refused_and_leave_no_file(
    tmp_path: Path, registry: SchemaRegistry, settings: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await SQLiteStore.open(tmp_path / "a.db", registry, **settings)
    assert os.listdir(tmp_path) == []
