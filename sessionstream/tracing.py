"""A trace of what the runtime does: a file with one line of JSON per record."""

from __future__ import annotations

import logging
import os
import threading
from contextlib import suppress
from dataclasses import fields
from datetime import UTC, datetime
from json import JSONEncoder
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from sessionstream.observer import (
    DeliveryRecord,
    DropRecord,
    ErrorRecord,
    PipelineRecord,
    Record,
    TransportRecord,
)

logger = logging.getLogger("sessionstream.tracing")

# One write for what comes in this many seconds, or for this many lines: a thread that writes
# gives way to the event loop, and when that is busy it is long until its next turn.
GATHER_SECONDS: Final = 0.1
GATHER_LINES: Final = 1000

_KINDS: Final[dict[type[Record], str]] = {
    PipelineRecord: "pipeline",
    DeliveryRecord: "delivery",
    ErrorRecord: "error",
    TransportRecord: "transport",
    DropRecord: "drop",
}
# The time has a name of its own; a context is an object of the exporter that asked for it.
_LEFT_OUT: Final = ("occurred_at", "context")
_FIELDS: Final = {
    kind: tuple(each.name for each in fields(kind) if each.name not in _LEFT_OUT) for kind in _KINDS
}
_as_json: Final = JSONEncoder(ensure_ascii=False).encode


def trace_line(record: Record) -> str:
    """Returns the record as one JSON object, without a line break.

    ``time`` (ISO 8601, UTC, microseconds) and ``kind`` come first, then all
    other fields of the record under their names, those that are empty too, but
    ``context``. Other times are in seconds since the Unix epoch.
    """
    return _as_json(trace_object(record))


def trace_object(record: Record) -> dict[str, object]:
    """Returns what `trace_line` writes, as an object that JSON can hold."""
    when = datetime.fromtimestamp(record.occurred_at, UTC).isoformat(timespec="microseconds")
    kind = type(record)
    line: dict[str, object] = {"time": when.replace("+00:00", "Z"), "kind": _KINDS[kind]}
    for name in _FIELDS[kind]:
        line[name] = getattr(record, name)
    return line


class TraceWriter:
    """An `Observer` that appends every record to a file, as a line of JSON.

    The file holds no payloads; of an error it has the text that the application
    gave it. What comes together is written together, a tenth of a second
    after its first record or when the trace is closed. Lines that can't be written,
    because the disk is full, are dropped and counted; the file keeps whole lines
    only, and a line of the kind ``drop`` stands where some are missing::

        with TraceWriter("trace.jsonl") as trace:
            async with Hub(registry, observers=[trace]) as hub:
                ...

    Close it after the Hub. A file has one writer at a time.

    Raises:
        OSError: The file can't be opened.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        # Guard: the lock, for all that follows. Records come on the observer's thread.
        self._lock = threading.Lock()
        self._file: int | None = os.open(self.path, flags, 0o644)
        self._lines: list[str] = []
        self._timer: threading.Timer | None = None
        self._missing = 0
        self._dropped = 0

    @property
    def dropped(self) -> int:
        """How many records are not in the file because it could not be written."""
        return self._dropped

    def __call__(self, record: Record) -> None:
        """Takes a record; one that comes after `close` is dropped and counted."""
        line = trace_line(record)
        with self._lock:
            if self._file is None:
                self._dropped += 1
                return
            self._lines.append(line)
            if len(self._lines) >= GATHER_LINES:
                self._write(self._file)
            elif self._timer is None:
                self._timer = threading.Timer(GATHER_SECONDS, self.flush)
                self._timer.daemon = True
                self._timer.start()

    def flush(self) -> None:
        """Writes what was gathered."""
        with self._lock:
            if self._file is not None:
                self._write(self._file)

    def close(self) -> None:
        """Writes what was gathered and closes the file; may be called twice."""
        with self._lock:
            if self._file is not None:
                self._write(self._file)
                os.close(self._file)
                self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _write(self, file: int) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        lines, self._lines = self._lines, []
        if not lines:
            return
        gap = [trace_line(DropRecord(count=self._missing))] if self._missing else []
        size = os.fstat(file).st_size
        try:
            _write_all(file, "".join(f"{line}\n" for line in [*gap, *lines]))
        except OSError as error:
            if not self._missing:
                logger.warning("the trace %s can't be written: %s", self.path, error)
            self._missing += len(lines)
            self._dropped += len(lines)
            with suppress(OSError):  # no regular file: what is there has gone already
                os.ftruncate(file, size)
        else:
            self._missing = 0


def _write_all(file: int, text: str) -> None:
    # JSON's own form of half a surrogate pair, which UTF-8 has not.
    left = text.encode(errors="backslashreplace")
    while left:
        left = left[os.write(file, left) :]
