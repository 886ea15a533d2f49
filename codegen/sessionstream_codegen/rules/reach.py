"""Rules about what can come of a file's commands and events.

What the handlers and projections of a file may use is what it declares and
what it imports; nobody else projects its events. A file with one kind of
messages only is no mistake: it may be there to be imported. Nor are events
that are kept and no more, unless the package has what they could become.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from sessionstream_codegen.diagnostics import Diagnostic, Note, Severity
from sessionstream_codegen.model import FileDecl, MessageDecl, Run


def check_reach(file: FileDecl, run: Run) -> Iterator[Diagnostic]:
    """SS103, SS105, SS106: what handlers publish must be there, and be of use."""
    within = _within(file, run)
    events = any(one.events for one in within)
    ui_events = any(one.ui_events for one in within)
    entities = any(one.entities for one in within)
    if not ui_events:
        yield from _unseen(file, run)
    if any(message.has_too_many_roles for one in within for message in one.messages):
        return  # What they will be is to be settled first.
    if not ui_events and not entities:
        yield from _of_no_use(file, run)
    if file.commands and not events and (ui_events or entities):
        yield Diagnostic(
            file.commands[0].positions["command"],
            "SS106",
            f"the handlers of {file.path} can publish nothing: it neither declares nor imports "
            "an event; declare one, or import the file that does",
            severity=Severity.WARNING,
        )


def _of_no_use(file: FileDecl, run: Run) -> Iterator[Diagnostic]:
    """SS105, where something in the package shows that more was meant than keeping the events.

    Of the events of handlers that is any UI event or entity; of events alone,
    one that no events at all can become: each side waits for the other.
    """
    stored = [message for message in file.events if message.event and not message.event.ephemeral]
    if not stored:
        return
    uses = [other for other in _siblings(file, run) if _uses(other)]
    unused = [other for other in uses if not _is_reached(other, run)]
    wanted = uses if file.commands else unused
    importable = [other for other in wanted if file.path not in _behind(other, run)]
    if importable:
        other = importable[0]
        remedy = f"import {other.path}, or declare one"
    elif unused:
        other = unused[0]
        remedy = f"{other.path} can't be imported, since it imports this file: declare them there"
    else:
        return
    yield Diagnostic(
        stored[0].positions["event"],
        "SS105",
        f"nothing can come of the events of {file.path}: it neither declares nor imports "
        f"a UI event or an entity; {remedy}",
        (_example(other, _uses(other)),),
        Severity.WARNING,
    )


def _unseen(file: FileDecl, run: Run) -> Iterator[Diagnostic]:
    unseen = [message for message in file.events if message.event and message.event.ephemeral]
    if not unseen:
        return
    others = (other for other in _siblings(file, run) if other.ui_events)
    other = next((other for other in others if file.path not in _behind(other, run)), None)
    remedy = f"import {other.path}, declare one," if other else "declare one,"
    for message in unseen:
        yield Diagnostic(
            message.positions.get("event.ephemeral", message.positions["event"]),
            "SS103",
            f"nobody can see the ephemeral event {message.full_name}: it is never stored, and "
            f"{file.path} neither declares nor imports a UI event; {remedy} or remove ephemeral",
            (_example(other, other.ui_events),) if other else (),
        )


def _within(file: FileDecl, run: Run) -> Sequence[FileDecl]:
    """Returns the files whose roles the module of this one may use."""
    return (file, *run.visible_from(file))


def _siblings(file: FileDecl, run: Run) -> Iterator[FileDecl]:
    """Yields the other files of the package by path, as those see them that import them."""
    for path, other in sorted(run.files.items()):
        if path != file.path and other.package == file.package:
            yield other.exported()


def _is_reached(other: FileDecl, run: Run) -> bool:
    """Says whether anybody's events can become what the file declares."""
    return any(
        any(one.path == other.path for one in _within(file, run))
        for file in run.files.values()
        if file.events
    )


def _behind(file: FileDecl, run: Run) -> Collection[str]:
    """Returns the paths of what the file imports, however far behind: none can import it."""
    found, waiting = set[str](), [file.path]
    while waiting:
        new = set(run.files[waiting.pop()].visible) - found
        found |= new
        waiting += new
    return found


def _uses(file: FileDecl) -> Sequence[MessageDecl]:
    return (*file.ui_events, *file.entities)


def _example(file: FileDecl, messages: Sequence[MessageDecl]) -> Note:
    return Note(messages[0].position, f"{file.path} has {messages[0].name}, for example")
