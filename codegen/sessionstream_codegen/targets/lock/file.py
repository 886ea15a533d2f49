"""The lock file: the names that stored sessions and connected clients rely on.

buf knows messages and fields, not what they are used for. The lock file holds
what buf does not see, so that a change shows in a diff, and
``sessionstream breaking`` can judge it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sessionstream_codegen.roles import Role

FILE_NAME = "sessionstream.lock.json"

FORMAT = 1
"""Grows when an older reader would misunderstand the file; it skips keys that are new to it."""


SECTIONS: Mapping[str, Role] = {
    "commands": Role.COMMAND,
    "events": Role.EVENT,
    "ui_events": Role.UI_EVENT,
    "entities": Role.ENTITY,
}
"""The keys of the file, in its order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedKey:
    """The key field of an entity; ``type`` is what the .proto calls it."""

    name: str
    number: int
    type: str

    def __str__(self) -> str:
        return f"{self.type} {self.name} = {self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedName:
    """A name, the message of its payload, and the .proto file that declares that."""

    role: Role
    name: str
    payload: str
    proto: str
    aliases: tuple[str, ...] = ()
    idempotent: bool = False
    ephemeral: bool = False
    key: LockedKey | None = None


@dataclass(frozen=True, slots=True)
class Lock:
    """All names of a schema."""

    names: tuple[LockedName, ...]

    def of(self, role: Role) -> tuple[LockedName, ...]:
        """Returns the names of a role, sorted."""
        found = (locked for locked in self.names if locked.role is role)
        return tuple(sorted(found, key=lambda locked: locked.name))

    def known(self, role: Role) -> Mapping[str, LockedName]:
        """Returns what each name of a role leads to, aliases included."""
        return {name: found for found in self.of(role) for name in (found.name, *found.aliases)}


def render(lock: Lock, head: Mapping[str, str]) -> str:
    """Returns the lock file; ``head`` comes first, texts for its reader."""
    sections = {
        section: {found.name: _fields(found) for found in lock.of(role)}
        for section, role in SECTIONS.items()
    }
    return json.dumps({**head, "format": FORMAT, **sections}, indent=2, ensure_ascii=False) + "\n"


def _fields(found: LockedName) -> dict[str, object]:
    fields: dict[str, object] = {"payload": found.payload, "proto": found.proto}
    if found.key is not None:
        key = found.key
        fields["key"] = {"name": key.name, "number": key.number, "type": key.type}
    if found.aliases:
        fields["aliases"] = sorted(found.aliases)
    if found.idempotent:
        fields["idempotent"] = True
    if found.ephemeral:
        fields["ephemeral"] = True
    return fields
