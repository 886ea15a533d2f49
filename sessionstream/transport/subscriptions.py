"""The subscriptions of one connection, without I/O; subscription.py says what each does.

    input, by state   none              ASKED               LOADING, LIVE, LAGGING
    subscribe         Authorize         Authorize, as       Authorize, as
                                        generation+1        generation+1
    unsubscribe       unsubscribed      unsubscribed        Leave, unsubscribed
    allowed           nothing           Load                nothing
    denied            nothing           error               nothing
    batch, reset      nothing           nothing             as subscription.py says
    what was read     nothing           nothing             as subscription.py says
    a failure         nothing           nothing             Leave, error
    revoked           Discard           Discard, error      Discard, Leave, error

Answers and what was read count only for the generation that asked; those of an
earlier one find, in effect, the state "none".
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import assert_never

from sessionstream.errors import ProtocolError
from sessionstream.records import TransportEvent
from sessionstream.transport import frames
from sessionstream.transport.actions import (
    Action,
    Answer,
    Authorize,
    Deliver,
    Discard,
    Leave,
    Load,
    Report,
)
from sessionstream.transport.codes import ErrorCode
from sessionstream.transport.dialects import Dialect
from sessionstream.transport.encoded import Encoded
from sessionstream.transport.fates import Fate, State
from sessionstream.transport.held import HeldFrames
from sessionstream.transport.info import SubscriptionInfo
from sessionstream.transport.requests import (
    Announce,
    Impossible,
    Next,
    Replay,
    Show,
    Skip,
    Step,
    Subscribing,
    Tell,
)
from sessionstream.transport.settings import TransportSettings
from sessionstream.transport.shared import Page, SharedBatch, SharedSnapshot
from sessionstream.transport.subscription import Subscription
from sessionstream.types import Position
from sessionstream.v1 import transport_pb2 as pb


class Subscriptions:
    """Which sessions a client watches, and what it is sent of them."""

    def __init__(self, dialect: Dialect, settings: TransportSettings) -> None:
        self._dialect = dialect
        self._settings = settings
        self._by_session: dict[str, Subscription] = {}
        self._generation = 0
        self._held = HeldFrames(dialect, settings)

    # -- what the client wants ------------------------------------------------------

    def subscribe(self, asked: Subscribing) -> list[Action]:
        """Begins a subscription, in place of one of the same session.

        Raises:
            ProtocolError: There are too many.
        """
        limit = self._settings.max_subscriptions
        before = self._by_session.get(asked.session_id)
        if before is None and len(self._by_session) >= limit:
            code = ErrorCode.PROTOCOL_ERROR
            if self._dialect.is_v2:
                code = ErrorCode.TOO_MANY_SUBSCRIPTIONS
            message = f"a connection has at most {limit} subscriptions"
            raise ProtocolError(code, message, asked.session_id)
        self._generation += 1
        most = self._settings.max_replayed_batches
        self._by_session[asked.session_id] = Subscription(asked, self._generation, most)
        return [Authorize(asked.session_id, self._generation)]

    def unsubscribe(self, session_id: str) -> list[Action]:
        """Ends a subscription, if there is one."""
        answer = self._answer(frames.unsubscribed(session_id))
        if self._by_session.pop(session_id, None) is None:
            return [answer]
        return [Leave(session_id), answer, Report(TransportEvent.UNSUBSCRIBED, session_id)]

    def authorized(self, asked: Authorize, is_allowed: bool) -> list[Action]:
        """Takes whether the client may see the session."""
        found = self._by_session.get(asked.session_id)
        if found is None or found.generation != asked.generation or found.state is not State.ASKED:
            return []
        if not is_allowed:
            return self._end(found, ErrorCode.SUBSCRIBE_DENIED, "this session may not be seen")
        return self._actions(found, found.begin())

    def revoke(self, session_id: str) -> list[Action]:
        """Ends a subscription that the client may not have any more."""
        found = self._by_session.get(session_id)
        if found is None:  # what was sent before it was unsubscribed may wait yet
            return [Discard(session_id)]
        message = "this session may not be seen any more"
        return [Discard(session_id), *self._end(found, ErrorCode.SUBSCRIBE_DENIED, message)]

    # -- what is fanned out -----------------------------------------------------------

    def passing(self, batch: SharedBatch) -> int | None:
        """Returns the cursor before a batch that is to be sent now, as it is; else None.

        The short form of `deliver`, for what nearly always happens.
        """
        found = self._by_session.get(batch.session_id)
        if found is None:
            return None
        cursor = found.cursor
        return cursor if found.passes(batch) else None

    def deliver(self, batch: SharedBatch) -> list[Action]:
        """Takes the UI events of one event."""
        found = self._by_session.get(batch.session_id)
        if found is None:
            return []
        cursor = found.cursor
        fate, steps = found.offer(batch)
        if fate is Fate.SEND:
            return [self.delivery(batch, cursor)]
        if fate is not Fate.DROP and self._held.is_too_much(batch, self._by_session.values()):
            found.drop_held()
        return self._actions(found, steps)

    def delivery(self, batch: SharedBatch, cursor: int) -> Deliver:
        """Returns the batch as what is to be sent."""
        keys = None if batch.ordinal else batch.keys
        return Deliver(batch.session_id, batch.frames(self._dialect), cursor, keys)

    def reset(self, session_id: str) -> list[Action]:
        """Takes note that the session is another now."""
        found = self._by_session.get(session_id)
        return [] if found is None else self._actions(found, found.reset())

    def look(self, session_id: str, position: Position) -> list[Action]:
        """Takes a session's position, read while nothing else happened to it."""
        found = self._by_session.get(session_id)
        return [] if found is None else self._actions(found, found.look(position))

    def dropped(self, session_id: str, cursor: int) -> list[Action]:
        """Takes note that the session's queue was dropped, from what follows ``cursor`` on."""
        found = self._by_session.get(session_id)
        if found is None or found.state is not State.LIVE:
            return []
        found.lag(cursor)
        return [Report(TransportEvent.LAGGING, session_id)]

    def catch_up(self) -> list[Action]:
        """Takes note that the client reads again."""
        subscriptions = tuple(self._by_session.values())
        return [action for each in subscriptions for action in self._actions(each, each.catch_up())]

    def lagging(self) -> bool:
        """Whether some subscription waits for `catch_up`."""
        return any(each.state is State.LAGGING for each in self._by_session.values())

    def info(self) -> tuple[SubscriptionInfo, ...]:
        """Returns how each subscription stands now."""
        return tuple(each.info() for each in self._by_session.values())

    def live(self) -> list[str]:
        """Returns the sessions that are live."""
        return [each.session_id for each in self._by_session.values() if each.state is State.LIVE]

    # -- what was read -------------------------------------------------------------------

    def opened(self, load: Load, snapshot: SharedSnapshot) -> list[Action]:
        """Takes a snapshot. Raises what encoding it raises; hand in a failure then."""
        found = self._loading(load)
        if found is None:
            return []
        snapshot.frames(self._dialect, self._settings.max_sent_frame_bytes)
        return self._actions(found, found.opened(snapshot))

    def read(self, load: Load, page: Page) -> list[Action]:
        """Takes UI events. Raises what encoding them raises; hand in a failure then."""
        found = self._loading(load)
        if found is None:
            return []
        for batch in page.batches:
            batch.frames(self._dialect)
        return self._actions(found, found.read(page))

    def positioned(self, load: Load, position: Position) -> list[Action]:
        """Takes a position."""
        found = self._loading(load)
        return [] if found is None else self._actions(found, found.positioned(position))

    def failed(self, load: Load, reason: str) -> list[Action]:
        """Takes note that ``load`` gives nothing; ``reason`` is for observers only."""
        found = self._loading(load)
        if found is None:
            return []
        # A client of version 2 may ask again; what is a protocol error stays one.
        code = ErrorCode.UNAVAILABLE if self._dialect.is_v2 else ErrorCode.PROTOCOL_ERROR
        message = "the snapshot of this session could not be loaded"
        return self._end(found, code, message, reason)

    def _loading(self, load: Load) -> Subscription | None:
        found = self._by_session.get(load.session_id)
        if found is None or found.generation != load.generation:
            return None
        return found if found.state is State.LOADING else None

    # -- steps as actions -----------------------------------------------------------------

    def _actions(self, subscription: Subscription, steps: Sequence[Step]) -> list[Action]:
        return [action for step in steps for action in self._of_step(subscription, step)]

    def _of_step(self, subscription: Subscription, step: Step) -> list[Action]:
        session_id = subscription.session_id
        match step:
            case Show(snapshot=snapshot):
                parts = snapshot.frames(self._dialect, self._settings.max_sent_frame_bytes)
                return [Answer(part, session_id) for part in parts]
            case Replay(batch=batch):
                return [Answer(batch.frames(self._dialect), session_id)]
            case Announce():
                report = Report(TransportEvent.SUBSCRIBED, session_id)
                return [self._announcement(subscription, step), report]
            case Tell():
                return self._position(subscription)
            case Skip(head=head):
                return self._skip(subscription, head)
            case Next(ask=ask, after=after):
                return [Load(session_id, subscription.generation, ask, after)]
            case Impossible(reason=reason):
                message = f"the session can't be resumed from there: {reason.name}"
                return self._end(subscription, ErrorCode.CANNOT_RESUME, message)
            case _:
                assert_never(step)

    def _announcement(self, subscription: Subscription, step: Announce) -> Answer:
        since = subscription.asked.since
        if not self._dialect.is_v2:
            frame = frames.subscribed(subscription.session_id, since)
            return self._answer(frame, subscription.session_id)
        subscribed = pb.SubscribedFrame(
            session_id=subscription.session_id,
            since_snapshot_ordinal=since,
            epoch=subscription.epoch,
            head_ordinal=step.head,
            outcome=step.outcome.value,
            reason=step.reason.value,
        )
        return self._answer(pb.ServerFrame(subscribed=subscribed), subscription.session_id)

    def _skip(self, subscription: Subscription, head: int) -> list[Action]:
        if not self._dialect.is_v2:
            return []
        frame = frames.position(subscription.session_id, subscription.epoch, head)
        return [self._answer(frame, subscription.session_id)]

    def _position(self, subscription: Subscription) -> list[Action]:
        if not self._dialect.is_v2:
            return []
        head = max(subscription.head, subscription.cursor)
        encoded = _position(self._dialect, subscription.session_id, subscription.epoch, head)
        return [Deliver(subscription.session_id, encoded, subscription.cursor)]

    def _end(
        self, subscription: Subscription, code: ErrorCode, message: str, detail: str = ""
    ) -> list[Action]:
        session_id = subscription.session_id
        del self._by_session[session_id]
        told = f"{code.value}: {detail}" if detail else code.value
        ended: list[Action] = [
            Leave(session_id),
            self._answer(frames.error(code, message, session_id)),
            Report(TransportEvent.FRAME_REJECTED, session_id, told),
        ]
        if subscription.state is not State.ASKED:
            ended.append(Report(TransportEvent.UNSUBSCRIBED, session_id, code.value))
        return ended

    def _answer(self, frame: pb.ServerFrame, shown: str = "") -> Answer:
        return Answer(self._dialect.encode(frame), shown)


@lru_cache(maxsize=64)
def _position(dialect: Dialect, session_id: str, epoch: str, head: int) -> Encoded:
    # Those who watch a quiet session are told one after the other.
    return dialect.encode(frames.position(session_id, epoch, head))
