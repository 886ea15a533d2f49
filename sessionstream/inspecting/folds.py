"""What can be checked of a file with its application: that its timelines are folds, above all."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path

from google.protobuf.message import Message

from sessionstream.errors import SessionStreamError, StoreError
from sessionstream.hub import Hub
from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.inspecting.application import Install, installed, session_ids
from sessionstream.inspecting.checks import CheckResult, Violation
from sessionstream.inspecting.payloads import PayloadTexts
from sessionstream.inspecting.readability import check_payloads
from sessionstream.projection import ProjectionPolicies, ProjectionPolicy
from sessionstream.types import StoredEntity, TimelineEntity, UnreadableEntity

TITLE = "stored timelines are the folds of their logs up to their cursors"

# A timeline that was held back stands before the event that failed, and one that went on has
# left it out: both are what this policy folds.
_POLICIES = ProjectionPolicies(timeline=ProjectionPolicy.ADVANCE)


async def check_with_application(
    db: sqlite3.Connection, install: Install, seen: Callable[[int], None]
) -> AsyncIterator[CheckResult]:
    """Decodes all payloads, then folds the logs of a copy; ``seen`` is told how many it folded.

    Raises:
        SessionStreamError: The copy can't be made, or the application not installed.
    """
    with tempfile.TemporaryDirectory(prefix="sessionstream-") as folder:
        copy = Path(folder) / "copy.db"
        with closing(sqlite3.connect(copy)) as target:
            db.backup(target)
        async with installed(copy, install, _POLICIES) as (hub, store):
            yield check_payloads(db, PayloadTexts(hub.registry))
            yield await _folds(hub, store, seen)


async def _folds(hub: Hub, store: SQLiteStore, seen: Callable[[int], None]) -> CheckResult:
    violations: list[Violation] = []
    count = 0
    try:
        async for session_id in session_ids(store):
            wrong = await _differences(hub, store, session_id)
            violations.extend(Violation(session_id, each) for each in wrong)
            count += 1
            seen(count)
    except StoreError as error:
        violations.append(Violation(None, f"the check ends here: {error.reason}"))
    return CheckResult("P2", TITLE, f"{count} sessions", tuple(violations))


async def _differences(hub: Hub, store: SQLiteStore, session_id: str) -> list[str]:
    try:
        at = (await store.cursors(session_id)).timeline
        stored = await store.timeline(session_id)
        folded = (await hub.snapshot(session_id, as_of=at)).entities
    except SessionStreamError as error:
        return [f"its log can't be folded: {error}"]
    return [f"{wrong}; the fold is as of event {at}" for wrong in _compared(stored, folded)]


def _compared(
    stored: Iterable[StoredEntity], folded: Iterable[TimelineEntity[Message]]
) -> Iterator[str]:
    expected = {(entity.kind, entity.id): entity for entity in folded}
    for entity in stored:
        key = (entity.kind, entity.id)
        found = expected.pop(key, None)
        if isinstance(entity, UnreadableEntity):
            yield f"entity {_named(key)} can't be read: {entity.reason}"
        elif found is None:
            yield f"entity {_named(key)} is stored, and is not in the fold"
        elif found != entity:
            yield f"entity {_named(key)} is stored otherwise than it is in the fold"
    for key in expected:
        yield f"entity {_named(key)} is in the fold, and is not stored"


def _named(key: tuple[str, str]) -> str:
    return f"{key[0]} {key[1]!r}"
