"""Names of one role, as those of all events: which type each of them leads to."""

from __future__ import annotations

from collections.abc import Callable, Container
from itertools import chain, count
from typing import Generic, Protocol, TypeVar

from google.protobuf.message import Message

from sessionstream.errors import DuplicateNameError, SchemaError, UnknownNameError

# Shapeless at the top level: a payload of such a type would tell a reader, and
# a type checker, nothing. Inside a concrete message they are fine.
REFUSED_TYPES = frozenset(
    {
        "google.protobuf.Any",
        "google.protobuf.Empty",
        "google.protobuf.ListValue",
        "google.protobuf.Struct",
        "google.protobuf.Value",
    }
)


class DeclaredType(Protocol):
    """What the four kinds of type have in common."""

    @property
    def message_type(self) -> type[Message]:
        """The payload's message class."""


D = TypeVar("D", bound=DeclaredType)


class Namespace(Generic[D]):
    """The names and aliases of one role, each with its declared type."""

    def __init__(self, role: str) -> None:
        self.role = role
        self._by_name: dict[str, D] = {}
        self._aliases: dict[str, str] = {}

    def add(self, name: str, declared: D, aliases: tuple[str, ...] = ()) -> None:
        """Adds a type under its name and its aliases.

        Raises:
            DuplicateNameError: One of them is taken.
            SchemaError: One is unusable, or the type's message is.
        """
        _check_message_type(self.role, name, declared.message_type)
        names = (name, *aliases)
        for taken in names:
            if not _is_usable_name(taken):
                raise SchemaError(
                    f"a {self.role} needs a name of valid Unicode without outer spaces; "
                    f"got {taken!r}"
                )
            existing = self._find(taken)
            if existing is not None:
                raise self._duplicate(taken, existing, name, declared)
        if len(set(names)) < len(names):
            raise DuplicateNameError(self.role, name, "its own name or alias", _origin(declared))
        self._by_name[name] = declared
        self._aliases.update(dict.fromkeys(aliases, name))

    def get(self, name: str) -> D:
        """Returns the type of that name or alias; raises `UnknownNameError`."""
        try:
            return self._by_name[name]
        except (KeyError, TypeError):  # an alias, or no name at all
            found = self._find(name) if isinstance(name, str) else None
        if found is None:
            raise UnknownNameError(self.role, name, self.names())
        return found

    def names(self) -> tuple[str, ...]:
        """Returns the names, sorted, without the aliases."""
        return tuple(sorted(self._by_name))

    def holds(self, name: str, declared: D) -> bool:
        """Whether exactly this type has the name."""
        return self._by_name.get(name) == declared

    def restore_point(self) -> Callable[[], None]:
        """Returns a function that puts the names back as they are now."""
        by_name, aliases = dict(self._by_name), dict(self._aliases)

        def restore() -> None:
            self._by_name, self._aliases = by_name, aliases

        return restore

    def _find(self, name: str) -> D | None:
        return self._by_name.get(self._aliases.get(name, name))

    def _duplicate(self, taken: str, existing: D, name: str, declared: D) -> DuplicateNameError:
        known = self._aliases.get(taken, taken)
        origins = _origin(existing, taken, known), _origin(declared, taken, name)
        if existing.message_type is not declared.message_type:
            return DuplicateNameError(self.role, taken, *origins)
        advice = "Register one message once, with the same aliases and options"
        return DuplicateNameError(self.role, taken, *origins, advice)


def _is_usable_name(name: object) -> bool:
    if not isinstance(name, str) or not name or name != name.strip():
        return False
    return name.isprintable()  # no control characters, no lone surrogates


def _check_message_type(role: str, name: str, message_type: object) -> None:
    if (
        not (isinstance(message_type, type) and issubclass(message_type, Message))
        or message_type is Message
    ):
        raise SchemaError(f"{role} {name!r} needs a protobuf message class; got {message_type!r}")
    full_name = message_type.DESCRIPTOR.full_name
    if full_name in REFUSED_TYPES:
        raise SchemaError(
            f"{role} {name!r} can't carry a top-level {full_name}; "
            f"wrap it in a concrete message of your own"
        )


def _origin(declared: DeclaredType, taken: str = "", name: str = "") -> str:
    """Says where a declared type comes from; ``taken`` may be an alias of its ``name``."""
    descriptor = declared.message_type.DESCRIPTOR
    alias = "" if taken == name else f"an alias of {name!r}, "
    return f"{alias}{descriptor.full_name} ({descriptor.file.name})"


def free_name(name: str, taken: Container[str]) -> str:
    """Returns the name, with the first number that makes it free where it is taken."""
    numbered = (f"{name} {number}" for number in count(2))
    return next(free for free in chain((name,), numbered) if free not in taken)
