"""The texts of a descriptor: names, paths, types; some are none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from google.protobuf.message import Message

from sessionstream_codegen.reading.source import Path

# protoc lets comments and strings have another encoding; of options only ours are read.
_NOT_READ = frozenset(
    {"default_value", "json_name", "options", "reserved_name", "source_code_info"}
)


def walk_texts(container: Message) -> Iterator[tuple[Path, str | bytes]]:
    """Yields the texts that are read of a message, at every depth, with their paths.

    One that is not UTF-8 is bytes: protobuf gives it as it came.
    """
    waiting: list[tuple[Path, object]] = [((), container)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str | bytes):
            yield path, value
        elif isinstance(value, Message):
            for field, inner in value.ListFields():
                if field.name not in _NOT_READ:
                    waiting += _items((*path, field.number), inner)


def _items(path: Path, value: object) -> Iterator[tuple[Path, object]]:
    """Yields the values of a field that is repeated, or its one."""
    if isinstance(value, Message | str | bytes | int | float):
        yield path, value
    elif isinstance(value, Iterable):
        yield from (((*path, index), item) for index, item in enumerate(value))
