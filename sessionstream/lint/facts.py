"""What the rules ask of a type checker."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol


class Role(Enum):
    """What sessionstream calls a function for."""

    PROJECTION = "projection"
    HANDLER = "handler"


@dataclass(frozen=True, slots=True, kw_only=True)
class Callee:
    """What a call calls, or what an expression refers to.

    ``names`` are all the full names that it goes by: a method has one for each
    class that it may be looked up in. ``line`` is that of its ``def`` in this
    file, 0 where it is elsewhere.
    """

    names: frozenset[str] = frozenset()
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """A call of a generated ``install``: the methods of its projections' base classes.

    Without an argument nothing is ``shown``, or ``kept``.
    """

    ui: frozenset[str] = field(default=frozenset())
    """The events that can be projected to UI events."""

    timeline: frozenset[str] = field(default=frozenset())
    """The events that can be projected to the timeline: those that are stored."""

    shown: frozenset[str] = field(default=frozenset())
    """The events that the UI projection which is installed does project."""

    kept: frozenset[str] = field(default=frozenset())
    """The events that the timeline projection which is installed does project."""


class Facts(Protocol):
    """What is known of the types in one file."""

    def callee(self, expression: ast.expr) -> Callee:
        """Returns which function or class an expression refers to; empty where unknown."""

    def classes(self, expression: ast.expr) -> frozenset[str]:
        """Returns the full names of the classes that an expression holds, also in a tuple."""

    def ancestry(self, expression: ast.expr) -> frozenset[str]:
        """Returns the full names of the class of a value and of all its bases."""

    def awaited(self, call: ast.Call) -> frozenset[str]:
        """Returns the names, as of `ancestry`, of what a call's coroutine gives."""

    def roles(self) -> Mapping[int, Role]:
        """Returns the roles of functions by the lines of their ``def``, told by their types."""

    def project_method(self, expression: ast.expr) -> int:
        """Returns the line of the ``project`` of an object's class; 0 where it is elsewhere."""

    def installation(self, call: ast.Call) -> Installation | None:
        """Returns what a call installs; None for any other call."""
