"""The two doors into a Hub: events from a handler, commands from a client."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

from google.protobuf.message import Message

from sessionstream.types import Event

P = TypeVar("P", bound=Message)


class EventPublisher(Protocol):
    """Publishes the events of one session; a handler is given one."""

    async def publish(self, name: str, payload: P) -> Event[P]:
        """Returns the event, with its ordinal, once it is committed.

        The payload is copied before the first suspension: changing it
        afterwards changes nothing. Calls are ordered as they are made. A call
        that is cancelled leaves a whole event or none.

        Raises:
            UnknownNameError: No event of that name is registered.
            PayloadTypeError: The payload is not of the event's type.
            ProjectionError: The event is stored, but a projection under the
                policy ``fail`` did not accept it.
            StoreError: The commit failed; nothing is stored.
            HubClosedError: The Hub no longer accepts events.
        """

    async def publish_all(self, events: Iterable[tuple[str, P]]) -> list[Event[P]]:
        """Returns the events, once they are committed, as one: all of them or none.

        Their ordinals follow each other, and each is projected on what the
        ones before it made. Takes pairs of name and payload; raises what
        `publish` does. After a `ProjectionError` all of them are stored.
        """


class CommandSubmitter(Protocol):
    """Runs commands: a Hub, or a client of a remote one."""

    async def submit(self, session_id: str, name: str, payload: Message) -> None:
        """Returns when the command's handler has returned; raises what it raised."""
