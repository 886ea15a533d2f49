"""Writes the pages of the documentation that are made from code, or checks that they are current.

The reference is made from docstrings, the page of the command line from its parsers.

python tools/reference.py            writes them
python tools/reference.py --check    writes nothing; exit status 1 where one is not current
"""

from __future__ import annotations

import argparse
import ast
import importlib
import inspect
import os
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from pathlib import Path
from types import FunctionType

from sessionstream.cli.main import whole_parser

ROOT = Path(__file__).parent.parent.absolute()
_GUIDES = ROOT / "sessionstream/doc/pages/guides"
PAGE = _GUIDES / "sessionstream-reference.md"
COMMANDS_PAGE = _GUIDES / "sessionstream-command-line.md"

_HEAD = """\
---
title: Reference: names, settings, errors, frames
topics: reference, API, settings, errors, frames, options
---
Everything that an application may import, made from the docstrings of this release.
[The user guide](sessionstream-user-guide) says what it is for.
"""
_COMMANDS_HEAD = """\
---
title: Reference: the command line
topics: reference, command line, commands, completion, exit status
---
Made from the parsers of this release; `sessionstream COMMAND --help` says the same. Which extra a
command needs, it says when that is missing: `codegen`, `lint`, `lab` or `cli`.

A command ends with 0 where all is well, with 1 where it found what it was asked to look for, or
could not do its work, with 2 where it was called wrongly, and with 130 after Ctrl-C. What went
wrong is on stderr, in a line that says what to do. What is for other programs is on stdout, as
JSON where `--json` is given, and a reader that has enough, as `head`, is no error. Colours and
progress are shown on a terminal only.
"""
# What is told of each module: every name, and of these all methods or fields.
MODULES = (
    ("sessionstream", "values, errors, contracts and the Hub"),
    ("sessionstream.hydration.memory", "the store for tests and for what need not last"),
    ("sessionstream.hydration.sqlite", "the store in one file"),
    ("sessionstream.transport.ws", "a WebSocket server"),
    ("sessionstream.transport.asgi", "the WebSocket in an ASGI application"),
    ("sessionstream.transport.http", "all doors in an ASGI application"),
    ("sessionstream.transport.uvicorn_server", "an ASGI application under uvicorn"),
    ("sessionstream.transport.rooms", "who watches which session"),
    ("sessionstream.transport.info", "how connections stand"),
    ("sessionstream.transport.access", "who may do what"),
    ("sessionstream.transport.settings", "limits and deadlines"),
    ("sessionstream.transport.codes", "codes of errors and closes"),
    ("sessionstream.client", "the client"),
    ("sessionstream.inspector", "what a running application does, and a page that shows it"),
    ("sessionstream.browser", "the browser's side"),
    ("sessionstream.codec", "protobuf JSON"),
    ("sessionstream.lifecycle", "how a process ends"),
    ("sessionstream.testing", "helpers for tests"),
    ("sessionstream.tracing", "what the runtime does, as lines of JSON"),
    ("sessionstream.exporters.opentelemetry", "spans for OpenTelemetry"),
    ("sessionstream.exporters.prometheus", "metrics for Prometheus"),
    ("sessionstream.doc", "these pages"),
)
_PROTOS = (
    ("The annotations", "proto/sessionstream/v1/options.proto"),
    ("The frames", "proto/sessionstream/v1/transport.proto"),
)
# From Python 3.12 on these are the standard library's.
_OF_PYTHON = {"override"}
_SECTION = re.compile(r"^(Args|Attributes|Raises|Returns|Yields):$", re.MULTILINE)
_ATTRIBUTE = re.compile(r"^ {4}(?P<name>\w+): (?P<text>.*(?:\n {5,}.*)*)", re.MULTILINE)
_ROLE = re.compile(r"``([^`]+)``")


def page() -> str:
    """Returns the page."""
    parts = [_HEAD]
    known: dict[object, str] = {}
    for name, purpose in MODULES:
        found = list(_public(name))
        again = [f"`{each}`" for each, value in found if value in known]
        also = f" {', '.join(again)}: as in `sessionstream`." if again else ""
        parts.append(f"## {name}\n\nHolds {purpose}.{also}\n")
        parts.extend(_told(each, value) for each, value in found if value not in known)
        known.update((value, each) for each, value in found)
    for title, path in _PROTOS:
        text = (ROOT / path).read_text(encoding="utf-8")
        parts.append(f"## {title}\n\n<!-- from {path} -->\n```proto\n{text}```\n")
    return "\n".join(parts)


def commands_page() -> str:
    """Returns the page of the command line."""
    os.environ["COLUMNS"] = "100"  # argparse breaks its lines for a terminal of this width
    return "\n".join([_COMMANDS_HEAD, *_usages(whole_parser(), level=2)])


def _usages(parser: argparse.ArgumentParser, level: int) -> Iterator[str]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                text = textwrap.indent(below.format_help().rstrip(), "    ")
                name = " ".join(word for word in below.prog.split() if word != "DB")
                yield f"{'#' * level} {name}\n\n{text}\n"
                yield from _usages(below, level=3)


