"""What a backend tells the store contract about itself, and what the rules ask a store with."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from pathlib import Path
from typing import TypedDict, Unpack

from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import StringValue

from sessionstream.hydration.base import HydrationStore, Retention
from sessionstream.schema import SchemaRegistry
from sessionstream.testing.stores.samples import sample_registry
from sessionstream.types import Event, TimelineEntity


class StoreOptions(TypedDict, total=False):
    """What the rules ask of a store beside its contents; the store's own defaults if not given.

    Attributes:
        retention: How much it keeps for clients that come back.
        clock: The time in seconds since the Unix epoch.
    """

    retention: Retention
    clock: Callable[[], float]


class StoreBackend(ABC):
    """The part of a store's test class that differs between backends."""

    @abstractmethod
    def open_store(
        self, directory: Path, registry: SchemaRegistry, **options: Unpack[StoreOptions]
    ) -> AbstractAsyncContextManager[HydrationStore]:
        """Opens the store whose contents, where they outlive it, are in the directory."""

    def opened(
        self, directory: Path, **options: Unpack[StoreOptions]
    ) -> AbstractAsyncContextManager[HydrationStore]:
        """Opens the store with the sample application's types."""
        return self.open_store(directory, sample_registry(), **options)


@contextmanager
def refused(error: type[Exception], *texts: str) -> Iterator[None]:
    """Fails unless the block raises the error, with all of the texts in its message."""
    try:
        yield
    except error as raised:
        missing = [text for text in texts if text not in str(raised)]
        if missing:
            raise AssertionError(f"{raised} does not mention {missing}") from raised
    else:
        raise AssertionError(f"{error.__name__} was not raised")


async def events_of(
    store: HydrationStore, session_id: str, after: int = 0, limit: int = 1000
) -> list[Event[Message]]:
    """Returns a page of the session's log, all of which has to be readable."""
    events = []
    for event in await store.events(session_id, after, limit):
        assert isinstance(event, Event), event
        events.append(event)
    return events


async def entities_of(store: HydrationStore, session_id: str) -> list[TimelineEntity[Message]]:
    """Returns the session's timeline, all of which has to be readable."""
    entities = []
    for entity in await store.timeline(session_id):
        assert isinstance(entity, TimelineEntity), entity
        entities.append(entity)
    return entities


async def texts_of(store: HydrationStore, session_id: str) -> dict[str, str]:
    """Returns the text of every note in the session's timeline, by id."""
    texts = {}
    for entity in await entities_of(store, session_id):
        assert isinstance(entity.payload, StringValue)
        texts[entity.id] = entity.payload.value
    return texts


async def ordinals_of(
    store: HydrationStore, session_id: str, after: int = 0, limit: int = 1000
) -> list[int]:
    """Returns the ordinals of a page of the session's log."""
    return [event.ordinal for event in await store.events(session_id, after, limit)]


async def shown_of(
    store: HydrationStore, session_id: str, after: int = 0, limit: int = 1000
) -> list[int]:
    """Returns the ordinals of a page of the session's kept UI events."""
    return [batch.ordinal for batch in await store.ui_batches(session_id, after, limit)]
