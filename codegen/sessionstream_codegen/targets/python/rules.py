"""What can't be said in Python: paths, names that are none, names that collide."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from sessionstream_codegen import names
from sessionstream_codegen.diagnostics import Diagnostic, Note, quoted
from sessionstream_codegen.model import FileDecl, MessageDecl, Position, Run
from sessionstream_codegen.targets.python.imports import IMPORTABLE
from sessionstream_codegen.targets.python.names import ModuleNames, Named
from sessionstream_codegen.targets.python.paths import check_paths, unfit_parts
from sessionstream_codegen.targets.python.spelling import (
    CLASS_SUFFIXES,
    message_constant,
    own_classes,
    payload_alias,
    ui_class,
    unnameable,
)

_SET_NAME = "option (sessionstream.v1.file).name"


def check_python(file: FileDecl, run: Run) -> Iterator[Diagnostic]:
    """SS002, SS004, SS401, SS402, for a file that has roles."""
    yield from check_paths(file, run)
    unprefixed = [*_check_prefix(file)]
    if file.prefix or not set(names.stem(file.path).split(".")) & set(unfit_parts(file.path)):
        # Else what is wrong with the file's name is told already.
        yield from unprefixed
    yield from _check_identifiers(file)
    yield from _check_classes(file)
    if not unprefixed:
        # The others' collisions are told in the same run.
        named = tuple(message for message in file.messages if not unnameable(message))
        yield from _check_collisions(ModuleNames(replace(file, messages=named), run), run)


def _check_prefix(file: FileDecl) -> Iterator[Diagnostic]:
    found, stem = file.class_prefix, names.stem(file.path)
    # Of a name that can be imported, this is all that CamelCase would drop but - _ and the dot.
    drops = not file.prefix and not stem.isascii()
    if drops or not found or not names.is_class_name(f"{found}UI"):
        shown = stem if drops or not found else found
        yield Diagnostic(
            file.prefix_position,
            "SS004",
            f"{quoted(shown)} can't begin the name of a class; set {_SET_NAME} to a word "
            "that begins with a capital and has ASCII letters and digits only",
        )
        return
    hidden = [f"{found}{suffix}" for suffix in CLASS_SUFFIXES if found + suffix in IMPORTABLE]
    if hidden:
        yield Diagnostic(
            file.prefix_position,
            "SS004",
            f'with the prefix "{found}" the module would define {" and ".join(hidden)}, '
            f"which sessionstream has already; set {_SET_NAME} to another word",
        )


def _check_identifiers(file: FileDecl) -> Iterator[Diagnostic]:
    for message in file.messages:
        why = unnameable(message)
        if why:
            yield Diagnostic(
                message.position,
                "SS401",
                f"{message.full_name} can't be named in Python: {why}; rename the message",
            )


def _check_classes(file: FileDecl) -> Iterator[Diagnostic]:
    own = own_classes(file.class_prefix)
    named = (*file.commands, *file.events, *file.entities)
    constants = {
        message_constant(message, file.class_prefix): message
        for message in named
        if not unnameable(message)
    }
    aliased = (message for message in file.messages if payload_alias(message))
    aliases = {payload_alias(message): message for message in aliased}
    for message in file.ui_events:
        for wire in message.ui_names:
            found = ui_class(wire, file.class_prefix)
            if found in own:
                why = "a class"
            elif found in constants:
                why = "a constant"
            elif found in aliases:
                why = "a payload"
            else:
                continue
            other = None if found in own else constants.get(found) or aliases[found]
            yield Diagnostic(
                _ui_position(message, wire),
                "SS402",
                f"the class of the UI event {quoted(wire)} would be {found}, which is {why} that "
                "the module defines; give the UI event another name",
                (Note(other.position, f"{found} is {why} for {other.full_name}"),) if other else (),
            )


def _check_collisions(module: ModuleNames, run: Run) -> Iterator[Diagnostic]:
    own = [
        named
        for group in (module.commands, module.events, module.entities, module.ui_events)
        for named in group
        if named.own
    ]

    def member_of(suffix: str, kind: str) -> Callable[[Named], str]:
        return lambda named: f"the {kind} {module.cls(suffix)}.{named.member}"

    found = [
        *_collide(own, lambda named: f"the constant {named.constant}"),
        *_collide(
            {n.message.full_name: n for n in own if payload_alias(n.message)}.values(),
            lambda named: f"the payload {named.payload}",
        ),
        *_collide(module.commands, member_of("Handlers", "method")),
        *_collide(module.published, member_of("Publisher", "method")),
        *_collide(module.entities, member_of("Entities", "attribute")),
        *_collide(module.ui_events, lambda named: f"the class {named.ui_class}"),
        *_collide(module.ui_events, member_of("UI", "method")),
    ]
    reported: set[tuple[str, str, str, str]] = set()
    for first, second, what in found:
        pair = (first.message.full_name, first.wire, second.message.full_name, second.wire)
        if pair not in reported and not _is_told_elsewhere(first, second, run):
            reported.add(pair)
            yield Diagnostic(
                _place(second, module.file),
                "SS402",
                f"{_title(first)} and {_title(second)} would both be {what}; rename one of them",
                tuple(_notes(first, second)),
            )


def _collide(
    group: Iterable[Named], becomes: Callable[[Named], str]
) -> Iterator[tuple[Named, Named, str]]:
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
