"""What skeletons do: the bodies of their methods, as lines with templates.

A projection copies what agrees. A handler only says what it might publish: a
guess that is stored stays, and a rebuild can put a projection right.
"""

from __future__ import annotations

import keyword
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from sessionstream_codegen import names
from sessionstream_codegen.model import FieldSpec, Label, MessageDecl
from sessionstream_codegen.scaffolding.agreement import (
    agreeing,
    begins,
    fullest,
    is_removal,
    removes,
    subjects,
)
from sessionstream_codegen.scaffolding.lines import Let, Line
from sessionstream_codegen.targets.python.layout import Bracket
from sessionstream_codegen.targets.python.names import ModuleNames, Named

PARAMETERS = frozenset({"self", "command", "event", "publisher", "session", "view"})
"""Of the methods, together: no local variable is called so."""

_PAYLOAD = "payload"
_TAKEN = PARAMETERS | {_PAYLOAD}


Payload = Callable[[MessageDecl], str]
"""Gives the template of a payload's class."""


def timeline_body(module: ModuleNames, event: Named, payload: Payload) -> list[Line]:
    """Returns what writes the entities that the event is about; nothing where none is known."""
    found = subjects(event.message, module.entities)
    if is_removal(event.message):
        return [_tombstone(entity) for entity in found if removes(event.message, entity)]
    lines: list[Line] = []
    for entity in found:
        new = begins(event.message, entity, module.timeline_projected)
        lines += _entity(event.message, entity, payload(entity.message) if new else "")
    if not lines:
        return []
    taken = {field.name for entity in found for field in agreeing(event.message, entity.message)}
    rest = [field.name for field in event.message.fields if field.name not in taken]
    said = f"Not copied, as no field agrees: {', '.join(rest)}."
    comments = [Line(said, comment=True)] if rest else []
    return [Line(Let(_PAYLOAD, ("event.payload",))), *comments, *lines]


def ui_body(module: ModuleNames, event: Named, payload: Payload) -> list[Line]:
    """Returns what builds the UI event that the event fills wholly; nothing where none is known."""
    # A payload that is an event too says that this very event has happened.
    known = [
        named
        for named in module.ui_events
        if named.message.event is None or named.message is event.message
    ]
    found = fullest(event.message, known)
    if found is None:
        return []
    build = f"{{own_UI}}.{found.member}("
    if found.message is event.message:
        return [Line(Bracket(f"yield {build}", ["event.payload"], ")"))]
    fields = agreeing(event.message, found.message)
    passed = [field for field in fields if _is_plain(field)]
    owner = "event.payload" if len(fields) == len(passed) == 1 else _PAYLOAD
    new = _call(payload(found.message), passed, owner)
    lines = [] if owner != _PAYLOAD else [Line(Let(_PAYLOAD, ("event.payload",)))]
    if len(passed) == len(fields):
        return [*lines, Line(Bracket(f"yield {build}", [new], ")"))]
    target = names.free(found.member, _TAKEN)
    copied = [line for field in fields if field not in passed for line in _copy(field, target)]
    shown = Line(Bracket(f"yield {build}", [target], ")"))
    return [*lines, Line(Bracket(f"{target} = {new.head}", new.items, ")")), *copied, shown]


def handler_body(module: ModuleNames, command: Named, payload: Payload) -> list[Line]:
    """Returns a comment with the call that publishes what the command fills wholly, or nothing."""
    found = fullest(command.message, module.events)
    if found is None or any(map(_is_unspoken, found.message.fields)):
        return []
    new = _call(payload(found.message), found.message.fields, "command.payload")
    call = Bracket(f"await publisher.{found.member}(", [new], ")")
    return [Line(call, comment=True)]


def local_names(lines: Sequence[Line]) -> frozenset[str]:
    """Returns the variables that a body sets."""
    found = set()
    for line in lines:
        if isinstance(line.code, Let):
            found.add(line.code.target)
        elif isinstance(line.code, Bracket) and " = " in line.code.head:
            found.add(line.code.head.partition(" = ")[0])
    return frozenset(found)


def _tombstone(entity: Named) -> Line:
    key = _read("event.payload", entity.message.keys[0].name)
    return Line(Bracket(f"yield {{own_Entities}}.{entity.member}.tombstone(", [key], ")"))


def _entity(event: MessageDecl, entity: Named, payload: str) -> Iterator[Line]:
    """Yields what writes an entity; without ``payload``, what changes one that is there."""
    target = names.free(entity.member, _TAKEN)
    key = entity.message.keys[0].name
    stored = Bracket(f"view.{entity.member}.get(", [_read(_PAYLOAD, key)], ")")
    copied = [field for field in agreeing(event, entity.message) if field.name != key]
    lines = [line for field in copied for line in _copy(field, target)]
    lines.append(Line(Bracket(f"yield {{own_Entities}}.{entity.member}(", [target], ")")))
    if payload:
        yield Line(Let(target, (stored, f"{payload}()")))
        yield _assign(key, target)
        yield from lines
    elif copied:
        yield Line(Bracket(f"{target} = {stored.head}", stored.items, ")"))
        yield Line("Else it was removed, or was never there.", comment=True)
        yield Line(f"if {target} is not None:")
        yield from (replace(line, depth=line.depth + 1) for line in lines)


def _copy(field: FieldSpec, target: str) -> Iterator[Line]:
    """Yields what replaces a field; one that the event does not set stays as it is."""
    source, place = _read(_PAYLOAD, field.name), _read(target, field.name)
    if field.label is Label.REPEATED:
        yield Line(f"{place}.clear()")
        yield Line(Bracket(f"{place}.extend(", [source], ")"))
    elif field.label is Label.MAP:
        yield Line(f"{place}.clear()")
        yield Line(Bracket(f"{place}.MergeFrom(", [source], ")"))
    else:
        guarded = field.has_presence and field.label is not Label.REQUIRED
        if guarded:
            yield Line(Bracket(f"if {_PAYLOAD}.HasField(", [f'"{field.name}"'], "):"))
        if field.is_message:
            yield Line(Bracket(f"{place}.CopyFrom(", [source], ")"), int(guarded))
        else:
            yield _assign(field.name, target, int(guarded))


def _assign(field: str, target: str, depth: int = 0) -> Line:
    source = _read(_PAYLOAD, field)
    if _is_hidden(field):
        return Line(Bracket("setattr(", [target, f'"{field}"', source], ")"), depth)
    return Line(Let(_read(target, field), (source,)), depth)


def _read(owner: str, field: str) -> str:
    return f'getattr({owner}, "{field}")' if _is_hidden(field) else f"{owner}.{field}"


def _is_hidden(field: str) -> bool:
    """Says whether code can't name the field: a keyword, or private to a class."""
    return keyword.iskeyword(field) or (field.startswith("__") and not field.endswith("__"))


def _is_unspoken(field: FieldSpec) -> bool:
    """Says whether a constructor can't be called with the field's name."""
    return _is_hidden(field.name) or field.name == "self"


def _is_plain(field: FieldSpec) -> bool:
    """Says whether the constructor copies the field as it should be: always."""
    return not (_is_unspoken(field) or field.has_presence)


def _call(payload: str, fields: Sequence[FieldSpec], owner: str) -> Bracket:
    arguments = [f"{field.name}={_read(owner, field.name)}" for field in fields]
    return Bracket(f"{payload}(", arguments, ")")
