"""What a case holds, as README.md describes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

import yaml

from tests.conformance.matching import Tree

HERE: Final = Path(__file__).parent

# Steps that say what goes over the wire, and what becomes of the connection: for both sides.
SHARED: Final = frozenset({"client", "server", "cut", "reconnect", "restart", "closed"})
SERVER_ONLY: Final = frozenset(
    {"put", "blink", "delete", "open_gate", "full_store", "close_hub", "shut_down"}
    | {"revoke", "another", "stall"}
)
CLIENT_ONLY: Final = frozenset(
    {"watch", "unwatch", "submit", "leaves", "shows", "outcome", "refused", "state"}
)
_STEPS: Final = SHARED | SERVER_ONLY | CLIENT_ONLY


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case, as its file has it."""

    name: str
    steps: list[dict[str, Tree]]
    sides: tuple[str, ...] = ("server",)
    dialects: tuple[str, ...] = ("v2.json", "v2.proto")
    doors: tuple[str, ...] = ("memory", "websockets", "asgi")
    settings: Mapping[str, float] = field(default_factory=dict)
    retention: Mapping[str, float] = field(default_factory=dict)
    access: bool = False
    token: str | None = None
    sqlite: bool = False
    store: Mapping[str, Mapping[str, Tree]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        given = {
            "step": ({what for step in self.steps for what in step}, _STEPS),
            "side": (set(self.sides), {"server", "client", "python", "browser"}),
            "dialect": (set(self.dialects), {"v1", "v2.json", "v2.proto"}),
            "door": (set(self.doors), {"memory", "websockets", "asgi"}),
        }
        for what, (names, known) in given.items():
            # A name that is misspelt would be a case that nobody plays.
            if not names or names - known:
                raise ValueError(f"{self.name}: unknown {what} {sorted(names - known)}")

    def steps_of(self, others: frozenset[str]) -> Iterator[tuple[int, str, Tree]]:
        """Gives the steps with their numbers, without those of the other side."""
        for number, step in enumerate(self.steps, 1):
            [(what, value)] = step.items()
            if what not in others:
                yield number, what, value


def cases(side: str) -> list[Case]:
    """Returns the cases of a side, from every file: the server's, python's or the browser's."""
    names = {side} if side == "server" else {side, "client"}
    return [case for case in _read() if names.intersection(case.sides)]


@cache
def _read() -> tuple[Case, ...]:
    # libyaml, where it is there: every worker of the suite reads them all.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return tuple(
        Case(**each)
        for path in sorted((HERE / "cases").glob("*.yaml"))
        for each in yaml.load(path.read_text(encoding="utf-8"), loader)
    )
