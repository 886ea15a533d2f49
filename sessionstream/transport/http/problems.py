"""Refusals of HTTP requests: small JSON objects (RFC 9457), with the codes of the wire.

A problem has ``title`` and ``status`` of HTTP, ``detail``, a text for people,
and ``code``, a word for programs: that of the error frame or of the
acknowledgement that says the same over a WebSocket, or one of `ProblemCode`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus
from typing import Final, Self

from sessionstream.errors import ProtocolError
from sessionstream.transport.http.messages import HeaderList, Response

CONTENT_TYPE: Final = "application/problem+json"


class ProblemCode(StrEnum):
    """Codes of what can only be wrong with an HTTP request."""

    BAD_REQUEST = "bad_request"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    NOT_ACCEPTABLE = "not_acceptable"
    TOO_SLOW = "too_slow"
    TOO_LARGE = "too_large"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    ORIGIN_REFUSED = "origin_refused"
    INTERNAL = "internal_error"


_STATUS: Final[Mapping[str, HTTPStatus]] = {
    ProblemCode.BAD_REQUEST: HTTPStatus.BAD_REQUEST,
    ProblemCode.NOT_FOUND: HTTPStatus.NOT_FOUND,
    ProblemCode.METHOD_NOT_ALLOWED: HTTPStatus.METHOD_NOT_ALLOWED,
    ProblemCode.NOT_ACCEPTABLE: HTTPStatus.NOT_ACCEPTABLE,
    ProblemCode.TOO_SLOW: HTTPStatus.REQUEST_TIMEOUT,
    ProblemCode.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    ProblemCode.UNSUPPORTED_MEDIA_TYPE: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    ProblemCode.ORIGIN_REFUSED: HTTPStatus.FORBIDDEN,
    ProblemCode.INTERNAL: HTTPStatus.INTERNAL_SERVER_ERROR,
    # What the wire calls so.
    "bad_client_frame": HTTPStatus.BAD_REQUEST,
    "protocol_error": HTTPStatus.BAD_REQUEST,
    "unauthenticated": HTTPStatus.UNAUTHORIZED,
    "subscribe_denied": HTTPStatus.FORBIDDEN,
    "cannot_resume": HTTPStatus.GONE,
    "too_many_subscriptions": HTTPStatus.TOO_MANY_REQUESTS,
    "rate_limited": HTTPStatus.TOO_MANY_REQUESTS,
    "unknown_command": HTTPStatus.NOT_FOUND,
    "bad_payload": HTTPStatus.BAD_REQUEST,
    "command_denied": HTTPStatus.FORBIDDEN,
    "no_handler": HTTPStatus.NOT_IMPLEMENTED,
    "unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "conflict": HTTPStatus.CONFLICT,
    "command_id_reused": HTTPStatus.UNPROCESSABLE_ENTITY,
    "failed": HTTPStatus.INTERNAL_SERVER_ERROR,
    "interrupted": HTTPStatus.INTERNAL_SERVER_ERROR,
}


# When to try again, in seconds.
RETRY_AFTER: Final = (("retry-after", "1"),)
_MAY_TRY_AGAIN: Final = ("unavailable", "rate_limited")


class ProblemError(ProtocolError):
    """A request that is refused, or a command that failed.

    One that may be sent again soon says when, in ``Retry-After``.

    ``fields`` are further members of the object, ``headers`` further headers.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        fields: Mapping[str, str] | None = None,
        headers: HeaderList = (),
        status: HTTPStatus | None = None,
    ) -> None:
        super().__init__(code, message)
        if not headers and status is None and code in _MAY_TRY_AGAIN:
            headers = RETRY_AFTER
        self._status = status
        self.fields = {} if fields is None else fields
        self.headers = headers

    @classmethod
    def of(cls, error: ProtocolError) -> Self:
        """Returns what the error is over HTTP."""
        return error if isinstance(error, cls) else cls(error.code, error.message)

    @property
    def status(self) -> HTTPStatus:
        """The status over HTTP: that of the code, unless another was given."""
        return self._status or _STATUS.get(self.code, HTTPStatus.UNPROCESSABLE_ENTITY)

    def response(self) -> Response:
        """Returns what the client gets."""
        status = self.status
        content = {"title": status.phrase, "status": status.value, "code": str(self.code)}
        body = json.dumps({**content, "detail": self.message, **self.fields}).encode() + b"\n"
        headers = [("content-type", CONTENT_TYPE), *self.headers]
        if status is HTTPStatus.UNAUTHORIZED:
            headers.append(("www-authenticate", "Bearer"))  # RFC 9110 wants one
        return Response(status=status.value, body=body, headers=tuple(headers))
