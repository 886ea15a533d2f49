"""What can't be said in Python: paths, names that are none, names that collide."""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from sessionstream_codegen import names
from sessionstream_codegen.diagnostics import Diagnostic, quoted
from sessionstream_codegen.model import FileDecl, MessageDecl, Position, Run
from sessionstream_codegen.targets.python_imports import IMPORTABLE
from sessionstream_codegen.targets.python_names import (
    CLASS_SUFFIXES,
    ModuleNames,
    Named,
    message_constant,
    prefix,
    ui_class,
)

_SET_NAME = "option (sessionstream.v1.file).name"


def check_python(file: FileDecl, run: Run) -> Iterator[Diagnostic]:
    """SS002, SS004, SS401, SS402, for a file that has roles."""
    yield from _check_path(file, file.position)
    for other in run.visible_from(file):
        yield from _check_path(other, _imported_at(other, file))
    unprefixed = [*_check_prefix(file)]
    yield from unprefixed
    yield from _check_identifiers(file)
    yield from _check_classes(file)
    if not unprefixed:
        # The others' collisions are told in the same run.
        named = tuple(message for message in file.messages if not _unnameable(message))
        yield from _check_collisions(ModuleNames(replace(file, messages=named), run))


def _check_path(file: FileDecl, position: Position) -> Iterator[Diagnostic]:
    for part in names.module(file.path, "_pb2").split("."):
        if not names.is_identifier(part):
            why = "is a keyword" if keyword.iskeyword(part) else "is no Python name"
            yield Diagnostic(
                position,
                "SS002",
                f"{file.path} can't be imported in Python: {quoted(part)} {why}; "
                "rename the file or its folder",
            )


def _check_prefix(file: FileDecl) -> Iterator[Diagnostic]:
    found = prefix(file)
    if not names.is_class_name(found):
        yield Diagnostic(
            file.prefix_position,
            "SS004",
            f"{quoted(found)} can't begin the name of a class; set {_SET_NAME} to a word "
            "that begins with a capital and has letters and digits only",
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
        why = _unnameable(message)
        if why:
            yield Diagnostic(
                message.position,
                "SS401",
                f"{message.full_name} can't be named in Python: {why}; rename the message",
            )


def _unnameable(message: MessageDecl) -> str:
    """Why a message gets no Python name; empty if it does."""
    why = next(filter(None, map(_unusable, message.scope)), "")
    if not why and not names.snake(message.name).isidentifier():
        why = f'"{message.name}" has no letter to begin with'
    return why


def _unusable(part: str) -> str:
    if keyword.iskeyword(part):
        return f'"{part}" is a keyword'
    # Python changes such names inside of classes.
    return f'"{part}" begins with two underscores' if part.startswith("__") else ""


def _check_classes(file: FileDecl) -> Iterator[Diagnostic]:
    own = {prefix(file) + suffix for suffix in CLASS_SUFFIXES}
    named = (*file.commands, *file.events, *file.entities)
    constants = {message_constant(message) for message in named}
    for message in file.ui_events:
        for wire in message.ui_names:
            found = ui_class(wire)
            if keyword.iskeyword(found):
                why = "a keyword"
            elif found in own:
                why = "a class that the module defines"
            elif found in constants:
                why = "a constant that the module defines"
            elif found in IMPORTABLE:
                why = "a class that the module imports"
            elif hasattr(builtins, found):
                why = "a name of Python's own"
            else:
                continue
            yield Diagnostic(
                message.positions["ui_event"],
                "SS402",
                f"the class of the UI event {quoted(wire)} would be {found}, which is {why}; "
                "give the UI event another name",
            )


def _check_collisions(module: ModuleNames) -> Iterator[Diagnostic]:
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
        *_collide(module.commands, member_of("Handlers", "method")),
        *_collide(module.published, member_of("Publisher", "method")),
        *_collide(module.entities, member_of("Entities", "attribute")),
        *_collide(module.ui_events, lambda named: f"the class {named.ui_class}"),
        *_collide(module.ui_events, member_of("UI", "method")),
    ]
    reported: set[tuple[str, str, str, str]] = set()
    for first, second, what in found:
        pair = (first.message.full_name, first.wire, second.message.full_name, second.wire)
        if pair not in reported:
            reported.add(pair)
            yield Diagnostic(
                _place(second, module.file),
                "SS402",
                f"{_title(first)} and {_title(second)} would both be {what}; rename one of them",
            )


def _collide(
    group: Iterable[Named], becomes: Callable[[Named], str]
) -> Iterator[tuple[Named, Named, str]]:
    first: dict[str, Named] = {}
    for named in group:
        what = becomes(named)
        earlier = first.setdefault(what, named)
        if earlier is named:
            continue
        # Equal names on the wire in one role are reported as such.
        if earlier.wire != named.wire or not set(earlier.message.roles) & set(named.message.roles):
            yield earlier, named, what


def _title(named: Named) -> str:
    return f"the UI event {quoted(named.wire)}" if named.ui_class else named.message.full_name


def _place(named: Named, file: FileDecl) -> Position:
    message: MessageDecl = named.message
    if not named.own:
        return file.import_positions.get(message.position.path, file.position)
    return message.positions["ui_event"] if named.ui_class else message.position


def _imported_at(other: FileDecl, file: FileDecl) -> Position:
    return file.import_positions.get(other.path, file.position)
