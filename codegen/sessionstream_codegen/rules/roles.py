"""Rules about the roles of messages."""

from __future__ import annotations

from collections.abc import Iterator

from sessionstream_codegen.diagnostics import Diagnostic
from sessionstream_codegen.model import FileDecl, Run

_PAIR = ("event", "ui_event")
# The runtime refuses the same types where they are registered; a test compares the lists.
SHAPELESS = frozenset(
    f"google.protobuf.{name}" for name in ("Any", "Empty", "ListValue", "Struct", "Value")
)


def check_roles(file: FileDecl, run: Run) -> Iterator[Diagnostic]:
    """SS101, SS102, SS103: roles exclude each other, need a shape, and must be of use."""
    has_ui = bool(file.ui_events) or any(other.ui_events for other in run.visible_from(file))
    for message in file.messages:
        roles = message.roles
        if len(roles) > 1 and roles != _PAIR:
            yield Diagnostic(
                max(message.positions[role] for role in roles),
                "SS101",
                f"{message.full_name} is {', '.join(roles[:-1])} and {roles[-1]}; "
                "a message has one role, or is event and ui_event at once: "
                "split it into a message per role",
            )
        if roles and message.full_name in SHAPELESS:
            yield Diagnostic(
                message.position,
                "SS102",
                f"{message.full_name} has no shape of its own and can't have a role; "
                "make it a field of a message that has one",
            )
        if message.event and message.event.ephemeral and not has_ui:
            yield Diagnostic(
                message.positions["event"],
                "SS103",
                f"nobody can see the ephemeral event {message.full_name}: it is never stored, and "
                f"{file.path} neither declares nor imports a UI event; "
                "declare one, or remove ephemeral",
            )
