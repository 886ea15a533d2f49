"""The chat's web server: the page, and a WebSocket for its commands and its events."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from chatdemo.handlers import MAX_PROMPT_LENGTH
from chatdemo.http import SecurityHeaders
from sessionstream import browser
from sessionstream.inspector import InspectorApp
from sessionstream.transport.asgi import WebSocketApp
from sessionstream.transport.rooms import Rooms

STATIC = Path(__file__).parent / "static"


def create_app(
    rooms: Rooms,
    *,
    engine_name: str,
    hosts: Sequence[str] | None = None,
    inspector: InspectorApp | None = None,
) -> Starlette:
    """Returns the application; the rooms stay the caller's to close.

    With ``hosts`` a request must name one of them in its Host header. An
    inspector is shown under ``/inspector/``.
    """

    async def config(request: Request) -> Response:
        # What the page can say of a prompt before it is sent. The handler decides.
        return JSONResponse({"engine": engine_name, "maxPromptLength": MAX_PROMPT_LENGTH})

    async def health(request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def page(request: Request) -> Response:
        return FileResponse(STATIC / "index.html")

    return Starlette(
        routes=[
            Route("/", page),
            Route("/healthz", health),
            Route("/api/config", config),
            WebSocketRoute("/ws", WebSocketApp(rooms)),
            Mount("/static", StaticFiles(directory=STATIC)),
            Mount("/sessionstream", StaticFiles(directory=browser.folder())),
            *([] if inspector is None else [Mount("/inspector", inspector)]),
        ],
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False),
        ],
        exception_handlers={HTTPException: _http_error},
    )


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)
