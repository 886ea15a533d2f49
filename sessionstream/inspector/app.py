"""A page that shows what an application does, as an ASGI 3 application to mount in it.

    GET /                                the page
    GET /static/{file}                   its modules and its style
    GET /api/sessions?after=ID           a page of sessions: heads, cursors, who watches
    GET /api/session?id=ID               one session: entities, last events, kept UI events
    GET /api/records?after=N&session=ID  what the recorder has; waits for news up to 2 s
    GET /api/connections                 clients, their queues, and how far they are behind
    GET /api/errors?session=ID           open error records, the newest first

Answers of ``/api`` are JSON objects; `views` says what they hold.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Final, TypeAlias, cast
from urllib.parse import parse_qs

from sessionstream.arguments import check_callable, check_type
from sessionstream.errors import ProtocolError, SessionIdError
from sessionstream.hub import Hub
from sessionstream.inspector.recorder import Recorder
from sessionstream.inspector.views import Question, Views
from sessionstream.transport.access import Access, ConnectionRequest
from sessionstream.transport.asgi import Receive, Scope, Send, connection_request
from sessionstream.transport.gate import Gate
from sessionstream.transport.http.exchange import respond
from sessionstream.transport.http.messages import Response
from sessionstream.transport.http.problems import ProblemCode, ProblemError
from sessionstream.transport.http.routes import below_mount
from sessionstream.transport.rooms import Rooms

logger = logging.getLogger("sessionstream.inspector")

Authorize: TypeAlias = Callable[[ConnectionRequest], Awaitable[bool]]
"""Whether whoever sent a request may see everything that the inspector shows."""

_STATIC: Final = Path(__file__).parent / "static"
_TYPES: Final[Mapping[str, str]] = {
    "inspector.html": "text/html; charset=utf-8",
    "inspector.css": "text/css; charset=utf-8",
    "inspector.js": "text/javascript; charset=utf-8",
    "showing.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
_PAGE: Final = "inspector.html"
# Nothing from elsewhere, nothing inline: a text can't become code. Nobody frames the page.
_HEADERS: Final = (
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    ("cross-origin-resource-policy", "same-origin"),
    ("referrer-policy", "no-referrer"),
)
# How long a client may take nothing of an answer, and a hook may take, in seconds.
_PATIENCE: Final = 30.0
_HOOK_TIMEOUT: Final = 10.0


class InspectorApp:
    """Shows sessions, live records, connections and errors of a Hub; changes nothing.

        recorder = Recorder()
        hub = Hub(registry, store=store, observers=[recorder])
        app.mount("/inspector", InspectorApp(hub, recorder, authorize=is_operator, rooms=rooms))

    Nothing serves it unless it is mounted, and ``authorize`` is asked for every
    request: everything but a plain True, within ten seconds, is refused with 403
    and no reason. What it raises is logged. An answer that waits for records ends
    after two seconds, so one who may not look any more is out by then.

    Payloads, and the texts of errors, which may quote them, are shown with
    ``payloads=True`` only. The ids of sessions, entities and principals are shown
    always.

    Args:
        hub: What is shown.
        recorder: One of the Hub's observers.
        authorize: The application's hook.
        rooms: The connections to show; without it there are none.
        payloads: Whether payloads and the texts of errors are shown.

    Raises:
        TypeError: An argument is of the wrong type.
    """

    def __init__(
        self,
        hub: Hub,
        recorder: Recorder,
        *,
        authorize: Authorize,
        rooms: Rooms | None = None,
        payloads: bool = False,
    ) -> None:
        check_type("hub", hub, Hub)
        check_type("recorder", recorder, Recorder)
        check_callable("authorize", authorize)
        if rooms is not None:
            check_type("rooms", rooms, Rooms)
        check_type("payloads", payloads, bool)
        self._authorize = authorize
        self._gate = Gate(Access(), _HOOK_TIMEOUT)
        views = Views(hub, recorder, rooms, payloads=payloads)
        self._views: Mapping[str, Callable[[Question], Awaitable[Mapping[str, object]]]] = {
            "/api/sessions": views.sessions,
            "/api/session": views.session,
            "/api/records": views.records,
            "/api/connections": views.connections,
            "/api/errors": views.errors,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request; refuses a WebSocket.

        Raises:
            ValueError: The scope is of another type.
        """
        if scope["type"] == "websocket":
            if (await receive())["type"] == "websocket.connect":
                await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            raise ValueError(f"an ASGI scope {scope['type']!r} has no use; mount the inspector")
        response = await self._response(scope)
        await respond(send, cast(str, scope["method"]), response, _PATIENCE)

    async def _response(self, scope: Scope) -> Response:
        try:
            return await self._answer(scope)
        except ProtocolError as error:
            return ProblemError.of(error).response()
        except SessionIdError as error:
            return ProblemError(ProblemCode.BAD_REQUEST, str(error)).response()
        except Exception:  # a border: the client gets no text of it
            logger.exception("the inspector could not answer")
            return ProblemError(ProblemCode.INTERNAL, "the request failed").response()

    async def _answer(self, scope: Scope) -> Response:
        request = connection_request(scope)
        if not await self._gate.allows("authorize", partial(self._authorize, request)):
            message = "the inspector is not for you"
            raise ProblemError("inspector_denied", message, status=HTTPStatus.FORBIDDEN)
        if scope["method"] not in ("GET", "HEAD"):
            headers = (("allow", "GET, HEAD"),)
            message = "the inspector only shows"
            raise ProblemError(ProblemCode.METHOD_NOT_ALLOWED, message, headers=headers)
        for path in below_mount(scope):
            if path == "":
                return _moved(scope)
            if path == "/":
                return _file(_PAGE)
            if path.startswith("/static/") and path.removeprefix("/static/") in _TYPES:
                return _file(path.removeprefix("/static/"))
            if path in self._views:
                return _json(await self._views[path](_question(request)))
        raise ProblemError(ProblemCode.NOT_FOUND, "there is nothing here")


def _question(request: ConnectionRequest) -> Question:
    try:
        fields = parse_qs(request.query, keep_blank_values=True, errors="strict", max_num_fields=10)
        return Question({name: values[-1] for name, values in fields.items()})
    except (UnicodeDecodeError, ValueError) as error:
        raise ProblemError(ProblemCode.BAD_REQUEST, "the query can't be read") from error


def _moved(scope: Scope) -> Response:
    # The links of the page are relative to its folder.
    name = cast(str, scope["path"]).rpartition("/")[2]
    return Response(status=HTTPStatus.TEMPORARY_REDIRECT, headers=(("location", f"{name}/"),))


def _file(name: str) -> Response:
    headers = (("content-type", _TYPES[name]), *_HEADERS)
    return Response(status=200, body=(_STATIC / name).read_bytes(), headers=headers)


def _json(value: Mapping[str, object]) -> Response:
    body = json.dumps(value, ensure_ascii=False).encode(errors="backslashreplace")
    return Response(
        status=200, body=body, headers=(("content-type", "application/json"), *_HEADERS)
    )
