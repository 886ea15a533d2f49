"""A projection that fails on one event, under either policy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, final

from sessionstream import (
    ErrorRecord,
    Event,
    Hub,
    Observer,
    ProjectionError,
    ProjectionPolicies,
    ProjectionPolicy,
    Projector,
    Session,
    override,
)
from sessionstream.hydration.memory import MemoryStore
from systemlab.board import lab_registry, log_of, open_board
from systemlab.checking import Check, check
from systemlab.experiments.report import Report
from systemlab.folding import board_of_entities, board_of_log, differences
from systemlab.notes import StoredNotes
from systemlab.v1 import lab_pb2 as pb
from systemlab.v1 import lab_sessionstream as lab

SWALLOWED: Final = "swallowed-errors"
OTHER_POLICY: Final = "other-policy"
NEVER_MENDED: Final = "never-mended"
_POISON: Final = "n2"


@final
class Fragile(StoredNotes):
    """Fails on one note until it is mended; with ``swallows`` it hides that instead."""

    def __init__(self, *, swallows: bool) -> None:
        self.is_mended = False
        self._swallows = swallows

    @override
    def note_added(
        self, event: Event[pb.NoteAdded], session: Session, view: lab.LabTimelineView
    ) -> Iterable[lab.LabEntity]:
        """Keeps the note, if it can."""
        if event.payload.note_id != _POISON or self.is_mended:
            return super().note_added(event, session, view)
        if self._swallows:
            return []
        raise ValueError(f"no place for note {_POISON!r}")


async def run(policy: ProjectionPolicy, observer: Observer, fault: str) -> Report:
    """Publishes four notes; the projection fails on the second and is mended before the last."""
    report, session_id = Report(), f"failing-{policy.value}"
    projection = Fragile(swallows=fault == SWALLOWED)
    others = [one for one in ProjectionPolicy if one is not policy]
    policies = ProjectionPolicies(timeline=others[0] if fault == OTHER_POLICY else policy)
    async with MemoryStore() as store:
        opening = open_board(
            lab_registry(), store, observers=[observer], timeline=projection, policies=policies
        )
        async with opening as hub:
            for note_id in ("n1", "n2", "n3"):
                await _publish(hub, session_id, note_id, report)
            held = await hub.projection_cursor(Projector.TIMELINE, session_id)
            errors = await hub.errors(session_id)
            report.lines.append(
                f"The log is at 3, the timeline at {held}, open errors: {_open(errors)}."
            )
            if fault != NEVER_MENDED:
                projection.is_mended = True
                report.lines.append("The projection is mended.")
            if policy is ProjectionPolicy.ADVANCE:
                await hub.rebuild_timeline(session_id)
                report.lines.append("The timeline is rebuilt from the log.")
            await _publish(hub, session_id, "n4", report)
            snapshot = await hub.snapshot(session_id)
            log = [
                event.payload
                for event in await log_of(store, session_id)
                if isinstance(event, Event)
            ]
            board = board_of_entities(entity.payload for entity in snapshot.entities)
            left = differences(board_of_log(log), board)
            report.checks = _checks(policy, held, errors, left)
    return report


def _checks(
    policy: ProjectionPolicy, held: int, errors: list[ErrorRecord], left: list[str]
) -> list[Check]:
    expected = 1 if policy is ProjectionPolicy.FAIL else 3
    wrong = [] if held == expected else [f"it stood at {held}, not at {expected}"]
    silent = [] if errors else ["the projection failed and no error was recorded"]
    name = f"P7 {policy.value}"
    stands = "is held back" if policy is ProjectionPolicy.FAIL else "goes on"
    return [
        check(f"{name}: a projection that fails {stands}", wrong, 3, "events"),
        check(f"{name}: its failure is recorded", silent, 3, "events"),
        check(f"{name}: once mended, the timeline is the fold of the log", left, 4, "events"),
    ]


async def _publish(hub: Hub, session_id: str, note_id: str, report: Report) -> None:
    note = pb.NoteAdded(note_id=note_id, text=f"text of {note_id}")
    try:
        event = await hub.publish(session_id, lab.NOTE_ADDED.name, note)
    except ProjectionError as error:
        report.lines.append(f"publish {note_id}: stored, but {error}")
    else:
        report.lines.append(f"publish {note_id}: ordinal {event.ordinal}")


def _open(errors: list[ErrorRecord]) -> int:
    return sum(error.resolved_at is None for error in errors)
