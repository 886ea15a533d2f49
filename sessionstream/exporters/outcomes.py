"""How a command ended, in one word."""

from __future__ import annotations

from enum import StrEnum

from sessionstream.errors import CommandRefusedError
from sessionstream.observer import PipelineRecord, PipelineStage


class Outcome(StrEnum):
    """How a command ended. One that is refused got an answer that its handler meant to give."""

    COMPLETED = "completed"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    FAILED = "failed"


_BY_ERROR = {
    CommandRefusedError.__name__: Outcome.REFUSED,
    "CancelledError": Outcome.CANCELLED,
}


def outcome_of(record: PipelineRecord) -> Outcome | None:
    """Returns how a command ended; None for a record of anything else."""
    match record.stage:
        case PipelineStage.COMMAND_COMPLETED:
            return Outcome.COMPLETED
        case PipelineStage.COMMAND_FAILED:
            return _BY_ERROR.get(record.error_type, Outcome.FAILED)
        case _:
            return None
