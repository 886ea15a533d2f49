"""Requests that are answered without a connection of their own; HTTP's, but for event streams."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from sessionstream.errors import ProtocolError
from sessionstream.observer import Observers, TransportEvent, TransportRecord
from sessionstream.transport.access import Principal
from sessionstream.transport.codes import CloseCode, ErrorCode
from sessionstream.transport.seats import Seats


class Visit:
    """One request. To observers it is a short connection."""

    def __init__(self, observers: Observers, session_id: str) -> None:
        self.id = secrets.token_hex(8)
        self._observers = observers
        self._session_id = session_id

    def tell(self, event: TransportEvent, detail: str = "") -> None:
        """Tells the observers."""
        if self._observers:
            record = TransportRecord(
                event=event, connection_id=self.id, session_id=self._session_id, detail=detail
            )
            self._observers.notify(record)


@contextmanager
def visiting(
    seats: Seats, observers: Observers, principal: Principal, session_id: str
) -> Iterator[Visit]:
    """Counts a request with the connections while it is answered, and tells the observers.

    Raises:
        ProtocolError: There are too many: ``unavailable``, or ``rate_limited``
            where they are the principal's.
    """
    visit = Visit(observers, session_id)
    refused = seats.enter(visit, principal)
    if refused is not None:
        is_of_one = refused is CloseCode.TOO_MANY_OF_PRINCIPAL
        code = ErrorCode.RATE_LIMITED if is_of_one else ErrorCode.UNAVAILABLE
        raise ProtocolError(code, "too many connections")
    visit.tell(TransportEvent.CONNECTED)
    try:
        yield visit
    finally:
        seats.leave(visit)
        visit.tell(TransportEvent.DISCONNECTED)
