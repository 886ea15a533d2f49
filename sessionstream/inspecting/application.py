"""Puts an application's names and projections around a store's file, to work on it."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from sessionstream.errors import SessionStreamError
from sessionstream.hub import Hub
from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.inspecting.file import check_there
from sessionstream.projection import ProjectionPolicies
from sessionstream.schema import SchemaRegistry

Install = Callable[[Hub], object]
"""Registers the schemas, handlers and projections of an application with a Hub; may be async."""


@asynccontextmanager
async def installed(
    path: Path, install: Install, policies: ProjectionPolicies
) -> AsyncIterator[tuple[Hub, SQLiteStore]]:
    """Opens the store as its application does, and yields it with its Hub.

    Raises:
        StoreError: The file is not there, or can't be opened; see `SQLiteStore.open`.
        SessionStreamError: The application can't be installed.
    """
    check_there(path)
    registry = SchemaRegistry()
    async with (
        SQLiteStore.open(path, registry) as store,
        Hub(registry, store=store, policies=policies) as hub,
    ):
        try:
            made = install(hub)
            if inspect.isawaitable(made):
                await made
        except (Exception, SystemExit) as error:
            reason = f"the application can't be installed: {type(error).__name__}: {error}"
            raise SessionStreamError(reason) from error
        yield hub, store


async def session_ids(store: SQLiteStore) -> AsyncIterator[str]:
    """Yields the ids of all sessions."""
    after = ""
    while page := await store.sessions(after):
        for session_id in page:
            yield session_id
        after = page[-1]
