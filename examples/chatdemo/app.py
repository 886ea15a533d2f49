"""The chat's web server: the page, its commands as POSTs, its events over a WebSocket."""

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

from chatdemo.handlers import MAX_PROMPT_LENGTH, PromptError
from chatdemo.http import SecurityHeaders, read_texts
from chatdemo.v1 import chat_pb2 as pb
from chatdemo.v1.chat_sessionstream import ChatClient
from sessionstream import HubClosedError, SessionClient, SessionIdError, StoreError
from sessionstream.transport.asgi import WebSocketApp
from sessionstream.transport.rooms import Rooms

STATIC = Path(__file__).parent / "static"


def create_app(
    hub: SessionClient, rooms: Rooms, *, engine_name: str, hosts: Sequence[str] | None = None
) -> Starlette:
    """Returns the application; the Hub and its rooms stay the caller's to close.

    With ``hosts`` a request must name one of them in its Host header.
    """
    client = ChatClient(hub)

    async def start(request: Request) -> Response:
        texts = await read_texts(request, "sessionId", "prompt")
        await client.start_inference(texts["sessionId"], pb.StartInference(prompt=texts["prompt"]))
        return JSONResponse({"accepted": True}, status_code=202)

    async def stop(request: Request) -> Response:
        texts = await read_texts(request, "sessionId")
        await client.stop_inference(texts["sessionId"], pb.StopInference())
        return JSONResponse({"accepted": True}, status_code=202)

    async def config(request: Request) -> Response:
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
            Route("/api/chat", start, methods=["POST"]),
            Route("/api/stop", stop, methods=["POST"]),
            WebSocketRoute("/ws", WebSocketApp(rooms)),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False),
        ],
        exception_handlers={
            HTTPException: _http_error,
            PromptError: _refused,
            SessionIdError: _refused,
            HubClosedError: _unavailable,
            StoreError: _unavailable,
            Exception: _broken,
        },
    )


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)


def _refused(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, status_code=400)


def _unavailable(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": "The chat can't store messages now."}, status_code=503)


def _broken(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": "The server failed; its log says why."}, status_code=500)
