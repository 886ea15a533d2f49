"""The docstrings of a generated module's classes and methods."""

from __future__ import annotations

from sessionstream_codegen.model import MessageDecl
from sessionstream_codegen.targets.python import docstrings
from sessionstream_codegen.targets.python.deprecation import deprecation_notes
from sessionstream_codegen.targets.python.names import Named
from sessionstream_codegen.targets.python.spelling import ui_class

_EPHEMERAL = "Ephemeral: shown live, never stored; its ordinal is 0."
_IDEMPOTENT = "Idempotent: it may run again after a crash in the middle of it."


def doc(named: Named, default: str, indent: int, note: str = "") -> str:
    """The docstring where a message is documented first: all of its comment, and where it is."""
    message = named.message
    notes = [note, *deprecation_notes(message), _source(message)]
    return docstrings.docstring(message.comment, default, indent, notes, named.member)


def submits(named: Named, indent: int) -> str:
    """The docstring of a client's method; what the command does stands at its handler."""
    title = f"Submits ``{named.wire}``."
    return docstrings.literal(title, deprecation_notes(named.message), indent)


def projected(named: Named, gives: str, indent: int, note: str = "") -> str:
    """The docstring of a projection's method: what it gives, and what the event is."""
    event = docstrings.first_sentence(named.message.comment, indent)
    return docstrings.literal(gives, [*filter(None, [event, note])], indent)


def ui_doc(named: Named, prefix: str, indent: int) -> str:
    """The docstring of a UI event's class; a comment stands at one class only.

    That of an event stands at the publisher and the projection. Of several
    classes with one payload the first has it, and the others point there.
    """
    message, title = named.message, f"UI event ``{named.wire}``"
    if message.passed_through_as:
        return docstrings.literal(f"{title}: the event as it is.", [_source(message)], indent)
    if message.event:
        return docstrings.literal(f"{title}.", [_source(message)], indent)
    first, *others = message.ui_names
    if not others:
        return doc(named, f"{title}.", indent)
    if named.wire != first:
        other = ui_class(first, prefix)
        return docstrings.literal(f"{title}, with the payload of `{other}`.", [], indent)
    blocks = docstrings.split_blocks(message.comment)
    notes = [*deprecation_notes(message), _source(message)]
    return docstrings.literal(f"{title}.", [*blocks, *notes], indent)


def _source(message: MessageDecl) -> str:
    # Without its line, which changes with every edit above it.
    return f"Source: ``{message.full_name}`` in ``{message.position.path}``."


def event_note(named: Named) -> str:
    """Says what is special about an event that is not stored; else nothing."""
    return _EPHEMERAL if named.message.event and named.message.event.ephemeral else ""


def command_note(named: Named) -> str:
    """Says what is special about a command that may run again; else nothing."""
    return _IDEMPOTENT if named.message.command and named.message.command.idempotent else ""
