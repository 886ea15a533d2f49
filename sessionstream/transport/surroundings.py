"""What a connection needs of where it is."""

from __future__ import annotations

from typing import Protocol, TypeVar

from sessionstream.transport.access import Principal
from sessionstream.transport.gate import Gate
from sessionstream.transport.intake import Intake
from sessionstream.transport.reads import Reads
from sessionstream.transport.settings import TransportSettings
from sessionstream.transport.source import SessionSource

M = TypeVar("M", contravariant=True)


class Surroundings(Protocol[M]):
    """Rooms whose members are connections; see `rooms.Rooms`."""

    settings: TransportSettings
    source: SessionSource
    gate: Gate
    reads: Reads
    intake: Intake

    def join(self, session_id: str, member: M) -> None:
        """Makes ``member`` receive the session's batches; may be repeated."""

    def leave(self, session_id: str, member: M) -> None:
        """Ends that; does nothing where there is nothing to end."""

    def identify(self, member: M, principal: Principal) -> bool:
        """Takes note who a client is; False where that one has too many connections."""
