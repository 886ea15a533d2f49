"""What the inspector answers, as objects for JSON."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from google.protobuf.message import Message

from sessionstream.codec import encode_json
from sessionstream.errors import SessionStreamError
from sessionstream.hub import Hub
from sessionstream.inspector.recorder import Recorder
from sessionstream.observer import ErrorRecord, Record
from sessionstream.projection import Projector
from sessionstream.tracing import trace_object
from sessionstream.transport.http.problems import ProblemCode, ProblemError
from sessionstream.transport.info import ConnectionInfo, SubscriptionInfo
from sessionstream.transport.rooms import Rooms
from sessionstream.types import (
    StoredEvent,
    TimelineEntity,
    UIBatch,
    UnreadableEvent,
    check_session_id,
)

# How many rows an answer has at most, and how many entities.
PAGE: Final = 50
MOST_ENTITIES: Final = 500
# How many names of a record are shown.
MOST_LISTED: Final = 20
# A payload that is longer as JSON is shown as its length alone.
MOST_CHARACTERS: Final = 20_000
# How long an answer waits for records, in seconds, and how many may wait at once. A server that
# ends waits for requests as long, so it is short: the page asks again.
WAIT_SECONDS: Final = 2.0
MOST_WAITING: Final = 64

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Question:
    """The fields of a query."""

    fields: Mapping[str, str]

    def session(self, name: str) -> str | None:
        """Returns a session's id.

        Raises:
            SessionIdError: None can be like that.
        """
        given = self.fields.get(name)
        return None if given is None else check_session_id(given)

    def number(self, name: str) -> int:
        """Returns a number, 0 where it is not given.

        Raises:
            ProblemError: It is none, below 0 or above 2^53.
        """
        given = self.fields.get(name, "0")
        if not (given.isascii() and given.isdecimal() and len(given) <= 15):
            raise ProblemError(ProblemCode.BAD_REQUEST, f"{name} is a number; got {given[:40]!r}")
        return int(given)


class Views:
    """Looks at a Hub, its recorder and its rooms."""

    def __init__(
        self, hub: Hub, recorder: Recorder, rooms: Rooms | None, *, payloads: bool
    ) -> None:
        self._hub = hub
        self._recorder = recorder
        self._rooms = rooms
        self._payloads = payloads
        # Guarded by the event loop.
        self._waiting = 0

    async def sessions(self, question: Question) -> Row:
        """Returns a page of sessions by id; ``next`` is what to ask for after it, None at the end.

        Of each: head, cursors of both kinds of projections, the start of the log, how many
        clients watch it.
        """
        after = question.session("after") or ""
        found = await self._hub.store.sessions(after, PAGE)
        watchers: dict[str, int] = {}
        for connection in self._connected():
            for each in connection.subscriptions:
                watchers[each.session_id] = watchers.get(each.session_id, 0) + 1
        return {
            "sessions": [await self._session_row(each, watchers.get(each, 0)) for each in found],
            "next": found[-1] if len(found) == PAGE else None,
        }

    async def _session_row(self, session_id: str, watchers: int) -> Row:
        cursors = await self._hub.store.cursors(session_id)
        timeline = cursors.timeline
        if timeline < cursors.event:  # what is stored of it may trail; what is true, the Hub knows
            timeline = await self._hub.projection_cursor(Projector.TIMELINE, session_id)
        return {
            "session": session_id,
            "head": cursors.event,
            "ui": cursors.ui,
            "timeline": timeline,
            "start": cursors.log_start,
            "epoch": cursors.epoch,
            "watchers": watchers,
        }

    async def session(self, question: Question) -> Row:
        """Returns a session: its row, entities, last events, and UI events kept of these."""
        session_id = question.session("id")
        if session_id is None:
            raise ProblemError(ProblemCode.BAD_REQUEST, "say which session: ?id=…")
        store = self._hub.store
        row = await self._session_row(session_id, 0)
        if not row["epoch"]:
            raise ProblemError(ProblemCode.NOT_FOUND, f"there is no session {session_id!r}")
        after = max(int(str(row["head"])) - PAGE, 0)
        events = await store.events(session_id, after, PAGE)
        entities = (await self._hub.snapshot(session_id)).entities  # what is stored may trail
        batches = await store.ui_batches(session_id, after, PAGE)
        return {
            "session": row,
            "events": [self._event(each) for each in events],
            "entities": [self._entity(each) for each in entities[:MOST_ENTITIES]],
            "entities_total": len(entities),
            "ui": [each for batch in batches for each in self._ui(batch)],
            "payloads": self._payloads,
        }

    async def records(self, question: Question) -> Row:
        """Returns records with a sequence above ``after``; waits for one where there is none.

        ``missed`` says how many were forgotten before they were asked for.
        """
        after, session_id = question.number("after"), question.session("session")
        if after > self._recorder.newest:  # of another life of this process
            after = 0
        await self._until_news(after)
        reading = self._recorder.read(after, session_id=session_id, limit=PAGE * 4)
        return {
            "records": [
                {"sequence": entry.sequence, **self._traced(entry.record)}
                for entry in reading.entries
            ],
            "newest": reading.newest,
            "missed": reading.missed if after else 0,
        }

    async def _until_news(self, after: int) -> None:
        if self._waiting >= MOST_WAITING:
            raise ProblemError("unavailable", f"{MOST_WAITING} others are waiting for records")
        self._waiting += 1
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(WAIT_SECONDS):
                    await self._recorder.wait(after)
        finally:
            self._waiting -= 1

    async def connections(self, question: Question) -> Row:
        """Returns who is connected, with queues, and of each subscription its lag.

        The lag is how many events lie between what was handed out to the client and the last
        event that had something to show. Fields are those of `ConnectionInfo`.
        """
        shown = self._connected()
        heads = await self._heads({each.session_id for one in shown for each in one.subscriptions})
        return {
            "connections": [
                {
                    "id": one.id,
                    "principal": one.principal,
                    "remote": one.remote,
                    "subprotocol": one.subprotocol,
                    "queued_frames": one.queued_frames,
                    "queued_bytes": one.queued_bytes,
                    "subscriptions": [
                        _subscription(each, heads.get(each.session_id))
                        for each in one.subscriptions
                    ],
                }
                for one in shown[: PAGE * 4]
            ],
            "total": len(shown),
        }

    async def _heads(self, session_ids: set[str]) -> dict[str, int]:
        heads: dict[str, int] = {}
        for session_id in session_ids:
            with suppress(SessionStreamError):  # one that can't be read has its error record
                heads[session_id] = (await self._hub.position(session_id)).shown
        return heads

    async def errors(self, question: Question) -> Row:
        """Returns open error records, the newest first."""
        found = await self._hub.errors(question.session("session"), PAGE * 2)
        return {"errors": [self._traced(record) for record in found]}

    # -- what is shown of things -----------------------------------------------------

    def _connected(self) -> tuple[ConnectionInfo, ...]:
        return () if self._rooms is None else self._rooms.connections()

    def _traced(self, record: Record) -> Row:
        shown = {name: _shortened(value) for name, value in trace_object(record).items()}
        if isinstance(record, ErrorRecord) and not self._payloads:
            del shown["message"]
        return shown

    def _event(self, event: StoredEvent) -> Row:
        row: Row = {"ordinal": event.ordinal, "name": event.name}
        if isinstance(event, UnreadableEvent):
            reason = event.reason if self._payloads else "it can't be read"
            return row | {"unreadable": reason}
        return row | self._shown(event.payload)

    def _entity(self, entity: TimelineEntity[Message]) -> Row:
        row: Row = {"kind": entity.kind, "id": entity.id}
        row |= {"created": entity.created_ordinal, "changed": entity.last_event_ordinal}
        return row if entity.payload is None else row | self._shown(entity.payload)

    def _ui(self, batch: UIBatch) -> list[Row]:
        return [
            {"ordinal": batch.ordinal, "name": event.name, **self._shown(event.payload)}
            for event in batch.events
        ]

    def _shown(self, payload: Message) -> Row:
        row: Row = {"type": payload.DESCRIPTOR.full_name}
        if not self._payloads:
            return row
        text = encode_json(payload)
        if len(text) > MOST_CHARACTERS:
            return row | {"payload": f"{len(text)} characters"}
        return row | {"payload": json.loads(text)}


def _shortened(value: object) -> object:
    """Returns a list without its end: an event may name thousands of entities."""
    if isinstance(value, (list, tuple)) and len(value) > MOST_LISTED:
        return [*value[:MOST_LISTED], f"and {len(value) - MOST_LISTED} more"]
    return value


def _subscription(each: SubscriptionInfo, head: int | None) -> Row:
    # While a client is being read for it has nothing yet; that is no lag.
    behind = None if head is None or each.state == "asked" else max(head - each.cursor, 0)
    return {
        "session": each.session_id,
        "state": each.state.value,
        "cursor": each.cursor,
        "head": head,
        "lag": behind,
    }
