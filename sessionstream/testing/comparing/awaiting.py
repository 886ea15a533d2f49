"""Steps that were called and never awaited: they would pass without doing anything."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import wraps
from inspect import CORO_CREATED, getcoroutinestate
from pathlib import Path
from sys import _getframe
from typing import Protocol, TypeVar, cast

__tracebackhide__ = True  # pytest shows the line of the test instead


@dataclass(frozen=True, slots=True)
class _Call:
    name: str
    place: str
    coroutine: Coroutine[object, object, object]

    @property
    def is_waiting(self) -> bool:
        return getcoroutinestate(self.coroutine) == CORO_CREATED


class Calls:
    """The calls of steps that were not awaited yet."""

    def __init__(self) -> None:
        self._calls: list[_Call] = []

    def add(self, name: str, place: str, coroutine: Coroutine[object, object, object]) -> None:
        """Takes note of a call."""
        self._calls = [call for call in self._calls if call.is_waiting]
        self._calls.append(_Call(name, place, coroutine))

    def forgotten(self) -> str:
        """Closes the calls that nobody awaited; returns a text about them, empty without one."""
        waiting = [call for call in self._calls if call.is_waiting]
        self._calls.clear()
        for call in waiting:
            call.coroutine.close()
        return "\n".join(
            f"{call.place}: {call.name} was never awaited, so it did nothing: "
            f"write `await` in front of it"
            for call in waiting
        )


class Caller(Protocol):
    """Has steps."""

    _calls: Calls


M = TypeVar("M", bound=Callable[..., Coroutine[object, object, object]])


def step(method: M) -> M:
    """Makes a coroutine method of a `Caller` one whose calls are noted.

    To a type checker it stays what it is, so that its messages name the method.
    """

    @wraps(method)
    def noted(
        self: Caller, /, *args: object, **kwargs: object
    ) -> Coroutine[object, object, object]:
        coroutine = method(self, *args, **kwargs)
        frame = _getframe(1)
        place = f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"
        self._calls.add(method.__name__, place, coroutine)
        return coroutine

    return cast(M, noted)  # the same arguments, the same coroutine
