"""What stored sessions rely on: names and payloads in the log, kinds and ids in the timeline.

SS501  an event's name is gone
SS502  an event's payload was replaced
SS503  an event became ephemeral
SS504  an ephemeral event is stored now
SS531  an entity's kind is gone
SS532  an entity's payload was replaced
SS533  an entity has another key
SS534  an entity's key field is declared otherwise
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
from sessionstream_codegen.targets.lock.file import Lock, LockedKey

_EVENT_GONE = Kind(
    "SS501",
    "a stored one can't be read: it is recorded as an error, and its session's timeline lacks what "
    "it gave when it is made anew or read as it was at an earlier event",
)
_EVENT_REPLACED = Kind(
    "SS502",
    "the log names the message of each payload, and a stored {payload} is read as another one only "
    "where the app says how: else it is recorded as an error, and its session's timeline lacks "
    "what it gave when it is made anew or read as it was at an earlier event",
)
_EPHEMERAL = Kind(
    "SS503",
    "new ones are not stored, and a timeline that is rebuilt lacks what the stored ones gave",
)
_STORED = Kind(
    "SS504",
    "each one takes an ordinal from now on and stays in the log for good; earlier ones are not "
    "there",
    Severity.WARNING,
)
_ENTITY_GONE = Kind(
    "SS531",
    "a timeline that holds one is made anew from its log, without it, when the session is next "
    "used; clients keep what they hold of it until their next snapshot",
)
_ENTITY_REPLACED = Kind(
    "SS532",
    "a timeline that holds a {payload} is made anew from its log when the session is next used; "
    "clients that read payloads by their type can't read the new one",
)
_OTHER_KEY = Kind(
    "SS533",
    "stored entities were written with the old key: new events don't find them, and make others "
    "beside them, or find them with another value in the key field, or with none",
)
_KEY_DECLARATION = Kind(
    "SS534",
    "stored ids stay what they are, but clients get the field under another name or as another "
    "type",
    Severity.WARNING,
)

KINDS = (
    _EVENT_GONE,
    _EVENT_REPLACED,
    _EPHEMERAL,
    _STORED,
    _ENTITY_GONE,
    _ENTITY_REPLACED,
    _OTHER_KEY,
    _KEY_DECLARATION,
)
"""All that is found here."""

_CLEAR = (
    "or clear the stored timelines before the new release opens them "
    "(HydrationStore.clear_timeline): they are made anew from the log"
)

# An integer of the first type reads as the same number when it is declared as the second.
_WIDENED = {("int32", "int64"), ("uint32", "uint64"), ("uint32", "int64"), ("sint32", "sint64")}


def check_events(old: Lock, new: Lock) -> Iterator[Finding]:
    """SS501, SS502, SS503, SS504. Of ephemeral events nothing is stored."""
    for name, was in gone(old, new, Role.EVENT):
        if not was.ephemeral:
            successor = heir(was, new)
            remedy = (
                f"add {quoted(name)} to the aliases of the event {quoted(successor.name)}"
                if successor
                else f"keep {was.payload} as the event {quoted(was.name)}; it need not be published"
            )
            yield _EVENT_GONE.found(name, was, was, says_gone(name, was, new), remedy)
    for name, was, now in kept(old, new, Role.EVENT):
        if not was.ephemeral and was.payload != now.payload:
            remedy = (
                f"keep {was.payload} under this name, and give {now.payload} a name of its own, or "
                "register how the old payload is read (SchemaRegistry.register_upcaster, or "
                "register_former_type where the message was only renamed)"
            )
            yield _EVENT_REPLACED.found(name, was, now, replaced(was, now), remedy)
        if now.ephemeral and not was.ephemeral:
            remedy = "leave it stored, and declare an ephemeral event beside it"
            yield _EPHEMERAL.found(name, was, now, "is ephemeral now", remedy)
        if was.ephemeral and not now.ephemeral:
            remedy = "make sure that it is rare enough to be kept; nothing stored breaks"
            yield _STORED.found(name, was, now, "is stored now; it was ephemeral", remedy)


def check_entities(old: Lock, new: Lock) -> Iterator[Finding]:
    """SS531, SS532, SS533, SS534."""
    for name, was in gone(old, new, Role.ENTITY):
        successor = heir(was, new)
        keep = f"set kind: {quoted(name)} on {was.payload}" if successor else "keep the kind"
        remedy = f"{keep}, or make sure that clients know"
        yield _ENTITY_GONE.found(name, was, was, says_gone(name, was, new), remedy)
    for name, was, now in kept(old, new, Role.ENTITY):
        if was.payload != now.payload:
            remedy = f"keep {was.payload} under this kind, or make sure that clients know"
            yield _ENTITY_REPLACED.found(name, was, now, replaced(was, now), remedy)
        elif was.key and now.key and was.key != now.key:
            message = f"has the key {now.key} instead of {was.key}"
            if _gives_other_ids(was.key, now.key):
                yield _OTHER_KEY.found(name, was, now, message, f"keep the key, {_CLEAR}")
            else:
                remedy = "make sure that clients know; nothing stored breaks"
                yield _KEY_DECLARATION.found(name, was, now, message, remedy)


def _gives_other_ids(old: LockedKey, new: LockedKey) -> bool:
    types = (old.type, new.type)
    return old.number != new.number or (old.type != new.type and types not in _WIDENED)
