"""The URL of a server: what is wrong with one, and how it is shown."""

from __future__ import annotations

from typing import Final
from urllib.parse import SplitResult, urlsplit

_INSTEAD: Final = {"http": "ws", "https": "wss"}


def problem_of_url(url: str) -> str | None:
    """Returns why no WebSocket can be at the URL, in words that show no part with secrets."""
    if not url:
        return "the URL is empty"
    if any(character.isspace() or not character.isprintable() for character in url):
        return "the URL holds a space or a control character"
    if "://" not in url:
        return "the URL has no scheme; begin it with ws:// or wss://"
    try:
        parts = urlsplit(url)
    except ValueError:
        return "the URL's host is not valid"
    if parts.scheme not in {"ws", "wss"}:
        instead = _INSTEAD.get(parts.scheme, "ws or wss")
        return f"the URL's scheme is {parts.scheme!r}; write {instead}"
    if parts.username is not None:
        return "the URL holds a user name; give a token instead"
    if parts.fragment or url.endswith("#"):
        return "the URL holds a '#' with what follows, which no server is sent; leave it out"
    return _problem_of_place(parts)


def _problem_of_place(parts: SplitResult) -> str | None:
    if not parts.hostname:
        return "the URL has no host"
    try:
        parts.hostname.encode("idna")
    except UnicodeError:
        return "the URL's host is not valid"
    try:
        is_port = parts.port is None or parts.port > 0
    except ValueError:
        is_port = False
    return None if is_port else "the URL's port is no number from 1 to 65535"


def without_secrets(url: str) -> str:
    """Returns the URL without user, password and query, where people put secrets."""
    place, _, query = url.partition("?")
    scheme, separator, rest = place.rpartition("://")
    shown = f"{scheme}{separator}{rest.rpartition('@')[2]}"
    return f"{shown}?…" if query else shown
