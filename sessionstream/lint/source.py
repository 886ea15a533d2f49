"""A file as the rules read it: its syntax tree, and what follows from that alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Union

Function = Union[ast.FunctionDef, ast.AsyncFunctionDef]
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


class Source:
    """The tree of one file.

    Args:
        text: The file as bytes, so that its encoding is the one that it declares.

    Raises:
        SyntaxError: It is no Python, or of a newer version than this one.
    """

    def __init__(self, text: bytes) -> None:
        self.tree = ast.parse(text)
        self.nodes: tuple[ast.AST, ...] = tuple(ast.walk(self.tree))
        self.functions: dict[int, Function] = {
            node.lineno: node
            for node in self.nodes
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        }
        """Every function by the line of its ``def``."""
        self._imported = dict(self._imports())

    def calls(self) -> Iterator[ast.Call]:
        """Gives every call in the file."""
        return (node for node in self.nodes if isinstance(node, ast.Call))

    def dotted(self, expression: ast.expr) -> str:
        """Returns the full name that an expression has by the file's imports, or nothing.

        It is what is left where a module has no types.
        """
        parts: list[str] = []
        while isinstance(expression, ast.Attribute):
            parts.append(expression.attr)
            expression = expression.value
        if not isinstance(expression, ast.Name) or expression.id not in self._imported:
            return ""
        return ".".join((self._imported[expression.id], *reversed(parts)))

    def _imports(self) -> Iterator[tuple[str, str]]:
        for node in self.nodes:
            if isinstance(node, ast.Import):
                for name in node.names:
                    top = name.name.partition(".")[0]
                    yield (name.asname, name.name) if name.asname else (top, top)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                for name in node.names:
                    yield name.asname or name.name, f"{node.module}.{name.name}"


def inside(node: ast.AST, *, lambdas: bool = False) -> Iterator[ast.AST]:
    """Gives a node and what runs when it does: not the functions and classes that it defines.

    Args:
        node: Where to begin.
        lambdas: Whether the bodies of lambdas count.
    """
    todo = [node]  # not by recursion: a sum of a thousand strings is a thousand levels deep
    while todo:
        current = todo.pop()
        if isinstance(current, _SCOPES) and not (lambdas and isinstance(current, ast.Lambda)):
            continue
        yield current
        todo.extend(reversed([*ast.iter_child_nodes(current)]))


def runs(function: Function | ast.Lambda, *, lambdas: bool = False) -> Iterator[ast.AST]:
    """Gives what runs when a function is called, as `inside` does."""
    body = [function.body] if isinstance(function, ast.Lambda) else function.body
    for node in body:
        yield from inside(node, lambdas=lambdas)
