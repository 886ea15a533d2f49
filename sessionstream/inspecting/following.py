"""Follows a session in a store's file, as ``tail -f`` does a log."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator

from sessionstream.errors import StoreError
from sessionstream.inspecting.listings import Listings, Row

PAGE = 500
"""How many events are read in one transaction."""

Page = Callable[[int, int], Iterator[Row]]
"""Lists the rows of events above an ordinal, of as many as the second number says."""


def follow(
    db: sqlite3.Connection, listings: Listings, session_id: str, page: Page, after: int
) -> Iterator[Row | None]:
    """Yields rows as they are committed; None when it has seen all that there is.

    Raises:
        StoreError: The session was deleted.
    """
    epoch = listings.epoch(session_id)
    reached = after
    while True:
        db.execute("BEGIN")  # the epoch and the page are of one moment
        try:
            if listings.epoch(session_id) != epoch:
                raise StoreError(f"session {session_id!r}", "it was deleted meanwhile")
            rows = list(page(reached, PAGE))
        finally:
            db.execute("ROLLBACK")
        for row in rows:
            reached = int(str(row["ordinal"]))
            yield row
        if not rows:
            yield None
