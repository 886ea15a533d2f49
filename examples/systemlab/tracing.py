"""What a page shows of the runtime's records."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Final

from sessionstream.inspector import Reading, Recorder
from sessionstream.tracing import trace_line
from systemlab.checking import JSON

# Shorter than what the server waits for requests when it ends.
_WAIT_SECONDS: Final = 2.0


async def trace_after(recorder: Recorder, after: int) -> dict[str, JSON]:
    """Returns the records above ``after``; waits a while where there are none yet.

    The object has ``records``, each with its ``sequence`` and the fields of
    `sessionstream.tracing.trace_line`, and ``missed``, how many were forgotten before.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(_WAIT_SECONDS):
            await recorder.wait(after)
    reading = recorder.read(after)
    return {"records": trace_rows(reading), "missed": reading.missed}


def trace_rows(reading: Reading) -> list[JSON]:
    """Returns the records of a reading as JSON."""
    return [
        {"sequence": entry.sequence, **json.loads(trace_line(entry.record))}
        for entry in reading.entries
    ]
