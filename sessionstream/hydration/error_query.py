"""What a store is asked for when its error records are listed."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sessionstream.arguments import check_amount, check_type
from sessionstream.hydration.batch import check_page
from sessionstream.observer import ErrorRecord, ErrorSource
from sessionstream.types import check_session_id, escaped

Position = tuple[float, int, str, str, str]
"""Occurred at, ordinal, source, session id, name: the order of error records, reversed."""


def position(record: ErrorRecord) -> Position:
    """Returns where a record stands among all others."""
    return (
        record.occurred_at,
        record.ordinal,
        record.source.value,
        record.session_id,
        escaped(record.name),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorQuery:
    """The arguments of `HydrationStore.errors`."""

    session_id: str | None
    limit: int
    source: ErrorSource | None = None
    since: float | None = None
    until: float | None = None
    resolved: bool | None = False
    after: ErrorRecord | None = None

    def check(self, location: str) -> None:
        """Refuses an unusable session id, limit or filter.

        Raises:
            SessionIdError: It is no session id.
            StoreError: The limit is negative.
            TypeError: A filter is of another type than it should be.
        """
        if self.source is not None:
            check_type("source", self.source, ErrorSource)
        if self.after is not None:
            check_type("after", self.after, ErrorRecord)
        for what, moment in (("since", self.since), ("until", self.until)):
            if moment is not None:
                check_amount(what, moment, least=-math.inf)
        if self.session_id is not None:
            check_session_id(self.session_id)
        check_page(location, self.limit)

    def matches(self, record: ErrorRecord) -> bool:
        """Whether the record is asked for, apart from the limit."""
        return (
            (self.session_id is None or record.session_id == self.session_id)
            and (self.source is None or record.source is self.source)
            and (self.since is None or record.occurred_at >= self.since)
            and (self.until is None or record.occurred_at < self.until)
            and (self.resolved is None or (record.resolved_at is not None) is self.resolved)
            and (self.after is None or position(record) < position(self.after))
        )
