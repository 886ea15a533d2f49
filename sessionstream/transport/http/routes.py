"""Which resource a path names.

    /ws                                  the WebSocket
    /sessions/{id}/commands/{name}       POST
    /sessions/{id}/snapshot              GET
    /sessions/{id}/events                GET

An id or a name is one segment, percent-encoded as UTF-8: a slash in it is
``%2F``. ASGI decodes ``path`` before it says where one segment ends, so the
segments are taken from ``raw_path``, which servers need not give; without it an
id can't have a slash.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, cast
from urllib.parse import quote, unquote, unquote_to_bytes

from sessionstream.transport.asgi import Scope
from sessionstream.transport.http.problems import ProblemCode, ProblemError


class Resource(Enum):
    """What there is below the place where the application is mounted."""

    SOCKET = auto()
    COMMAND = auto()
    SNAPSHOT = auto()
    EVENTS = auto()


METHODS: Final = {
    Resource.SOCKET: ("GET",),
    Resource.COMMAND: ("POST",),
    Resource.SNAPSHOT: ("GET", "HEAD"),
    Resource.EVENTS: ("GET", "HEAD"),
}

_SEGMENTS: Final = (1, 3, 4)  # how many a route has


@dataclass(frozen=True, slots=True)
class Route:
    """A resource; ``name`` is a command's."""

    resource: Resource
    session_id: str = ""
    name: str = ""


def route(scope: Scope) -> Route:
    """Returns what the scope's path names.

    Raises:
        ProblemError: ``not_found``, or ``bad_request`` where the path is no UTF-8.
    """
    raw = cast(bytes | None, scope.get("raw_path")) or b""
    encoded = raw.decode("latin-1").partition("?")[0].split("/")
    for below in below_mount(scope):
        if (found := _route(_segments(below, encoded))) is not None:
            return found
    raise ProblemError(
        ProblemCode.NOT_FOUND,
        "there is nothing here; there is /ws, /sessions/{id}/commands/{name}, "
        "/sessions/{id}/snapshot and /sessions/{id}/events",
    )


def below_mount(scope: Scope) -> Iterator[str]:
    """Yields what may be the path below the mount, the likeliest first.

    ``root_path`` is where the application is mounted. It may begin with what a
    proxy took away, so that the path begins with an end of it only; and by an
    older reading of ASGI the path has nothing of it.
    """
    path = cast(str, scope["path"])
    mount = cast(str, scope.get("root_path", "")).rstrip("/")
    while mount:
        if path == mount or path.startswith(f"{mount}/"):
            yield path.removeprefix(mount)
        slash = mount.find("/", 1)
        mount = mount[slash:] if slash > 0 else ""
    yield path


def _segments(below: str, encoded: Sequence[str]) -> Sequence[str]:
    """Returns the path's segments, percent-encoded: the end of the raw path that says the same."""
    for count in _SEGMENTS:
        end = encoded[-count:]
        if "/" + unquote("/".join(end)) == below:
            return end
    return [quote(segment, safe="") for segment in below.split("/")[1:]]


def _route(segments: Sequence[str]) -> Route | None:
    match segments:
        case ["ws"]:
            return Route(Resource.SOCKET)
        case ["sessions", session_id, "snapshot"]:
            return Route(Resource.SNAPSHOT, _decoded(session_id))
        case ["sessions", session_id, "events"]:
            return Route(Resource.EVENTS, _decoded(session_id))
        case ["sessions", session_id, "commands", name]:
            return Route(Resource.COMMAND, _decoded(session_id), _decoded(name))
    return None


def _decoded(segment: str) -> str:
    try:
        return unquote_to_bytes(segment).decode()
    except UnicodeDecodeError as error:
        message = "the path is not UTF-8, percent-encoded"
        raise ProblemError(ProblemCode.BAD_REQUEST, message) from error
