"""Where UI events go once their event is committed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from google.protobuf.message import Message

from sessionstream.types import UIEvent


class UIFanout(Protocol):
    """Receives the UI events of every session, each session's in order.

    Calls for one session never overlap; calls for different sessions may.
    No publisher waits for it: one that is slow lags behind, and one that
    raises is recorded as an error.
    """

    async def publish_ui(
        self, session_id: str, ordinal: int, events: Sequence[UIEvent[Message]]
    ) -> None:
        """Takes the UI events of one committed event; never an empty batch.

        ``ordinal`` is the event's, or 0 when the event is ephemeral. Other
        fan-outs get the same payloads: they must not be changed.
        """
