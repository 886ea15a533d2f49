"""A Hub behind the HTTP door, and clients of it without a network."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping
from contextlib import asynccontextmanager

import httpx
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import StringValue

from sessionstream import (
    Command,
    CommandRefusedError,
    Event,
    EventPublisher,
    Observer,
    SchemaRegistry,
    Session,
    TimelineEntity,
    TimelineView,
    UIEvent,
)
from sessionstream.hub import Hub
from sessionstream.transport.access import Access
from sessionstream.transport.http import HTTPSettings, SessionStreamApp
from sessionstream.transport.rooms import Rooms
from sessionstream.transport.settings import TransportSettings

ASGI = Callable[..., Coroutine[None, None, None]]


class Application:
    """An application whose command `Say` becomes an event, a UI event and an entity.

    Some texts do something else: ``refuse``, ``refuse in our words``, ``fail``,
    and ``wait``, which sets `waits` and goes on when `go_on` is set.
    """

    def __init__(self) -> None:
        self.runs = 0
        self.waits = asyncio.Event()
        self.go_on = asyncio.Event()

    def registry(self) -> SchemaRegistry:
        registry = SchemaRegistry()
        registry.register_command("Say", StringValue)
        registry.register_command("Nobody", StringValue)
        registry.register_command("Shout", StringValue)
        registry.register_event("Said", StringValue)
        registry.register_ui_event("Shown", StringValue)
        registry.register_timeline_entity("Note", StringValue)
        return registry

    def install(self, hub: Hub) -> None:
        hub.register_command("Say", self._say)
        hub.register_command("Shout", self._say)
        hub.register_ui_projection(_show)
        hub.register_timeline_projection(_keep)

    async def _say(
        self, command: Command[Message], session: Session, publisher: EventPublisher
    ) -> None:
        self.runs += 1
        assert isinstance(command.payload, StringValue)
        match command.payload.value:
            case "refuse":
                raise CommandRefusedError("out_of_stock", "there is none left")
            case "refuse in our words":
                raise CommandRefusedError("unavailable", "not on Sundays")
            case "fail":
                raise LookupError("the secret")
            case "wait":
                self.waits.set()
                await self.go_on.wait()
        await publisher.publish("Said", command.payload)


def _show(
    event: Event[Message], session: Session, view: TimelineView
) -> Iterable[UIEvent[Message]]:
    return [UIEvent(name="Shown", payload=event.payload)]


def _keep(
    event: Event[Message], session: Session, view: TimelineView
) -> Iterable[TimelineEntity[Message]]:
    return [TimelineEntity(kind="Note", id=f"n{event.ordinal}", payload=event.payload)]


class Place:
    """An application that is served."""

    def __init__(self, application: Application, hub: Hub, rooms: Rooms, app: ASGI) -> None:
        self.application = application
        self.hub = hub
        self.rooms = rooms
        self.app = app

    def http(self, app: ASGI | None = None) -> httpx.AsyncClient:
        """Returns a client of this application, or of one that it is mounted in."""
        transport = httpx.ASGITransport(self.app if app is None else app)
        return httpx.AsyncClient(transport=transport, base_url="http://test")

    async def said(self, *texts: str) -> None:
        """Publishes events in the session ``s``."""
        for text in texts:
            await self.hub.publish("s", "Said", StringValue(value=text))


@asynccontextmanager
async def place(
    access: Access | None = None,
    *,
    settings: TransportSettings | None = None,
    http: HTTPSettings | None = None,
    origins: Iterable[str] = (),
    observers: Iterable[Observer] = (),
) -> AsyncIterator[Place]:
    """Serves an application."""
    application = Application()
    async with Hub(application.registry(), observers=observers) as hub:
        application.install(hub)
        async with Rooms(hub, settings, access=access or Access()) as rooms:
            app = SessionStreamApp(rooms, origins=tuple(origins), settings=http)
            try:
                yield Place(application, hub, rooms, app)
            finally:
                application.go_on.set()


class Reading:
    """A client that reads a stream of events."""

    def __init__(self, app: ASGI, path: str, query: str = "", **headers: str) -> None:
        scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "root_path": "",
            "query_string": query.encode(),
            "headers": [
                (name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()
            ],
        }
        self._to_app: asyncio.Queue[Mapping[str, object]] = asyncio.Queue()
        self._to_app.put_nowait({"type": "http.request"})
        self._from_app: asyncio.Queue[dict[str, object]] = asyncio.Queue()
        self._text = ""
        self.is_over = False
        self._takes_more = -1
        self._takes = asyncio.Event()
        self._takes.set()
        self.task = asyncio.create_task(app(scope, self._to_app.get, self._take))

    async def _take(self, message: dict[str, object]) -> None:
        await self._takes.wait()
        self._from_app.put_nowait(message)
        self._takes_more -= 1
        if self._takes_more == 0:
            self._takes.clear()

    def stop_taking(self, after: int = 0) -> None:
        """Makes the server's sends wait, as a full network buffer does, after so many more."""
        self._takes_more = after
        if after == 0:
            self._takes.clear()

    def go_on_taking(self) -> None:
        """Ends `stop_taking`."""
        self._takes.set()

    def taken(self) -> list[dict[str, object]]:
        """Returns the messages that were taken and not yet looked at."""
        return [self._from_app.get_nowait() for _ in range(self._from_app.qsize())]

    async def headers(self) -> list[tuple[bytes, bytes]]:
        """Returns the headers; comes first, in the place of `status`."""
        found = (await self._from_app.get())["headers"]
        assert isinstance(found, list)
        return found

    async def status(self) -> int:
        """Returns the status; comes first."""
        start = await self._from_app.get()
        assert start["type"] == "http.response.start"
        assert isinstance(start["status"], int)
        return start["status"]

    async def event(self) -> str:
        """Returns the next event, or comment, as it comes; "" at the end."""
        while "\n\n" not in self._text and not self.is_over:
            message = await self._from_app.get()
            body = message["body"]
            assert isinstance(body, bytes)
            self._text += body.decode()
            self.is_over = not message.get("more_body", False)
        event, _, self._text = self._text.partition("\n\n")
        return event

    async def frame(self) -> tuple[str | None, Mapping[str, Mapping[str, object]]]:
        """Returns the next event's id and frame; passes over what is neither."""
        while True:
            fields = dict(line.partition(": ")[::2] for line in (await self.event()).split("\n"))
            if "data" in fields:
                return fields.get("id"), json.loads(fields["data"])

    async def hang_up(self) -> None:
        """Leaves."""
        self._to_app.put_nowait({"type": "http.disconnect"})
        await self.task
