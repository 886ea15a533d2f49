"""A command that arrives twice, because its answer was lost."""

from __future__ import annotations

from typing import Final

from sessionstream import Observer
from sessionstream.hydration.memory import MemoryStore
from systemlab.board import lab_registry, log_of, open_board
from systemlab.checking import check
from systemlab.experiments.report import Report
from systemlab.v1 import lab_pb2 as pb
from systemlab.v1 import lab_sessionstream as lab

SESSION: Final = "twice"


async def run(observer: Observer, *, is_broken: bool) -> Report:
    """Gives the same command three times; with ``is_broken`` under a new id each time."""
    report = Report()
    verdicts = []
    async with (
        MemoryStore() as store,
        open_board(lab_registry(), store, observers=[observer]) as hub,
    ):
        for attempt in range(1, 4):
            command_id = f"attempt-{attempt}" if is_broken else "the-one"
            receipt = await hub.accept(
                SESSION,
                lab.ADD_NOTE.name,
                pb.AddNote(note_id="n1", text="Pay the rent"),
                command_id=command_id,
            )
            if receipt.outcome is not None:
                await receipt.outcome
            verdicts.append(receipt.verdict.name)
            report.lines.append(f"id {command_id!r}: {receipt.verdict.name}")
        events = await log_of(store, SESSION)
    report.lines.append(f"The log has {len(events)} events.")
    often = [] if len(events) == 1 else [f"its handler ran {len(events)} times"]
    untold = [
        f"attempt {number} was answered {verdict}"
        for number, verdict in enumerate(verdicts, 1)
        if (verdict == "DUPLICATE") != (number > 1)
    ]
    report.checks = [
        check("A command that arrives again is not run again", often, len(verdicts), "attempts"),
        check("Its client is told so", untold, len(verdicts), "attempts"),
    ]
    return report
