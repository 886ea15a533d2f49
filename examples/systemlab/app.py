"""The lab's web server: pages, what they can do, their traces, and a WebSocket for each."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from html import escape
from importlib.metadata import version
from pathlib import Path
from platform import python_version

from chatdemo.http import SecurityHeaders
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from sessionstream import browser
from sessionstream.transport.asgi import WebSocketApp
from systemlab.asking import Asked, LabError
from systemlab.docs import contents, entry
from systemlab.exercise import Page
from systemlab.pages import PAGES
from systemlab.template import render, render_docs
from systemlab.tracing import trace_after
from systemlab.visitors import Visitor, Visitors

logger = logging.getLogger("systemlab")

STATIC = Path(__file__).parent / "static"
MAX_BODY_BYTES = 1_000_000
COOKIE = "systemlab_visitor"


def create_app(visitors: Visitors, *, hosts: Sequence[str] | None = None) -> Starlette:
    """Returns the application; the visitors stay the caller's to close.

    With ``hosts`` a request must name one of them in its Host header.
    """
    lab = _Lab(visitors, {page.slug: page for page in PAGES})
    return Starlette(
        routes=[
            Route("/", lab.page),
            Route("/docs/", contents),
            Route("/docs/{entry}", entry),
            Route("/api/status", lab.status),
            Route("/api/{slug}/trace", lab.trace),
            Route("/api/{slug}/reset", lab.reset, methods=["POST"]),
            Route("/api/{slug}/{action}", lab.act, methods=["POST"]),
            WebSocketRoute("/ws/{slug}", _Sockets(lab)),
            Mount("/static", StaticFiles(directory=STATIC)),
            Mount("/sessionstream", StaticFiles(directory=browser.folder())),
            Route("/{slug}", lab.page),
        ],
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False),
        ],
        exception_handlers={HTTPException: _http_error, LabError: _lab_error, Exception: _failure},
    )


class _Lab:
    """What the routes do."""

    def __init__(self, visitors: Visitors, pages: dict[str, Page]) -> None:
        self._visitors = visitors
        self._pages = pages

    async def page(self, request: Request) -> Response:
        page = self.page_of(request.path_params.get("slug", "overview"))
        response = HTMLResponse(render(page))
        if self._visitors.find(request.cookies.get(COOKIE)) is None:
            visitor_id, _ = await self._visitors.welcome()
            response.set_cookie(COOKIE, visitor_id, httponly=True, samesite="strict")
        return response

    async def status(self, request: Request) -> Response:
        opened = self.visitor_of(request).opened
        pages = [
            {
                "slug": page.slug,
                "number": page.number,
                "title": page.title,
                "summary": page.summary,
                "fault": opened[page.slug].fault if page.slug in opened else None,
                "records": opened[page.slug].recorder.newest if page.slug in opened else 0,
            }
            for page in self._pages.values()
            if page.exercise is not None
        ]
        versions = {"sessionstream": version("sessionstream"), "Python": python_version()}
        return JSONResponse({"versions": versions, "visitors": len(self._visitors), "pages": pages})

    async def act(self, request: Request) -> Response:
        page, visitor = self.page_of(request.path_params["slug"]), self.visitor_of(request)
        asked = await _asked(request)
        async with visitor.using(page) as exercise:
            action = exercise.actions.get(request.path_params["action"])
            if action is None:
                raise HTTPException(404, f"{page.title} can't do that")
            return JSONResponse({"fault": exercise.fault, **await action(asked)})

    async def reset(self, request: Request) -> Response:
        page, visitor = self.page_of(request.path_params["slug"]), self.visitor_of(request)
        fault = (await _asked(request)).text("fault", "none")
        await visitor.reset(page, fault)
        return JSONResponse({"fault": fault})

    async def trace(self, request: Request) -> Response:
        page, visitor = self.page_of(request.path_params["slug"]), self.visitor_of(request)
        after = request.query_params.get("after", "0")
        if not after.isdecimal() or len(after) > 18:
            raise LabError("'after' must be a whole number")
        exercise = visitor.opened.get(page.slug)
        if exercise is None:
            async with visitor.using(page) as exercise:
                pass
        recorder = exercise.recorder  # not under the lock: an action may be under way
        return JSONResponse(await trace_after(recorder, int(after)))

    def page_of(self, slug: str) -> Page:
        if slug not in self._pages:
            raise HTTPException(404, "the lab has no such page")
        return self._pages[slug]

    def visitor_of(self, request: Request) -> Visitor:
        visitor = self._visitors.find(request.cookies.get(COOKIE))
        if visitor is None:
            raise HTTPException(409, "this visit has ended; reload the page to begin a new one")
        return visitor


class _Sockets:
    """Hands a WebSocket to the rooms of its visitor's exercise."""

    def __init__(self, lab: _Lab) -> None:
        self._lab = lab

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request({**scope, "type": "http", "method": "GET"})
        try:
            page = self._lab.page_of(scope["path_params"]["slug"])
            visitor = self._lab.visitor_of(request)
            async with visitor.using(page) as exercise:
                rooms = exercise.rooms
        except (HTTPException, LabError):
            rooms = None
        if rooms is None:
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": "no such exercise"})
            return
        await WebSocketApp(rooms)(scope, receive, send)


async def _asked(request: Request) -> Asked:
    # Another site's page can't send this content type without asking first.
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise HTTPException(415, "a JSON object is expected")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY_BYTES:
            raise HTTPException(413, f"at most {MAX_BODY_BYTES} bytes are taken")
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise LabError(f"the body is no JSON: {error}") from error
    if not isinstance(fields, dict):
        raise LabError("the body must be a JSON object")
    try:
        json.dumps(fields, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise LabError("a text has half of a character that UTF-16 writes as two") from error
    return Asked(fields)


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404 and "text/html" in request.headers.get("accept", ""):
        title, told = "Not here", escape(error.detail[:1].upper() + error.detail[1:])
        body = f'<h1>{title}</h1><p>{told}. The <a href="/">overview</a> shows the way.</p>'
        return HTMLResponse(render_docs(title, body), 404)
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)


def _lab_error(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, 400)


def _failure(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": "the lab failed; its log says why"}, 500)
