"""Names that the stubs of mypy-protobuf have already, so that no message can have them there.

protoc writes a module that works with most of them; its stub would hold two
things of one name, and nothing that uses it passes a type checker.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from sessionstream_codegen.diagnostics import Diagnostic, Note, Severity
from sessionstream_codegen.model import FileDecl, MessageDecl, Position

# What a stub imports, and the aliases that it makes of messages. Which of them one has depends on
# its fields: a name that passes today is taken when a field is added.
_IMPORTED = re.compile(
    r"_(abc|builtins|containers|deprecated|descriptor|enum_type_wrapper|extension_dict|message"
    r"|typing|well_known_types|Never|TypeAlias|\w+_pb2)|Global___\w+"
)
_MEMBER = re.compile(r"_(HasField|ClearField)ArgType|_WhichOneof(Arg|Return)Type_\w+")
_ENUM_CLASSES = ("_{}", "_{}EnumTypeWrapper")


class _Declared(NamedTuple):
    """A message or an enum; ``scope`` is its path within the file."""

    full_name: str
    position: Position
    scope: tuple[str, ...]


def check_stub_names(file: FileDecl) -> Iterator[Diagnostic]:
    """SS401, for what lies in such a message, or is one: an error where it has a role."""
    around = {message.scope: message for message in (*file.messages, *file.others)}
    classes = _enum_classes(file)
    for message in file.messages:
        for depth, part in enumerate(message.scope):
            scope = message.scope[:depth]
            notes = _number(around.get(scope), part)
            taken = part in classes[_full_name(file, scope)] or _is_taken(part, nested=depth > 0)
            if message.roles and (notes or taken):
                yield Diagnostic(
                    message.position,
                    "SS401",
                    f'{message.full_name} can\'t be named in Python: "{part}" is a name of the '
                    "stub's own; rename the message",
                    notes,
                )
    yield from _check_others(file, classes)


def _check_others(file: FileDecl, classes: Mapping[str, set[str]]) -> Iterator[Diagnostic]:
    """Warnings of messages without a role and of enums: their modules work, their stubs don't.

    Not of a message in which one with a role lies: that is told of already.
    """
    around = {message.scope: message for message in (*file.messages, *file.others)}
    told = {
        message.scope[:depth]
        for message in file.messages
        if message.roles
        for depth in range(1, len(message.scope) + 1)
    }
    for message in around.values():
        if message.scope not in told:
            what = _Declared(message.full_name, message.position, message.scope)
            yield from _check_other(file, what, around.get(message.scope[:-1]), classes)
    for enum in file.enums:
        scope = tuple(enum.full_name.removeprefix(f"{file.package}.").split("."))
        what = _Declared(enum.full_name, enum.position, scope)
        yield from _check_other(file, what, around.get(scope[:-1]), classes)


def _check_other(
    file: FileDecl, what: _Declared, parent: MessageDecl | None, classes: Mapping[str, set[str]]
) -> Iterator[Diagnostic]:
    name, scope = what.scope[-1], what.scope[:-1]
    notes = _number(parent, name)
    made = name in classes.get(_full_name(file, scope), ())
    if notes or made or _is_taken(name, nested=bool(scope)):
        yield Diagnostic(
            what.position,
            "SS401",
            f'{what.full_name} is in the way of the stub: "{name}" is a name of the stub\'s own, '
            "and nothing that uses the file passes mypy; rename it",
            notes,
            severity=Severity.WARNING,
        )


def _is_taken(name: str, *, nested: bool) -> bool:
    if _IMPORTED.fullmatch(name):
        return True
    return _MEMBER.fullmatch(name) is not None if nested else name == "sys"


def _number(parent: MessageDecl | None, name: str) -> tuple[Note, ...]:
    """Returns a note where a name is what the number of a field beside it is called."""
    return tuple(
        Note(field.position, f"it is the number of the field {field.name}")
        for field in (parent.fields if parent else ())
        if name == f"{field.name.upper()}_FIELD_NUMBER"
    )


def _enum_classes(file: FileDecl) -> defaultdict[str, set[str]]:
    """Returns what the stub makes of enums besides them, by the full names around them."""
    found = defaultdict[str, set[str]](set)
    for enum in file.enums:
        parent, _, name = enum.full_name.rpartition(".")
        found[parent].update(made.format(name) for made in _ENUM_CLASSES)
    return found


def _full_name(file: FileDecl, scope: tuple[str, ...]) -> str:
    return ".".join(filter(None, (file.package, *scope)))
