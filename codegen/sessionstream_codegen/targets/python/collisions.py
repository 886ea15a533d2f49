"""Names of one generated module that would be one name in Python: SS402."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from sessionstream_codegen.diagnostics import Diagnostic, Note, quoted
from sessionstream_codegen.model import FileDecl, MessageDecl, Position, Run
from sessionstream_codegen.targets.python.names import ModuleNames, Named
from sessionstream_codegen.targets.python.spelling import (
    message_constant,
    own_classes,
    payload_alias,
    ui_class,
    unnameable,
)

# Two names, and what both would be.
_Collision = tuple[Named, Named, str]
# What a name of the module is, and the message that has it; none has the module's own classes.
_Taken = tuple[str, MessageDecl | None]


def check_ui_classes(file: FileDecl) -> Iterator[Diagnostic]:
    """Yields UI events whose classes would be something else of the module."""
    taken = _taken(file)
    for message in file.ui_events:
        for wire in message.ui_names:
            found = ui_class(wire, file.class_prefix)
            if found in taken:
                yield _no_class(message, wire, found, taken[found])


def check_collisions(module: ModuleNames, run: Run) -> Iterator[Diagnostic]:
    """Yields pairs of names that are told apart on the wire only, each pair once."""
    reported: set[tuple[str, str, str, str]] = set()
    for first, second, what in _collisions(module):
        pair = (first.message.full_name, first.wire, second.message.full_name, second.wire)
        if pair not in reported and not _is_told_elsewhere(first, second, run):
            reported.add(pair)
            yield Diagnostic(
                _place(second, module.file),
                "SS402",
                f"{_title(first)} and {_title(second)} would both be {what}; rename one of them",
                tuple(_notes(first, second)),
            )


def _taken(file: FileDecl) -> dict[str, _Taken]:
    """Returns what the module's names are, but for the classes of UI events."""
    prefix = file.class_prefix
    found: dict[str, _Taken] = {}
    for message in file.messages:
        if payload_alias(message):
            found[payload_alias(message)] = "a payload", message
    for message in (*file.commands, *file.events, *file.entities):
        if not unnameable(message):
            found[message_constant(message, prefix)] = "a constant", message
    return found | dict.fromkeys(own_classes(prefix), ("a class", None))


def _no_class(message: MessageDecl, wire: str, found: str, taken: _Taken) -> Diagnostic:
    why, other = taken
    notes = [Note(other.position, f"{found} is {why} for {other.full_name}")] if other else []
    return Diagnostic(
        _ui_position(message, wire),
        "SS402",
        f"the class of the UI event {quoted(wire)} would be {found}, which is {why} that "
        "the module defines; give the UI event another name",
        tuple(notes),
    )


def _collisions(module: ModuleNames) -> Iterator[_Collision]:
    groups = (module.commands, module.events, module.entities, module.ui_events)
    # In the order of the file: of two names the later one is at fault.
    own = sorted((named for group in groups for named in group if named.own), key=_declared)
    aliased = {named.message.full_name: named for named in own if payload_alias(named.message)}

    def member_of(suffix: str, kind: str) -> Callable[[Named], str]:
        return lambda named: f"the {kind} {module.cls(suffix)}.{named.member}"

    yield from _collide(own, lambda named: f"the constant {named.constant}")
    yield from _collide(aliased.values(), lambda named: f"the payload {named.payload}")
    yield from _collide(module.commands, member_of("Handlers", "method"))
    yield from _collide(module.published, member_of("Publisher", "method"))
    yield from _collide(module.entities, member_of("Entities", "attribute"))
    yield from _collide(module.ui_events, lambda named: f"the class {named.ui_class}")
    yield from _collide(module.ui_events, member_of("UI", "method"))


def _collide(group: Iterable[Named], becomes: Callable[[Named], str]) -> Iterator[_Collision]:
    first: dict[str, Named] = {}
    for named in group:
        what = becomes(named)
        earlier = first.setdefault(what, named)
        if earlier is named or _is_told(earlier, named):
            continue
        # Equal names on the wire in one role are reported as such.
        if earlier.wire != named.wire or not set(earlier.message.roles) & set(named.message.roles):
            yield earlier, named, what


def _is_told_elsewhere(first: Named, second: Named, run: Run) -> bool:
    """Says whether both are of one imported file, which is judged in the same run."""
    path = first.message.position.path
    imported = not (first.own or second.own)
    return imported and path == second.message.position.path and path in run.generate


def _is_told(first: Named, second: Named) -> bool:
    """Says whether they are one message, with roles that exclude each other: SS101."""
    return first.message is second.message and first.message.has_too_many_roles


def _title(named: Named) -> str:
    return f"the UI event {quoted(named.wire)}" if named.ui_class else named.message.full_name


def _notes(first: Named, second: Named) -> Iterator[Note]:
    if _declared(first) != _declared(second):
        yield Note(_declared(first), f"{_title(first)} is here")
    if not second.own:
        yield Note(_declared(second), f"{_title(second)} is here")


def _place(named: Named, file: FileDecl) -> Position:
    if not named.own:
        return file.import_positions.get(named.message.position.path, file.position)
    return _declared(named)


def _declared(named: Named) -> Position:
    message: MessageDecl = named.message
    return _ui_position(message, named.wire) if named.ui_class else message.position


def _ui_position(message: MessageDecl, wire: str) -> Position:
    option = f"ui_event.names.{message.ui_names.index(wire)}"
    return message.positions.get(option, message.positions["ui_event"])
