"""What the load generator tells a server, and what it answers: a line of JSON each."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TypeAlias, Union


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Who watches what: so many sessions, each with so many subscribers."""

    sessions: int
    subscribers_each: int

    @property
    def subscribers(self) -> int:
        """All of them."""
        return self.sessions * self.subscribers_each

    def session(self, number: int) -> str:
        """Returns the id of the session that is next in turn; all have the same length."""
        return session_name(number % self.sessions)


def session_name(number: int) -> str:
    """Returns a session id; all have the same length."""
    return f"session-{number:06d}"


@dataclass(frozen=True, slots=True)
class Flood:
    """Publish for so many seconds as fast as can be; answered with `Published`.

    At most ``window`` frames may be under way at a time.
    """

    seconds: float
    window: int
    plan: Plan


@dataclass(frozen=True, slots=True)
class Pace:
    """Publish so many events at even intervals, whatever they take; answered with `Published`."""

    events: int
    per_second: float
    plan: Plan


@dataclass(frozen=True, slots=True)
class Taken:
    """So many frames were read, since the last time this was said. Not answered."""

    frames: int


@dataclass(frozen=True, slots=True)
class Published:
    """So many events were published."""

    events: int


@dataclass(frozen=True, slots=True)
class Listening:
    """The first line of a server."""

    port: int


Order: TypeAlias = Union[Flood, Pace, Taken]
_ORDERS = {kind.__name__: kind for kind in (Flood, Pace, Taken)}


def dump(order: Order) -> bytes:
    """Returns the order as a line."""
    return json.dumps({"order": type(order).__name__, **asdict(order)}).encode() + b"\n"


def load(line: bytes) -> Order:
    """Returns the order that `dump` wrote."""
    found = json.loads(line)
    if "plan" in found:
        found["plan"] = Plan(**found["plan"])
    return _ORDERS[found.pop("order")](**found)
