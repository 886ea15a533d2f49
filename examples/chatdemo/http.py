"""What every HTTP request must look like, and what every response carries."""

from __future__ import annotations

import json

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sessionstream.transport.origins import is_allowed

MAX_BODY_BYTES = 64 * 1024

_HEADERS = {
    # Nothing from elsewhere, nothing inline: text can't become code.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # The session is in the URL.
    "Referrer-Policy": "same-origin",
    # A page and its modules change together; what is unchanged is answered with 304.
    "Cache-Control": "no-cache",
}


class SecurityHeaders:
    """Middleware that adds the same headers to every response."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes everything on; a response leaves with the headers."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        await self._app(scope, receive, send_with_headers)


async def read_texts(request: Request, *names: str) -> dict[str, str]:
    """Returns the request's JSON object, which must hold exactly these names, all texts.

    Raises:
        HTTPException: The request comes from another site's page, or its body is
            too large, no JSON, or no such object. Its detail is for people.
    """
    _refuse_other_sites(request)
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/json":
        raise HTTPException(415, "Send the body as application/json.")
    try:
        value: object = json.loads(await _read_body(request))
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, "The body is not JSON in UTF-8.") from error
    if not isinstance(value, dict) or value.keys() != set(names):
        raise HTTPException(400, f"The body must be a JSON object of {' and '.join(names)}.")
    for name, text in value.items():
        if not isinstance(text, str) or not _is_encodable(text):
            raise HTTPException(400, f"{name} must be a text.")
    return value


def _refuse_other_sites(request: Request) -> None:
    headers = request.headers
    if not is_allowed(headers.getlist("origin"), headers.getlist("host"), allowed=()):
        raise HTTPException(403, "Pages of another origin may not post here.")


async def _read_body(request: Request) -> str:
    body = b""
    try:
        async for part in request.stream():
            body += part
            if len(body) > MAX_BODY_BYTES:
                raise HTTPException(413, f"The body has more than {MAX_BODY_BYTES} bytes.")
    except ClientDisconnect as error:  # nobody hears the answer, but the log stays quiet
        raise HTTPException(400, "The body broke off.") from error
    return body.decode()


def _is_encodable(text: str) -> bool:
    """False for half of a surrogate pair, which JSON can spell and UTF-8 can't."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
