"""Where code goes in a user's file."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence

from sessionstream_codegen.scaffolding.statements import statement_lines
from sessionstream_codegen.scaffolding.symbols import RUNTIME, STANDARD
from sessionstream_codegen.scaffolding.user.imports import imports_something
from sessionstream_codegen.scaffolding.user.order import IsFirstParty, SortedImports
from sessionstream_codegen.scaffolding.user.text import Insertion, UserText

# A line that has its meaning at the top only: of a script, or of the encoding.
_PRAGMA = re.compile(r"#(!|.*coding[:=])")
_STEP = 4


class Places:
    """Places for imports, methods and classes, each with the blank lines that belong there."""

    def __init__(self, tree: ast.Module, text: UserText) -> None:
        self._body = tree.body
        self._text = text

    @property
    def end(self) -> int:
        """The line after which a new class goes: the last, or the one above the file's main."""
        if not self._body or not _is_main(self._body[-1]):
            return self._text.last
        if len(self._body) == 1:
            return self._header()
        return self._text.block_end(_end(self._body[-2]), "")

    def imports(
        self, modules: Mapping[str, Sequence[str]], before: int, is_first_party: IsFirstParty
    ) -> list[Insertion]:
        """Places imports of names from modules above the line ``before``.

        Where the imports of the file are sorted they stay so.
        """
        ordered = SortedImports(self._body, self._text, is_first_party)
        if ordered.is_sorted(before):
            return list(ordered.insertions(modules))
        return [self._statements(_sections(modules), before)] if modules else []

    def _statements(self, sections: Sequence[Sequence[str]], before: int) -> Insertion:
        """Places import statements below the last import that stands at the top level.

        Where there is none, below the last block that has one, or the head of the file.
        """
        above = [node for node in self._body if _end(node) < before]
        found = [node for node in above if isinstance(node, (ast.Import, ast.ImportFrom))]
        if found and not _is_future(found[-1]):
            lines = (line for section in sections for line in section)
            return Insertion(self._text.statement_end(_end(found[-1])), "\n".join(lines))
        blocks = [node for node in above if imports_something(node) and not _is_main(node)]
        heads = [*filter(_is_docstring, above[:1]), *found]
        if blocks or heads:
            line = self._text.block_end(_end((blocks or heads)[-1]), "")
        else:
            line = self._header()
        text = "\n\n".join("\n".join(section) for section in sections)
        blank = "\n" if line and not self._text.is_blank(line) else ""
        return Insertion(line, f"{blank}{text}{self._before(line)}")

    def methods(self, node: ast.ClassDef, code: list[str]) -> Insertion:
        """Places methods, which are indented by four, at the end of a class.

        Raises:
            ValueError: The class has its body on the line of its name.
        """
        outer, margin = self._text.margin(node.lineno), self._text.indent(node.lineno)
        if self._text.statement_end(node.lineno) >= _start(node.body[0]):
            raise ValueError(
                f"the body of {node.name} stands on the line of its name; give it lines of its own"
            )
        step = margin.removeprefix(outer)
        step = step if step and not step.strip(step[0]) else " " * _STEP
        line = self._text.block_end(_end(node), outer)
        indented = (_indented(method, margin, step) for method in code)
        return Insertion(line, "\n" + "\n\n".join(indented) + self._before(line))

    def classes(self, code: list[str]) -> Insertion:
        """Places classes at the end of the file."""
        blank = 0
        while blank < min(2, self.end) and self._text.is_blank(self.end - blank):
            blank += 1
        return Insertion(self.end, "\n" * (2 - blank) + "\n\n\n".join(code))

    def _before(self, line: int) -> str:
        """Returns the end of a line that is blank, unless the next one is."""
        return "" if self._text.is_blank(line + 1) else "\n"

    def _header(self) -> int:
        """Returns the line above the first statement, and above the comment on it."""
        line = _start(self._body[0]) - 1 if self._body else self._text.last
        while self._body and line and self._text.lines[line - 1].lstrip().startswith("#"):
            if line <= 2 and _PRAGMA.match(self._text.lines[line - 1].lstrip()):
                break
            line -= 1
        return line


def _sections(modules: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Returns import statements in sections as isort has them."""
    sections: list[list[str]] = [[], [], []]
    for module, names in sorted(modules.items()):
        section = 0 if module in STANDARD else 1 if module in RUNTIME else 2
        sections[section] += statement_lines(module, names)
    return [section for section in sections if section]


def _indented(code: str, margin: str, step: str) -> str:
    """Returns code that is indented by four per step, with other steps from ``margin`` on."""
    lines = []
    for line in code.split("\n"):
        text = line.lstrip(" ")
        steps, rest = divmod(len(line) - len(text) - _STEP, _STEP)
        lines.append(f"{margin}{step * steps}{' ' * rest}{text}" if text else "")
    return "\n".join(lines)


def _start(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _end(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno


def _is_main(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)


def _is_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _is_docstring(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
