"""Fields and their types: tables, and which types a page has to describe."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from sessionstream_codegen.model import EnumDecl, EnumValue, FieldSpec, Label, MessageDecl, Run
from sessionstream_codegen.targets.markdown.text import cell, code, table

_MAP = re.compile(r"map<([^,]+), (.+)>")
# Their meaning is protobuf's, and known.
_WELL_KNOWN = "google.protobuf."

DEPRECATED = "**Deprecated.**"
"""What is said of what the .proto files have marked as deprecated."""

Declared = MessageDecl | EnumDecl
"""What the type of a field may be, besides a scalar."""

Links = Mapping[str, str]
"""Where on the page a thing is described: the anchors by its key."""


def used_types(messages: Iterable[MessageDecl], run: Run) -> list[Declared]:
    """Returns the types of the messages' fields, and of theirs, that are none of the messages."""
    known: dict[str, Declared] = {}
    for file in run.files.values():
        known.update({message.full_name: message for message in (*file.messages, *file.others)})
        known.update({enum.full_name: enum for enum in file.enums})
    roots = list(messages)
    seen = {message.full_name for message in roots}
    found: list[Declared] = []
    waiting: list[Declared] = [*roots]
    while waiting:
        current = waiting.pop()
        for name in _mentioned(current):
            if name in known and name not in seen and not name.startswith(_WELL_KNOWN):
                seen.add(name)
                found.append(known[name])
                waiting.append(known[name])
    return sorted(found, key=lambda declared: declared.full_name)


def content(declared: Declared, links: Links) -> str:
    """Returns the table of a message's fields or of an enum's values."""
    if isinstance(declared, EnumDecl):
        values = ([code(one.name), str(one.number), _described(one)] for one in declared.values)
        return table(("Value", "Number", "Comment"), values)
    if not declared.fields:
        return "No fields."
    package = declared.full_name.removesuffix(".".join(declared.scope))
    rows = (
        [code(one.name), _type(one, links, package), _label(one), cell(one.comment)]
        for one in declared.fields
    )
    return table(("Field", "Type", "Label", "Comment"), rows)


def _described(value: EnumValue) -> str:
    return " ".join(filter(None, [DEPRECATED if value.is_deprecated else "", cell(value.comment)]))


def _mentioned(declared: Declared) -> Iterator[str]:
    for field in () if isinstance(declared, EnumDecl) else declared.fields:
        entry = _MAP.fullmatch(field.type)
        yield entry[2] if entry else field.type


def _type(field: FieldSpec, links: Links, package: str) -> str:
    entry = _MAP.fullmatch(field.type)
    if entry:
        return f"map of {code(entry[1])} to {_named(entry[2], links, package)}"
    return _named(field.type, links, package)


def _named(name: str, links: Links, package: str) -> str:
    shown = code(name.removeprefix(package))
    return f"[{shown}](#{links[name]})" if name in links else shown


def _label(field: FieldSpec) -> str:
    label = field.label.value if field.label not in {Label.SINGULAR, Label.MAP} else ""
    parts = [
        "key" if field.is_key else "",
        label,
        f"one of {code(field.oneof)}" if field.oneof else "",
        "deprecated" if field.is_deprecated else "",
    ]
    return ", ".join(filter(None, parts))
