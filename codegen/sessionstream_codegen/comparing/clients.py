"""What clients rely on: the commands that they send, the UI events that they are told.

SS511  a command's name is gone
SS512  a command's name was given to another command
SS513  a command is not idempotent any more
SS514  a command's message was renamed or replaced
SS521  a UI event's name is gone
SS522  a UI event's payload was replaced
"""

from __future__ import annotations

from collections.abc import Iterator

from sessionstream_codegen.comparing.findings import (
    Finding,
    Kind,
    gone,
    heir,
    kept,
    replaced,
    says_gone,
)
from sessionstream_codegen.diagnostics import Severity, quoted
from sessionstream_codegen.roles import Role
from sessionstream_codegen.targets.lock.file import Lock, LockedName

_COMMAND_GONE = Kind("SS511", "clients that send it are refused")
_COMMAND_REPLACED = Kind(
    "SS512",
    "clients still send {payload}, which is another command now: it is refused, or taken for what "
    "it is not",
)
_NOT_IDEMPOTENT = Kind(
    "SS513",
    "who sends it again because no answer came, as was allowed, may have it done twice",
    Severity.WARNING,
)
_MESSAGE_REPLACED = Kind(
    "SS514",
    "clients send JSON, which does not name its message: what they send is served as long as it "
    "reads the same, and refused where it has a field that the new message lacks",
    Severity.WARNING,
)
_UI_EVENT_GONE = Kind(
    "SS521", "clients that wait for it are told nothing, and what they show is out of date"
)
_UI_EVENT_REPLACED = Kind(
    "SS522",
    "clients that read payloads by their type expect {payload}, and can't read anything else; to "
    "others the fields are what counts",
)

KINDS = (
    _COMMAND_GONE,
    _COMMAND_REPLACED,
    _NOT_IDEMPOTENT,
    _MESSAGE_REPLACED,
    _UI_EVENT_GONE,
    _UI_EVENT_REPLACED,
)
"""All that is found here."""


def check_commands(old: Lock, new: Lock) -> Iterator[Finding]:
    """SS511, SS512, SS513, SS514."""
    for name, was in gone(old, new, Role.COMMAND):
        successor = heir(was, new)
        remedy = (
            f"add {quoted(name)} to the aliases of the command {quoted(successor.name)}"
            if successor
            else "keep it until no client sends it"
        )
        yield _COMMAND_GONE.found(name, was, was, says_gone(name, was, new), remedy)
    for name, was, now in kept(old, new, Role.COMMAND):
        if was.payload != now.payload:
            yield _other_payload(name, was, now, new)
        if was.idempotent and not now.idempotent:
            remedy = "keep its handler idempotent, or declare a new command for what it does now"
            yield _NOT_IDEMPOTENT.found(name, was, now, "is not idempotent any more", remedy)


def _other_payload(name: str, was: LockedName, now: LockedName, new: Lock) -> Finding:
    if heir(was, new):
        remedy = f"keep {was.payload} under this name, and give {now.payload} a name of its own"
        return _COMMAND_REPLACED.found(name, was, now, replaced(was, now), remedy)
    remedy = (
        f"make sure that {now.payload} has the fields of {was.payload}, with the same names and "
        f"types, or keep {was.payload} as it is called"
    )
    return _MESSAGE_REPLACED.found(name, was, now, replaced(was, now), remedy)


def check_ui_events(old: Lock, new: Lock) -> Iterator[Finding]:
    """SS521, SS522."""
    for name, was in gone(old, new, Role.UI_EVENT):
        remedy = (
            f"keep it among the names of {was.payload}, and emit it until no client waits for it"
        )
        yield _UI_EVENT_GONE.found(name, was, was, says_gone(name, was, new), remedy)
    for name, was, now in kept(old, new, Role.UI_EVENT):
        if was.payload != now.payload:
            remedy = (
                f"give {now.payload} a name of its own, and emit both until no client waits for "
                "this one"
            )
            yield _UI_EVENT_REPLACED.found(name, was, now, replaced(was, now), remedy)
