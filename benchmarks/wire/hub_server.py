"""The Hub with its WebSocket server: an event goes through projection, commit and fan-out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chatdemo.engine import EchoEngine
from chatdemo.handlers import Handlers
from chatdemo.projections import LiveMessages
from chatdemo.v1 import chat_pb2 as pb
from chatdemo.v1 import chat_sessionstream as chat

from benchmarks.wire.publishing import Serving
from sessionstream import Hub, SchemaRegistry
from sessionstream.hydration.memory import MemoryStore
from sessionstream.transport.settings import TransportSettings
from sessionstream.transport.ws import serve

_MESSAGE_ID = "answer-0000000000000000000000001"
# Nothing but events while it is measured; the others ping as rarely.
_SETTINGS = TransportSettings(ping_interval=3600)


@asynccontextmanager
async def serving(_: bytes) -> AsyncIterator[Serving]:
    """Serves the chat's live messages, over memory; there is no timeline to keep."""
    registry = SchemaRegistry()
    chat.register_schemas(registry)
    async with MemoryStore() as store, Hub(registry, store=store) as hub:
        chat.install(hub, handlers=Handlers(EchoEngine()), ui=LiveMessages())  # noqa: SV203
        async with serve(hub, settings=_SETTINGS) as server:

            async def publish(session_id: str, text: str) -> None:
                payload = pb.TokensDelta(message_id=_MESSAGE_ID, chunk=text)
                await hub.publish(session_id, chat.TOKENS_DELTA.name, payload)

            yield Serving(server.port, publish)
