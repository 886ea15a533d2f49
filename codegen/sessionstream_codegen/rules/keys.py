"""Rules about keys: every entity has one field that can be its id, a UI event may have one."""

from __future__ import annotations

from collections.abc import Iterator

from sessionstream_codegen.diagnostics import Diagnostic, Note
from sessionstream_codegen.model import FieldSpec, FileDecl, Label, MessageDecl, Run

_MARK = "[(sessionstream.v1.field).key = true]"


def check_keys(file: FileDecl, run: Run) -> Iterator[Diagnostic]:
    """SS201, SS202, SS203, SS204."""
    for message in file.messages:
        if message.entity:
            yield from _check_presence(message)
        if message.entity or message.ui_event:
            yield from _check_marked(message)
        else:
            yield from _check_other(message)
    for key in file.stray_keys:
        yield Diagnostic(
            key.position,
            "SS204",
            f"the extension {key.name} is marked as key; only a field in the body of a "
            "message can be one: remove the mark",
        )


def _check_presence(message: MessageDecl) -> Iterator[Diagnostic]:
    # Of a message with other roles it is not known whether it will be the entity.
    if not message.keys and not message.has_too_many_roles:
        yield Diagnostic(
            message.position,
            "SS201",
            f"the entity {message.full_name} has no key; "
            f"mark the field that holds its id with {_MARK}",
        )


def _check_marked(message: MessageDecl) -> Iterator[Diagnostic]:
    for key in message.keys[1:]:
        yield _second(key, message.keys[0], message)
    for key in message.keys[:1]:
        reason = _unfit(key)
        if reason:
            yield Diagnostic(
                key.position,
                "SS203",
                f"{key.name} can't be the key of {message.full_name}: {reason}; {_remedy(key)}",
            )


def _second(key: FieldSpec, first: FieldSpec, message: MessageDecl) -> Diagnostic:
    # A field that can't be the key anyway is the one to give up.
    given_up = [one.name for one in (key, first) if _unfit(one)] or [key.name, first.name]
    return Diagnostic(
        key.position,
        "SS202",
        f"the {_role(message)} {message.full_name} has {first.name} as its key already; "
        f"remove the mark from {', or from '.join(given_up)}",
        (Note(first.position, f"{first.name} is marked here"),),
    )


def _role(message: MessageDecl) -> str:
    return "entity" if message.entity else "UI event"


def _unfit(key: FieldSpec) -> str:
    if key.label is Label.REPEATED:
        return f"it is repeated {key.type}"
    if not key.fits_key:
        return f"its type is {key.type}"
    if key.oneof:
        return f"it is in the oneof {key.oneof}, so it may be missing"
    return ""


def _remedy(key: FieldSpec) -> str:
    if key.oneof and key.fits_key:
        return f"move it out of {key.oneof}, or mark another string or integer field"
    return "a key is one string or integer field"


def _check_other(message: MessageDecl) -> Iterator[Diagnostic]:
    for key in message.keys:
        yield Diagnostic(
            key.position,
            "SS204",
            f"{key.name} is marked as key, but {message.full_name} is neither an entity nor a "
            "UI event; remove the mark, or make the message one of them",
        )
