"""What the transport needs of a Hub."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Protocol

from google.protobuf.message import Message

from sessionstream.observer import Observers
from sessionstream.schema import SchemaRegistry
from sessionstream.transport.readings import History, Opened, Outcome, Receipt, Verdict
from sessionstream.types import Position, UIBatch

__all__ = [
    "History",
    "Opened",
    "Outcome",
    "Receipt",
    "Rest",
    "SessionSource",
    "UIFeed",
    "Verdict",
]


Rest = Coroutine[object, object, None]
"""What is left to do of something, for a task that runs it."""


class UIFeed(Protocol):
    """Receives the UI events of every session, each session's in order.

    No publisher waits for it, but other sessions do while a call runs.
    """

    def deliver(self, batch: UIBatch) -> Rest | None:
        """Takes the UI events of one committed event, or of an ephemeral one.

        What can't be done at once is returned. It is run before anything else
        of the session comes; other sessions do not wait for it.
        """

    def reset(self, session_id: str) -> None:
        """Takes note that what the session was is void: it was deleted, or made anew.

        Whoever shows it needs a snapshot. Comes in its place between the batches.
        """


class SessionSource(Protocol):
    """A Hub, as connections see it."""

    @property
    def registry(self) -> SchemaRegistry:
        """The names and types of the application."""

    @property
    def observers(self) -> Observers:
        """Who is told what happens on connections."""

    def add_feed(self, feed: UIFeed) -> None:
        """Hands every later UI event to ``feed`` too."""

    def remove_feed(self, feed: UIFeed) -> None:
        """Ends that; what is queued for it still comes."""

    async def opened(self, session_id: str) -> Opened:
        """Returns the session's timeline and position."""

    async def position(self, session_id: str) -> Position:
        """Returns the session's position."""

    async def history(self, session_id: str, after: int, limit: int = 256) -> History:
        """Returns up to ``limit`` batches of UI events with an ordinal above ``after``."""

    async def accept(
        self,
        session_id: str,
        name: str,
        payload: Message,
        *,
        command_id: str,
        expected_ordinal: int | None = None,
        principal: str = "",
    ) -> Receipt:
        """Takes in a command and returns once its record is stored; it then runs by itself.

        One whose id is known in the session is not run again, but for one that
        was interrupted and is declared ``idempotent``.

        Raises:
            SchemaError: No such command, or the payload is not its message.
            HandlerError: It has no handler.
            SessionIdError: The session id is unusable.
            CommandIdReusedError: Its id is that of another command, or of another principal's.
            StoreError: It can't be stored; it is not run.
            HubClosedError: The Hub takes no commands any more.
        """

    async def aclose(self) -> None:
        """Refuses new work and finishes what was accepted; may be called twice."""
