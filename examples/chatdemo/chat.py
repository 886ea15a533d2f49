"""The chat, put together: names, store, handlers and projections around one Hub."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from itertools import repeat
from pathlib import Path

from chatdemo.engine import AnsweringEngine, DocsEngine
from chatdemo.handlers import Handlers
from chatdemo.projections import LiveMessages, StoredMessages
from chatdemo.v1 import chat_pb2 as pb
from chatdemo.v1 import chat_sessionstream as chat
from sessionstream import Hub, HydrationStore, Observer, SchemaRegistry, StoreCorruptError
from sessionstream.hydration.memory import MemoryStore
from sessionstream.hydration.sqlite import SQLiteStore

logger = logging.getLogger("chatdemo")


@asynccontextmanager
async def open_chat(
    engine: AnsweringEngine,
    path: Path | None = None,
    pauses: Iterable[float] = repeat(1.0),
    observers: Iterable[Observer] = (),
) -> AsyncIterator[Hub]:
    """Opens the chat over a SQLite file, or in memory without a path.

    Answers that a crash cut off are recorded as interrupted before the Hub is
    given out, those that leaving cuts off on the way out. `Handlers` tells of
    the ``pauses``. The ``observers`` get every record of what the Hub does.

    Raises:
        StoreError: The file can't be opened.
    """
    registry = SchemaRegistry()
    async with MemoryStore() if path is None else SQLiteStore.open(path, registry) as store:
        handlers = Handlers(engine, pauses)
        async with Hub(registry, store=store, observers=observers) as hub:
            install(hub, handlers)
            await record_interrupted(hub, store)
            try:
                yield hub
            finally:
                handlers.shut_down()


def install(hub: Hub, handlers: chat.ChatHandlers | None = None) -> None:
    """Registers the chat with the Hub; answers come from the documentation unless given handlers.

    ``sessionstream inspect`` calls it by name.
    """
    chat.install(
        hub,
        handlers=Handlers(DocsEngine()) if handlers is None else handlers,
        ui=LiveMessages(),
        timeline=StoredMessages(),
    )


async def record_interrupted(hub: Hub, store: HydrationStore) -> None:
    """Ends every answer that is stored as being written. Call it before anything is served.

    It reads each session once; an application with very many of them would keep
    a list of the unfinished ones. A damaged one is left as it is, with a warning.
    """
    after = ""
    while session_ids := await store.sessions(after):
        for session_id in session_ids:
            try:
                await _record_interrupted(hub, session_id)
            except StoreCorruptError as error:
                extra = {"session_id": session_id}
                logger.warning("session %r can't be read: %s", session_id, error, extra=extra)
        after = session_ids[-1]


async def _record_interrupted(hub: Hub, session_id: str) -> None:
    for entity in (await hub.snapshot(session_id)).entities:
        message = entity.payload
        if isinstance(message, pb.ChatMessage) and _is_unfinished(message):
            stopped = pb.InferenceStopped(
                message_id=message.message_id, reason=pb.STOP_REASON_INTERRUPTED
            )
            await hub.publish(session_id, chat.INFERENCE_STOPPED.name, stopped)


def _is_unfinished(message: pb.ChatMessage) -> bool:
    return message.status == pb.CHAT_STATUS_STREAMING
