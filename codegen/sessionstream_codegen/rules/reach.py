"""Rules about what can come of a file's commands and events.

What the handlers and projections of a file may use is what it declares and
what it imports. A file with one kind of messages only is no mistake: it may be
there to be imported. Nor are events that are kept and no more, unless the
package has what they could become.
"""

from __future__ import annotations

from collections.abc import Iterator

from sessionstream_codegen.diagnostics import Diagnostic, Note, Severity
from sessionstream_codegen.model import FileDecl, Run


def check_reach(file: FileDecl, run: Run) -> Iterator[Diagnostic]:
    """SS103, SS105, SS106: what handlers publish must be there, and be of use."""
    within = (file, *run.visible_from(file))
    events = any(one.events for one in within)
    ui_events = any(one.ui_events for one in within)
    entities = any(one.entities for one in within)
    if not ui_events:
        yield from _unseen(file)
    if file.commands and not ui_events and not entities:
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
    stored = [message for message in file.events if message.event and not message.event.ephemeral]
    for other in sorted(run.files.values(), key=lambda other: other.path):
        uses = (*other.ui_events, *other.entities)
        # One that imports this file can't be imported by it.
        if stored and uses and other.package == file.package and file.path not in other.visible:
            yield Diagnostic(
                stored[0].positions["event"],
                "SS105",
                f"nothing can come of the events of {file.path}: it neither declares nor imports "
                f"a UI event or an entity; import {other.path}, or declare one",
                (Note(uses[0].position, f"{other.path} has {uses[0].name}, for example"),),
                Severity.WARNING,
            )
            return


def _unseen(file: FileDecl) -> Iterator[Diagnostic]:
    for message in file.events:
        if message.event and message.event.ephemeral:
            yield Diagnostic(
                message.positions.get("event.ephemeral", message.positions["event"]),
                "SS103",
                f"nobody can see the ephemeral event {message.full_name}: it is never stored, and "
                f"{file.path} neither declares nor imports a UI event; "
                "declare one, or remove ephemeral",
            )