def _public(name: str) -> Iterator[tuple[str, object]]:
    module = importlib.import_module(name)
    listed = getattr(module, "__all__", None)
    names = listed or [
        each
        for each, value in vars(module).items()
        if not each.startswith("_") and getattr(value, "__module__", "") == name
    ]
    for each in sorted(set(names) - _OF_PYTHON, key=str.lower):
        value = getattr(module, each)
        if inspect.isclass(value) or inspect.isroutine(value):
            yield each, value


def _told(name: str, value: object) -> str:
    title = f"### {name}\n"
    if not inspect.isclass(value):
        return f"{title}\n`{name}{_signature(value)}`\n\n{_text(value)}\n\n{_arguments(value)}"
    members = [f"{title}\n{_text(value)}\n"]
    if issubclass(value, Enum):
        members.append("".join(f"- `{each.name}`: `{each.value!r}`\n" for each in value))
    elif is_dataclass(value):
        members.append(_fields(value))
    elif "__init__" in vars(value) and not issubclass(value, BaseException):
        members.append(f"`{name}{_signature(value.__init__)}`\n")
        members.append(_arguments(value) or _arguments(value.__init__))
    members.append(_methods(value))
    return "\n".join(filter(None, members))


def _arguments(value: object) -> str:
    """Returns the arguments and the errors of a docstring as lists."""
    parts = [
        "".join(f"- `{name}`: {text}\n" for name, text in _items(value, section))
        for section in ("Args", "Raises")
    ]
    return "\nRaises:\n\n".join(filter(None, parts)) if parts[1] else parts[0]


def _items(value: object, section: str) -> list[tuple[str, str]]:
    if not value.__doc__:
        return []
    return [
        (found["name"], _marked(" ".join(found["text"].split())))
        for found in _ATTRIBUTE.finditer(_part(value, section))
    ]


def _fields(value: type) -> str:
    told = dict(_items(value, "Attributes"))
    rows = [
        f"| `{each.name}` | `{each.type}` | {_default(each)} | {told.get(each.name, '')} |"
        for each in fields(value)
        if not each.name.startswith("_")
    ]
    head = ["| field | type | default | |", "|---|---|---|---|"]
    return "\n".join(line.replace(" | None", " \\| None") for line in head + rows) + "\n"


def _default(field: Field[object]) -> str:
    if field.default is not MISSING:
        return f"`{field.default!r}`"
    return "" if field.default_factory is MISSING else "empty"


def _methods(value: type) -> str:
    lines = [
        f"- `{prefix}{name}{_signature(method)}`: {_first(method)}"
        for name, prefix, method in _own(value)
    ]
    return "\n".join(lines) + "\n" if lines else ""


def _own(value: type) -> Iterator[tuple[str, str, object]]:
    known = set[str]()
    for base in value.__mro__:
        if not base.__module__.startswith("sessionstream"):
            continue
        for name, member in vars(base).items():
            if name.startswith(("_", "test_")) or name in known:
                continue
            known.add(name)
            method = member.__func__ if isinstance(member, classmethod | staticmethod) else member
            if isinstance(method, FunctionType):
                prefix = "await " if inspect.iscoroutinefunction(method) else ""
                yield name, prefix, method
            elif isinstance(member, property) and member.fget is not None:
                yield name, "", member


def _signature(value: object) -> str:
    """Returns the arguments and what is returned, as they stand in the source."""
    function = inspect.unwrap(value) if callable(value) else None
    if not isinstance(function, FunctionType):
        return ""
    [node] = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    arguments = re.sub(r"^(self|cls)(, )?", "", ast.unparse(node.args))
    returned = "" if node.returns is None else ast.unparse(node.returns)
    return f"({arguments})" + (f" -> {returned}" if returned not in ("", "None") else "")


def _first(value: object) -> str:
    """Returns the first sentence or paragraph of a docstring."""
    return _marked(" ".join(inspect.cleandoc(_doc(value)).partition("\n\n")[0].split()))


def _text(value: object) -> str:
    return _marked(_part(value, ""))


def _part(value: object, wanted: str) -> str:
    """Returns a section of a docstring; "" is what stands before the first."""
    parts = _SECTION.split(inspect.cleandoc(_doc(value)))
    found = dict(zip(["", *parts[1::2]], parts[::2], strict=True))
    return found.get(wanted, "").strip("\n")


def _doc(value: object) -> str:
    text = value.__doc__
    assert text, f"{value} has no docstring"
    return text


def _marked(text: str) -> str:
    """Returns the text of a docstring as Markdown."""
    return _ROLE.sub(r"`\1`", text).replace("::\n", ":\n")


def main(arguments: Iterable[str]) -> int:
    """Writes the pages or checks them; returns the exit status."""
    fresh = {PAGE: page(), COMMANDS_PAGE: commands_page()}
    if "--check" not in arguments:
        for path, text in fresh.items():
            path.write_text(text, encoding="utf-8")
        return 0
    stale = [
        path
        for path, text in fresh.items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]
    for path in stale:
        sys.stderr.write(f"{path.relative_to(ROOT)} is not current; run: make gen\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
