"""Which form of a resource a client wants, and whether it has it already."""

from __future__ import annotations

from sessionstream.transport.access import ConnectionRequest


def media_type(value: str | None) -> str:
    """Returns a content type without its parameters, in lower case; "" for None."""
    return (value or "").partition(";")[0].strip().lower()


def preferred(request: ConnectionRequest, offered: tuple[str, ...]) -> str | None:
    """Returns which of the offered media types the client likes best; None for none of them.

    Of those that it likes as well, the first (RFC 9110 section 12.5.1).
    """
    accept = ",".join(request.headers.get("accept", ())) or "*/*"
    ranges = [_media_range(each) for each in accept.split(",")]
    rated = [(_quality(media, ranges), media) for media in offered]
    best = max(quality for quality, _ in rated)
    return next(media for quality, media in rated if quality == best) if best > 0 else None


def _media_range(text: str) -> tuple[str, float]:
    media, *rest = (part.strip().lower() for part in text.split(";"))
    weight = next((part[2:] for part in rest if part.startswith("q=")), "1")
    try:
        return media, float(weight)
    except ValueError:
        return media, 0.0


def _quality(media: str, ranges: list[tuple[str, float]]) -> float:
    # The most specific range that fits decides.
    for pattern in (media, media.partition("/")[0] + "/*", "*/*"):
        for each, quality in ranges:
            if each == pattern:
                return quality
    return 0.0


def matches_etag(request: ConnectionRequest, etag: str) -> bool:
    """Whether ``If-None-Match`` names the tag, or any with ``*``."""
    listed = ",".join(request.headers.get("if-none-match", ())).split(",")
    return any(each.strip().removeprefix("W/") in ("*", etag) for each in listed)
