"""A tutorial as a list of steps: what its reader types, writes, and does in a browser.

A block ``console`` has commands after ``$ `` and what they say. A comment on the line above
any other block, or above a paragraph, says what to do with it. ``…`` stands for any text in a
line, and alone for any lines.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PART = re.compile(
    r"^(?:<!-- (?P<verb>[a-z ]+)(?:: (?P<argument>[^>]+?))? -->\n)?"
    r"(?:```(?P<language>\w+)\n(?P<code>(?:.*\n)*?)```\n|(?P<prose>(?:(?!```|<!--)\S.*\n)+))",
    re.MULTILINE,
)
_SPAN = re.compile(r"`([^`]+)`")


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do: ``verb`` says what, with the block or the paragraph that it stands over.

    ``above`` is the paragraph before a block.
    """

    verb: str
    argument: str
    text: str
    above: str = ""

    @property
    def spans(self) -> list[str]:
        """What the paragraph has in code spans."""
        return _SPAN.findall(self.text)


@dataclass(frozen=True, slots=True)
class Line:
    """A command line, and what it is expected to say; "" where nothing is said of that."""

    command: str
    output: str

    def says(self, output: str) -> bool:
        """Tells whether the output is as expected."""
        return not self.output or re.fullmatch(_pattern(self.output), output) is not None


def steps(page: str) -> Iterator[Step]:
    """Yields the steps of a page in its order.

    Raises:
        ValueError: A block has nothing above it that says what to do with it.
    """
    above = ""
    for part in _PART.finditer(page):
        if part["prose"] is not None:
            above = part["prose"]
            if part["verb"]:
                yield Step(part["verb"], part["argument"] or "", above)
            continue
        if part["verb"] is None and part["language"] != "console":
            raise ValueError(f"nothing says what to do with this block:\n{part['code']}")
        verb = part["verb"] or "console"
        yield Step(verb, part["argument"] or "", part["code"], above)


def blocks(page: str, language: str) -> list[str]:
    """Returns what the page has in blocks of a language."""
    return [part["code"] for part in _PART.finditer(page) if part["language"] == language]


def lines(console: str) -> Iterator[Line]:
    """Yields the commands of a block ``console``."""
    for text in re.split(r"^\$ ", console, flags=re.MULTILINE)[1:]:
        command, _, output = text.partition("\n")
        yield Line(command, output)


def replace_method(path: Path, method: str) -> None:
    """Writes a method in the place of the unwritten one of its name.

    Raises:
        ValueError: The file has no such method that is still to be written.
    """
    name = re.findall(r"def (\w+)", method)[0]
    source = path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
            first, last = node.decorator_list[0].lineno - 1, node.end_lineno
            written = source.splitlines(keepends=True)
            if "raise NotImplementedError" in "".join(written[first:last]):
                written[first:last] = [method]
                path.write_text("".join(written), encoding="utf-8")
                return
    raise ValueError(f"{path} has no unwritten method {name}")


def insert_after(path: Path, line: str, block: str) -> None:
    """Writes a block after the one line that has this text.

    Raises:
        ValueError: There is no such line, or more than one.
    """
    written = path.read_text(encoding="utf-8").splitlines(keepends=True)
    [at] = [number for number, each in enumerate(written) if each.strip() == line]
    written.insert(at + 1, block)
    path.write_text("".join(written), encoding="utf-8")


def _pattern(expected: str) -> str:
    return "".join(
        r"(?:.*\n)*?" if line == "…\n" else r".*".join(map(re.escape, line.split("…")))
        for line in expected.splitlines(keepends=True)
    )
