"""Reads a lock file: strictly, since half of one would hide what breaks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from sessionstream_codegen.roles import Role
from sessionstream_codegen.targets.header import GENERATED_BY
from sessionstream_codegen.targets.lock.file import FORMAT, SECTIONS, Lock, LockedKey, LockedName

T = TypeVar("T", str, int, bool)

_KINDS = {str: "a string", int: "a number", bool: "true or false"}
_CONFLICT = ("<<<<<<< ", ">>>>>>> ")


class LockError(Exception):
    """A text is no lock file that this release can read; the message says why.

    ``is_written``: the plugin wrote it once, and can do so again.
    """

    def __init__(self, why: str, *, is_written: bool = True) -> None:
        super().__init__(why)
        self.is_written = is_written


class NewerFormatError(LockError):
    """The lock file is one of a later release; the message says what to do as well."""


def parse(text: str) -> Lock:
    """Returns what a lock file holds.

    Raises:
        LockError: The text is no lock file, or one of a newer format.
    """
    if any(line.startswith(_CONFLICT) for line in text.splitlines()):
        raise LockError("holds a merge conflict (resolve the .proto files first)")
    try:
        return _parse(text)
    except _MalformedError as error:
        if GENERATED_BY in text:
            raise LockError(f"is no lock file any more: {error}") from error
        raise LockError(f"is no lock file: {error}", is_written=False) from error


def _parse(text: str) -> Lock:
    if not text.strip():
        raise _MalformedError("it is empty")
    try:
        root = _Entry(json.loads(text, object_pairs_hook=_unique), "")
    except (ValueError, RecursionError) as error:
        raise _MalformedError(f"it is no JSON ({error})") from error
    version = root.take("format", int)
    if version > FORMAT:
        raise NewerFormatError(
            f"has format {version}; this release reads formats up to {FORMAT}: "
            "upgrade sessionstream"
        )
    return Lock(
        tuple(
            _locked(role, name, entry)
            for section, role in SECTIONS.items()
            for name, entry in root.entry(section).entries()
        )
    )


class _MalformedError(Exception):
    """What is not as it should be, with its place."""


def _locked(role: Role, name: str, entry: _Entry) -> LockedName:
    return LockedName(
        role=role,
        name=name,
        payload=entry.take("payload", str),
        proto=entry.take("proto", str),
        aliases=tuple(entry.texts("aliases")),
        idempotent=entry.take("idempotent", bool, default=False),
        ephemeral=entry.take("ephemeral", bool, default=False),
        key=_key(entry.entry("key")) if role is Role.ENTITY else None,
    )


def _key(entry: _Entry) -> LockedKey:
    return LockedKey(
        name=entry.take("name", str), number=entry.take("number", int), type=entry.take("type", str)
    )


def _unique(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{json.dumps(twice, ensure_ascii=False)} is there twice")
    return found


class _Entry:
    """An object of the file, and its place there."""

    def __init__(self, value: object, place: str) -> None:
        if not isinstance(value, dict):
            raise _malformed(place, "an object")
        self._fields: Mapping[str, object] = value
        self._place = place

    def take(self, name: str, kind: type[T], default: T | None = None) -> T:
        value = self._fields.get(name, default)
        # A bool is an int to `isinstance`.
        if not isinstance(value, kind) or isinstance(value, bool) is not (kind is bool):
            raise _malformed(self._at(name), _KINDS[kind])
        return value

    def texts(self, name: str) -> Iterator[str]:
        values = self._fields.get(name, [])
        if not isinstance(values, list):
            raise _malformed(self._at(name), "a list of strings")
        for value in values:
            if not isinstance(value, str):
                raise _malformed(self._at(name), "a list of strings")
            yield value

    def entry(self, name: str) -> _Entry:
        return _Entry(self._fields.get(name), self._at(name))

    def entries(self) -> Iterator[tuple[str, _Entry]]:
        for name in self._fields:
            yield name, self.entry(name)

    def _at(self, name: str) -> str:
        return f"{self._place}.{name}".lstrip(".")


def _malformed(place: str, wanted: str) -> _MalformedError:
    return _MalformedError(f"{place or 'it'} should be {wanted}")
