"""The file that ``--trace`` names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sessionstream import Observer
from sessionstream.tracing import TraceWriter


class TraceError(Exception):
    """The trace can't be written. The text names the file and the remedy."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return (
            f"can't write a trace to {self.path}: {self.reason}; choose another file with --trace"
        )


@contextmanager
def traced(path: Path | None, database: Path | None) -> Iterator[tuple[Observer, ...]]:
    """Gives out an observer that appends to the file, or none without a path.

    Raises:
        TraceError: The file can't be opened, or is the database's.
    """
    if path is None:
        yield ()
        return
    if database is not None and path.absolute().resolve() in _files_of(database):
        raise TraceError(path, "the database is there")
    try:
        writer = TraceWriter(path)
    except (OSError, ValueError) as error:  # a name that no file can have is a ValueError
        raise TraceError(path, getattr(error, "strerror", None) or str(error)) from error
    with writer:
        yield (writer,)


def _files_of(database: Path) -> set[Path]:
    whole = database.absolute().resolve()
    return {whole, *(whole.with_name(f"{whole.name}-{end}") for end in ("wal", "shm", "journal"))}
