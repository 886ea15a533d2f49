"""Rules about the roles of messages."""

from __future__ import annotations

from collections.abc import Iterator

from sessionstream_codegen.diagnostics import Diagnostic, Note
from sessionstream_codegen.model import FileDecl, MessageDecl, Run

# The runtime refuses the same types where they are registered; a test compares the lists.
SHAPELESS = frozenset(
    f"google.protobuf.{name}" for name in ("Any", "Empty", "ListValue", "Struct", "Value")
)
_OWN_PACKAGE = "google.protobuf"


def check_roles(file: FileDecl, run: Run) -> Iterator[Diagnostic]:
    """SS101, SS102: roles exclude each other, and not every message can have one."""
    for message in file.messages:
        if message.has_too_many_roles:
            yield _too_many(message)
        reason = _unfit(message, file) if message.roles else ""
        if reason:
            yield Diagnostic(
                message.position, "SS102", f"{message.full_name} can't have a role: {reason}"
            )


def _too_many(message: MessageDecl) -> Diagnostic:
    roles = [role.option for role in message.roles]
    *others, last = sorted(roles, key=lambda role: message.positions[role])
    notes = (
        Note(message.positions[role], f"it is {role} here")
        for role in others
        if message.positions[role] != message.positions[last]
    )
    return Diagnostic(
        message.positions[last],
        "SS101",
        f"{message.full_name} is {', '.join(roles[:-1])} and {roles[-1]}; "
        "a message has one role, or is event and ui_event at once: "
        "split it into a message per role",
        tuple(notes),
    )


def _unfit(message: MessageDecl, file: FileDecl) -> str:
    """Why the message can have no role, and what to do; empty if it can."""
    if message.is_map_entry:
        return "it is the entry of a map; give the role to a message of your own"
    if message.full_name in SHAPELESS:
        return "it has no shape of its own; make it a field of a message that has one"
    if file.package == _OWN_PACKAGE:
        return "it is one of protobuf's own; make it a field of a message that has one"
    return ""
