"""What has been published at one point of a function."""

from __future__ import annotations

import ast
from collections.abc import Iterable

_Changes = dict[str, set[ast.AST]]


class Published:
    """The names of messages that were published, and how they were changed since.

    A name is a variable, or a variable with attributes as in ``self.last``.
    """

    def __init__(self) -> None:
        self._changes: _Changes = {}
        # As it was at each `break` and `continue` of the loop around.
        self._left: _Changes = {}

    def publish(self, name: str) -> set[ast.AST]:
        """Takes in that a message is published; returns the changes that this publishes."""
        before = self._changes.get(name, set())
        self._changes[name] = set()
        return before

    def change(self, name: str, node: ast.AST) -> bool:
        """Takes in a change; returns whether the message was published before."""
        if name not in self._changes:
            return False
        self._changes[name].add(node)
        return True

    def forget(self, name: str) -> bool:
        """Takes in that a name means something else now; returns whether it was published."""
        for other in [one for one in self._changes if one.startswith((f"{name}.", f"{name}["))]:
            del self._changes[other]
        return self._changes.pop(name, None) is not None

    def end(self) -> None:
        """Takes in that the function ends here: what follows in the block is not reached."""
        self._changes = {}

    def leave(self) -> None:
        """Takes in that the loop around goes on elsewhere."""
        _add(self._left, self._changes)
        self._changes = {}

    def left(self) -> Published:
        """Returns what holds where a loop is left, or begins its next round."""
        state = Published()
        _add(state._changes, self._left)
        return state

    def copy(self) -> Published:
        """Returns the same, to be followed on its own."""
        state = Published()
        _add(state._changes, self._changes)
        return state

    def join(self, ends: Iterable[Published]) -> None:
        """Goes on after branches: what one of them published may have been published."""
        changes: _Changes = {}
        for end in ends:
            _add(changes, end._changes)
            _add(self._left, end._left)
        self._changes = changes


def _add(to: _Changes, more: _Changes) -> None:
    for name, nodes in list(more.items()):
        to.setdefault(name, set()).update(nodes)
