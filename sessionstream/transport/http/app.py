"""The three front doors as one ASGI 3 application: WebSocket, plain HTTP, Server-Sent Events."""

from __future__ import annotations

import logging
from collections.abc import Collection
from contextlib import ExitStack
from typing import cast

from sessionstream.arguments import check_type
from sessionstream.errors import ProtocolError
from sessionstream.records import TransportEvent
from sessionstream.transport import origins as origin_rule
from sessionstream.transport.access import ConnectionRequest, Principal
from sessionstream.transport.asgi import Receive, Scope, Send, WebSocketApp, connection_request
from sessionstream.transport.http.commands import CommandDoor
from sessionstream.transport.http.cors import cors_headers, preflight_headers, with_headers
from sessionstream.transport.http.events import EventDoor
from sessionstream.transport.http.exchange import (
    ClientGoneError,
    Exchange,
    respond,
)
from sessionstream.transport.http.messages import Response
from sessionstream.transport.http.problems import ProblemCode, ProblemError
from sessionstream.transport.http.routes import METHODS, Resource, route
from sessionstream.transport.http.settings import HTTPSettings
from sessionstream.transport.http.snapshots import SnapshotDoor
from sessionstream.transport.rooms import Rooms

logger = logging.getLogger("sessionstream.transport")


class SessionStreamApp:
    """Serves the sessions of a Hub; mount it anywhere, or run it as it is.

        async with Rooms(hub) as rooms:
            app = FastAPI()
            app.mount("/live", SessionStreamApp(rooms))

    Below the mount there are ``/ws``, see `WebSocketApp`, and of each session
    ``/sessions/{id}/snapshot``, ``/sessions/{id}/events`` and
    ``/sessions/{id}/commands/{name}``; routes.py, snapshots.py, events.py and
    commands.py say what they take and give. All of them ask the hooks of the
    rooms' `Access`; a request has to authenticate each time.

    A request of a page of another origin is refused, but for ``origins``: their
    pages may send commands and read answers, see cors.py. Headers of proxies are
    not believed; tell the server which to trust.

    The commands of a principal are limited as those of one connection are; those
    of clients whom no hook tells apart, by the address from which they come.

    A stream of events lasts as long as its client stays. uvicorn waits for it
    at its end, so close the Hub, then the rooms, before, or run it as
    `uvicorn_server.UvicornServer`.
    """

    def __init__(
        self,
        rooms: Rooms,
        *,
        origins: Collection[str] = (),
        settings: HTTPSettings | None = None,
    ) -> None:
        settings = HTTPSettings() if settings is None else settings
        check_type("settings", settings, HTTPSettings)
        self._rooms = rooms
        self._origins = origin_rule.origins_of(origins)
        self._socket = WebSocketApp(rooms, origins=origins)
        self._commands = CommandDoor(rooms, settings)
        self._snapshots = SnapshotDoor(rooms, settings)
        self._events = EventDoor(rooms, settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one connection, one request, or the start and end of the server.

        Raises:
            ValueError: The scope is of a type that ASGI 3 does not have.
        """
        if scope["type"] == "http":
            await self._serve(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._upgrade(scope, receive, send)
        elif scope["type"] == "lifespan":
            await _live(receive, send)
        else:
            raise ValueError(f"an ASGI scope {scope['type']!r} has no use")

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = cors_headers(connection_request(scope), self._origins)
        if headers:
            send = with_headers(send, headers)
        with ExitStack() as until_sent:
            response = await self._response(scope, receive, send, until_sent)
            if response is not None:
                method, seconds = cast(str, scope["method"]), self._rooms.settings.progress_timeout
                await respond(send, method, response, seconds)

    async def _response(
        self, scope: Scope, receive: Receive, send: Send, until_sent: ExitStack
    ) -> Response | None:
        try:
            return await self._answer(scope, receive, send, until_sent)
        except ProtocolError as error:
            return ProblemError.of(error).response()
        except ClientGoneError:
            return None
        except Exception:  # a border: the client gets no text of it
            logger.exception("a request failed")
            return ProblemError(ProblemCode.INTERNAL, "the request failed").response()

    async def _answer(
        self, scope: Scope, receive: Receive, send: Send, until_sent: ExitStack
    ) -> Response | None:
        """Returns the answer, or None where it was given already."""
        found = route(scope)
        if found.resource is Resource.SOCKET:
            await self._socket(scope, receive, send)
            return None
        exchange = Exchange(
            request=connection_request(scope),
            method=cast(str, scope["method"]),
            version=cast(str, scope.get("http_version", "1.1")),
            route=found,
            receive=receive,
            send=send,
            until_sent=until_sent,
        )
        methods = METHODS[found.resource]
        allow = (("allow", ", ".join((*methods, "OPTIONS"))),)
        if exchange.method == "OPTIONS":
            asked = preflight_headers(exchange.request, methods)
            return Response(status=204, headers=(*allow, *asked))
        if exchange.method not in methods:
            message = f"this takes {' and '.join(methods)}"
            raise ProblemError(ProblemCode.METHOD_NOT_ALLOWED, message, headers=allow)
        principal = await self._admit(exchange.request)
        if found.resource is Resource.EVENTS and exchange.method == "GET":
            return await self._events.answer(exchange, principal)  # a connection of its own
        visit = until_sent.enter_context(self._rooms.visit(principal, found.session_id))
        try:
            return await self._visited(exchange, principal)
        except ProtocolError as error:
            visit.tell(TransportEvent.FRAME_REJECTED, error.code)
            raise

    async def _visited(self, exchange: Exchange, principal: Principal) -> Response | None:
        match exchange.route.resource:
            case Resource.COMMAND:
                return await self._commands.answer(exchange, principal)
            case Resource.SNAPSHOT:
                return await self._snapshots.answer(exchange, principal)
        return await self._events.answer(exchange, principal)

    async def _admit(self, request: ConnectionRequest) -> Principal:
        origins, hosts = (request.headers.get(name, ()) for name in ("origin", "host"))
        if not origin_rule.is_allowed(origins, hosts, self._origins):
            raise ProblemError(ProblemCode.ORIGIN_REFUSED, origin_rule.REFUSAL.strip())
        principal = await self._rooms.gate.authenticate(request)
        if principal is None:
            raise ProblemError("unauthenticated", "say who you are")
        return principal

    async def _upgrade(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            is_socket = route(scope).resource is Resource.SOCKET
        except ProblemError:
            is_socket = False
        if is_socket:
            await self._socket(scope, receive, send)
        elif (await receive())["type"] == "websocket.connect":
            await send({"type": "websocket.close", "code": 1008, "reason": "it answers at /ws"})


async def _live(receive: Receive, send: Send) -> None:
    # Whoever made the rooms begins and ends them.
    while (message := await receive())["type"] != "lifespan.shutdown":
        await send({"type": f"{message['type']}.complete"})
    await send({"type": "lifespan.shutdown.complete"})
