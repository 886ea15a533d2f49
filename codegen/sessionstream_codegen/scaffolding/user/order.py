"""Where imports go in a file that sorts them, as isort and ruff do by default."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence

from sessionstream_codegen.scaffolding.statements import statement_lines
from sessionstream_codegen.scaffolding.user.import_keys import (
    ImportNode,
    Key,
    is_ascending,
    member_key,
    module_of,
    node_key,
    statement_key,
    top_of,
)
from sessionstream_codegen.scaffolding.user.merging import grown
from sessionstream_codegen.scaffolding.user.text import Insertion, UserText

IsFirstParty = Callable[[str], bool]

_RELATIVE = 3


class SortedImports:
    """The imports at the head of a file, in blocks between blank lines.

    ``is_sorted`` says whether they are; nothing else holds where they are not.
    """

    def __init__(
        self, body: Sequence[ast.stmt], text: UserText, is_first_party: IsFirstParty
    ) -> None:
        self._text = text
        self._is_first_party = is_first_party
        self._nodes = list(_head(body))
        self._blocks: list[list[ImportNode]] = []
        for node in self._nodes:
            if not self._blocks or node.lineno > _end(self._blocks[-1][-1]) + 1:
                self._blocks.append([])
            self._blocks[-1].append(node)
        self._all = [node for node in body if isinstance(node, (ast.Import, ast.ImportFrom))]

    def is_sorted(self, before: int) -> bool:
        """Says whether all imports above a line stand at the head, sorted, on their own lines."""
        above = [node for node in self._all if not _is_future(node) and _end(node) < before]
        sections = [self._section_of(block[0]) for block in self._blocks]
        return (
            bool(self._nodes)
            and above == self._nodes
            and sections == sorted(sections)
            and all(is_ascending([node_key(node) for node in block]) for block in self._blocks)
            and all(
                self._text.is_alone(node.lineno)
                and self._text.is_alone(_end(node))
                and self._text.statement_end(node.lineno) == _end(node)
                for node in self._nodes
            )
        )

    def insertions(self, wanted: Mapping[str, Sequence[str]]) -> Iterator[Insertion]:
        """Yields what imports names from modules: into a statement that is there, or a new one."""
        new: dict[int, list[str]] = {}
        for module, names in sorted(wanted.items(), key=lambda item: statement_key(*item)):
            plain = [name for name in names if module and " as " not in name]
            merged = self._merged(module, plain) if plain else []
            yield from merged
            groups = [[name] for name in names if name not in plain]
            for group in [*groups, *([plain] if plain and not merged else [])]:
                lines = [*statement_lines(module, group)]
                block = self._block(module or group[0])
                if isinstance(block, int):
                    new.setdefault(block, []).extend(lines)
                else:
                    yield self._among(block, statement_key(module, group), lines)
        for section, lines in sorted(new.items()):
            yield self._beside(section, lines)

    def _block(self, module: str) -> list[ImportNode] | int:
        """Returns the block that a module belongs to; its section, where there is none."""
        section, top = self._section(module), top_of(module)
        fitting = [block for block in self._blocks if self._section_of(block[0]) == section]
        nearest = (
            block for block in fitting if any(top_of(module_of(one)) == top for one in block)
        )
        return next(nearest, next(iter(fitting), section))

    def _among(self, block: list[ImportNode], key: Key, lines: Sequence[str]) -> Insertion:
        later = next((node for node in block if node_key(node) > key), None)
        line = later.lineno - 1 if later else _end(block[-1])
        return Insertion(line, "\n".join(lines))

    def _beside(self, section: int, lines: Sequence[str]) -> Insertion:
        """Returns a new block: above the first one of a later section, or below all."""
        later = (block for block in self._blocks if self._section_of(block[0]) > section)
        block = next(later, None)
        if block:
            return Insertion(block[0].lineno - 1, "\n".join([*lines, ""]), first=True)
        return Insertion(_end(self._blocks[-1][-1]), "\n".join(["", *lines]))

    def _merged(self, module: str, names: Sequence[str]) -> list[Insertion]:
        """Returns what adds names to a statement that imports from the module, if one can grow."""
        for node in self._nodes:
            if isinstance(node, ast.ImportFrom) and module_of(node) == module:
                known = [alias.name for alias in node.names]
                is_plain = not any(alias.asname or alias.name == "*" for alias in node.names)
                if is_plain and is_ascending([member_key(name) for name in known]):
                    return grown(node, names, self._text)
        return []

    def _section_of(self, node: ImportNode) -> int:
        return self._section(module_of(node))

    def _section(self, module: str) -> int:
        top = top_of(module)
        if not top:
            return _RELATIVE
        return 0 if top in sys.stdlib_module_names else 1 + self._is_first_party(top)


def _head(body: Sequence[ast.stmt]) -> Iterator[ImportNode]:
    """Yields the imports above the first other statement, without those of the future."""
    for index, node in enumerate(body):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            if not _is_future(node):
                yield node
        elif index or not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            return


def _is_future(node: ImportNode) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _end(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno
