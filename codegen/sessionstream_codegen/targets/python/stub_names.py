"""Names that the stubs of mypy-protobuf have already, so that no message can have them there.

protoc writes a module that works with most of them; its stub would hold two
things of one name, and nothing that uses it passes a type checker.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from sessionstream_codegen.diagnostics import Diagnostic, Note
from sessionstream_codegen.model import FileDecl, MessageDecl

# What a stub imports, and the aliases that it makes of messages. Which of them one has depends on
# its fields: a name that passes today is taken when a field is added.
_IMPORTED = re.compile(
    r"_(abc|builtins|containers|deprecated|descriptor|enum_type_wrapper|extension_dict|message"
    r"|typing|well_known_types|Never|TypeAlias|\w+_pb2)|Global___\w+"
)
_MEMBER = re.compile(r"_(HasField|ClearField)ArgType|_WhichOneof(Arg|Return)Type_\w+")
_ENUM_CLASSES = ("_{}", "_{}EnumTypeWrapper")


def check_stub_names(file: FileDecl) -> Iterator[Diagnostic]:
    """SS401, for messages with a role that lie in such a message, or are one."""
    around = {message.scope: message for message in (*file.messages, *file.others)}
    enums = _enum_classes(file)
    for message in file.messages:
        for depth, part in enumerate(message.scope):
            scope = message.scope[:depth]
            notes = _number(around.get(scope), part)
            taken = part in enums[_full_name(file, scope)] or _is_taken(part, nested=depth > 0)
            if message.roles and (notes or taken):
                yield Diagnostic(
                    message.position,
                    "SS401",
                    f'{message.full_name} can\'t be named in Python: "{part}" is a name of the '
                    "stub's own; rename the message",
                    notes,
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
