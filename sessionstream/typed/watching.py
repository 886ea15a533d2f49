"""Watching a session with the types of one module."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Generic, TypeVar, cast

from google.protobuf.message import Message

from sessionstream.types import TimelineEntity, UIEvent
from sessionstream.watching import (
    AnyUpdate,
    ResumePoint,
    SessionClient,
    SnapshotUpdate,
    UIUpdate,
    Update,
    Watch,
)

U = TypeVar("U", bound=UIEvent[Message])
T = TypeVar("T", bound=TimelineEntity[Message])


def watch(
    client: SessionClient,
    session_id: str,
    since: ResumePoint | None,
    *,
    ui_events: tuple[type[U], ...],
    kinds: tuple[str, ...],
) -> Watch[U, T]:
    """Watches a session; gives UI events of these classes and entities of these kinds only.

    Other modules may write to the session too: what is theirs is left out.
    """
    return _watching(client, session_id, since, Typing[U, T](ui_events, kinds))


@asynccontextmanager
async def _watching(
    client: SessionClient, session_id: str, since: ResumePoint | None, typing: Typing[U, T]
) -> AsyncIterator[AsyncIterator[Update[U, T]]]:
    async with client.watch(session_id, since=since) as updates:
        yield _Typed(updates, typing)


class Typing(Generic[U, T]):
    """Turns updates into those of one module."""

    def __init__(self, ui_events: tuple[type[U], ...], kinds: tuple[str, ...]) -> None:
        # A generated class has its name as an attribute, and takes nothing but its payload.
        self._classes = {
            str(vars(each)["name"]): cast(Callable[[Message], U], each) for each in ui_events
        }
        self._kinds = frozenset(kinds)

    def of(self, update: AnyUpdate) -> Update[U, T] | None:
        """Returns the update with what is the module's; None where that is nothing."""
        if isinstance(update, SnapshotUpdate):
            kept = tuple(entity for entity in update.entities if entity.kind in self._kinds)
            # The registry has one payload type for each kind.
            return cast(SnapshotUpdate[T], replace(update, entities=kept))
        events = tuple(
            self._classes[event.name](event.payload)
            for event in update.events
            if event.name in self._classes
        )
        return None if not events else cast(UIUpdate[U], replace(update, events=events))


class _Typed(AsyncIterator[Update[U, T]]):
    def __init__(self, updates: AsyncIterator[AnyUpdate], typing: Typing[U, T]) -> None:
        self._updates = updates
        self._typing = typing

    async def __anext__(self) -> Update[U, T]:
        while True:
            update = self._typing.of(await anext(self._updates))
            if update is not None:
                return update
