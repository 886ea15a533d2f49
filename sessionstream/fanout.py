"""Where UI events go once their event is committed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from google.protobuf.message import Message

from sessionstream.types import UIEvent


class UIFanout(Protocol):
    """Receives the UI events of every session, each session's in order.

    Calls for one session never overlap; calls for different sessions may.
    No publisher waits for it. One that is slow lags behind, up to 1,024 events
    of a session; what comes beyond them is dropped for it.

    What is dropped and what it raises becomes error records: the first of a
    session at once, and how many there were when it works again, is removed, or
    the Hub closes. A batch on which it failed does not come again.
    """

    async def publish_ui(
        self, session_id: str, ordinal: int, events: Sequence[UIEvent[Message]]
    ) -> None:
        """Takes the UI events of one committed event; never an empty batch.

        ``ordinal`` is the event's, or 0 when the event is ephemeral. Other
        fan-outs get the same payloads: they must not be changed.
        """
