"""What has been published at one point of a function."""

from __future__ import annotations

import ast
from collections.abc import Iterable

_Changes = dict[str, set[ast.AST]]
Leaving = type[ast.Break] | type[ast.Continue]


class Published:
    """The names of messages that were published, and how they were changed since.

    A name is a variable, or a variable with attributes as in ``self.last``.

    Args:
        reached: Whether any flow comes to this point.
    """

    def __init__(self, *, reached: bool = True) -> None:
        self.reached = reached
        self._changes: _Changes = {}
        # What holds at each `break` and `continue` of the loop around.
        self._left: dict[Leaving, Published] = {}

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
        """Takes in that the flow ends here, or goes elsewhere."""
        self.reached, self._changes = False, {}

    def leave(self, how: Leaving) -> None:
        """Takes in that the loop around is left here, or begins its next round."""
        self._left[how] = joined([self, self.left(how)])
        self.end()

    def left(self, how: Leaving) -> Published:
        """Returns what holds where the loop was left like this."""
        return self._left.get(how) or Published(reached=False)

    def copy(self) -> Published:
        """Returns the same, to be followed on its own."""
        return joined([self])

    def same(self, other: Published) -> bool:
        """Returns whether the same holds in both."""
        return self.reached == other.reached and self._changes == other._changes

    def join(self, ends: Iterable[Published]) -> None:
        """Goes on after branches: what one of them published may have been published."""
        ends = [*ends]
        for how in (ast.Break, ast.Continue):
            self._left[how] = joined([self.left(how), *(end.left(how) for end in ends)])
        after = joined(ends)
        self.reached, self._changes = after.reached, after._changes


def joined(states: Iterable[Published]) -> Published:
    """Returns what may hold where several flows meet."""
    state = Published(reached=False)
    for one in states:
        state.reached |= one.reached
        for name, nodes in one._changes.items():
            state._changes.setdefault(name, set()).update(nodes)
    return state
