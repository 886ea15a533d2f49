"""What a message may be for sessionstream, and what its options say of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Role(Enum):
    """What a message is, and a name stands for. The values are for people.

    Each role has names of its own: an event may be called as a command is.
    """

    COMMAND = "command"
    EVENT = "event"
    UI_EVENT = "UI event"
    ENTITY = "entity"

    @property
    def option(self) -> str:
        """The option that gives it, a field of ``(sessionstream.v1.message)``: ``ui_event``."""
        return self.name.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRole:
    """The message is a command. An empty name means the message's simple name."""

    name: str
    aliases: tuple[str, ...]
    idempotent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRole:
    """The message is an event. An empty name means the message's simple name."""

    name: str
    aliases: tuple[str, ...]
    ephemeral: bool


@dataclass(frozen=True, slots=True)
class UIEventRole:
    """The message is the payload of these UI events; of one named like it, if empty."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EntityRole:
    """The message is an entity. An empty kind means the message's simple name."""

    kind: str
