"""What a client knows of one session that it watches, without I/O.

The *position* is the last event whose UI events the client has, all of them. It
only moves with a whole batch, a whole snapshot, or where the server says that
there was nothing in between. So every UI event is shown at most once, and a
frame that follows something else than the position shows a *gap*: the client
subscribes again from its position.

    what happens    IDLE     LOADING           LIVE              LAGGING  PAUSED
    connected       LOADING
    disconnected             IDLE              IDLE                       IDLE
    whole snapshot           shown             shown
    whole batch              shown             shown
      no room for it         LAGGING           LAGGING
    gap                      noted             LOADING
    subscribed               LIVE; where a     position moves
                             gap is left, LOADING
    position                                   position moves
    error                    PAUSED, ENDED     PAUSED, ENDED
    room again                                                   LOADING
    retry                                                                 LOADING

Where a field is empty nothing happens. Every way into LOADING sends a subscribe
frame; the way into LAGGING sends unsubscribe. In LOADING after a gap, UI events
may still come for the subscribe before: what they leave out is only a gap if it
is left when the server says that all was sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import Final, TypeAlias

from sessionstream.client.actions import Action, RetryLater, Send, Wake
from sessionstream.client.assembly import Assembly
from sessionstream.client.backlog import Backlog, Room
from sessionstream.client.errors import ClientError, SubscriptionError
from sessionstream.client.reading import Reader
from sessionstream.v1 import transport_pb2 as pb
from sessionstream.watching import AnyUpdate, ResumePoint, SnapshotUpdate, UIUpdate

# So often a client asks again, without a batch in between or a success, before it gives up.
MAX_ATTEMPTS: Final = 5
# With these codes there is nothing to be had by asking again.
_FINAL: Final = frozenset(
    {"subscribe_denied", "cannot_resume", "too_many_subscriptions", "protocol_error"}
)


class State(Enum):
    """How a session stands on the connection."""

    IDLE = auto()
    LOADING = auto()
    LIVE = auto()
    LAGGING = auto()
    PAUSED = auto()
    ENDED = auto()


class Subscription:
    """One session that is watched.

    ``since`` is the position to begin with; None for the whole timeline.
    """

    def __init__(
        self, session_id: str, since: ResumePoint | None, reader: Reader, room: Room
    ) -> None:
        self.session_id = session_id
        self.state = State.IDLE
        self.error: ClientError | None = None
        self._reader = reader
        self._room = room
        self._backlog = Backlog(room)
        self._position = since
        self._has_shown = since is not None
        self._batch: Assembly[pb.UiEventFrame] | None = None
        self._snapshot: Assembly[pb.SnapshotFrame] | None = None
        # The last ordinal that was left out for a gap since the last subscribe.
        self._left_out = 0
        self._gaps = 0
        self._failures = 0

    @property
    def is_on_server(self) -> bool:
        """Whether the server has it, or was asked to."""
        return self.state in {State.LOADING, State.LIVE}

    @property
    def position(self) -> ResumePoint | None:
        """Up to where the client has the session; None before the first snapshot."""
        return self._position

    # -- what happens ----------------------------------------------------------------

    def connected(self) -> list[Action]:
        """Takes note that frames can be sent."""
        self._gaps = self._failures = 0
        return self._subscribe() if self.state is State.IDLE else []

    def disconnected(self) -> None:
        """Takes note that the connection has ended."""
        if self.is_on_server or self.state is State.PAUSED:
            self.state = State.IDLE
        self._batch = self._snapshot = None

    def receive(self, kind: str, frame: pb.ServerFrame, size: int) -> list[Action]:
        """Takes a frame of the session; ``kind`` is its field, ``size`` in bytes."""
        step = _ON_FRAME.get((self.state, kind))
        return [] if step is None else step(self, frame, size)

    def retry(self) -> list[Action]:
        """Takes note that it is time to ask again after an error."""
        return self._subscribe() if self.state is State.PAUSED else []

    def take(self) -> AnyUpdate | None:
        """Returns the next update for the watcher; None where there is none."""
        return self._backlog.take()

    def taken(self, *, is_connected: bool) -> list[Action]:
        """Takes note that the watcher has taken something."""
        if self.state is not State.LAGGING or not self._backlog.is_low:
            return []
        self.state = State.IDLE
        return self._subscribe() if is_connected else []

    def fail(self, error: ClientError) -> list[Action]:
        """Ends it; what waits can still be taken."""
        if self.state is not State.ENDED:
            self.state = State.ENDED
            self.error = error
            self._batch = self._snapshot = None
        return [Wake(self.session_id)]

    # -- frames -------------------------------------------------------------------------

    def _on_snapshot(self, frame: pb.ServerFrame, size: int) -> list[Action]:
        part = frame.snapshot
        key, count = (part.epoch, part.snapshot_ordinal), max(1, part.part_count)
        if part.part_index == 0:
            self._snapshot = Assembly(key, count)
        elif self._snapshot is None or not self._snapshot.takes(key, count, part.part_index):
            self._snapshot = None
            return []
        whole = self._snapshot
        if not whole.add(part, size):
            return self._bounded(whole.size)
        self._snapshot = self._batch = None
        if self._position is not None and self._position.epoch != part.epoch:
            self._left_out = 0
        self._position = ResumePoint(*key)
        read = (self._reader.entity(entity) for each in whole.frames for entity in each.entities)
        update: AnyUpdate = SnapshotUpdate(
            session_id=self.session_id,
            position=self._position,
            entities=tuple(entity for entity in read if entity is not None),
            replaces_what_was_shown=self._has_shown,
        )
        self._has_shown = True
        self._backlog.offer(update, whole.size)
        return [Wake(self.session_id)]

    def _on_ui_event(self, frame: pb.ServerFrame, size: int) -> list[Action]:
        event, position = frame.ui_event, self._position
        ordinal, count = event.event_ordinal, max(1, event.batch_size)
        if position is None or 0 < ordinal <= position.ordinal:
            return []  # sent already, or before the snapshot that has it
        if ordinal == 0:
            return self._show(position, 0, [event], size)
        key = (position.epoch, ordinal)
        if event.batch_index == 0 and event.previous_ordinal <= position.ordinal:
            self._batch = Assembly(key, count)
        elif self._batch is None or not self._batch.takes(key, count, event.batch_index):
            return self._gap(ordinal)
        whole = self._batch
        if not whole.add(event, size):
            return self._bounded(whole.size)
        self._batch = None
        return self._show(ResumePoint(*key), ordinal, whole.frames, whole.size)

    def _on_subscribed(self, frame: pb.ServerFrame, size: int) -> list[Action]:
        said = frame.subscribed
        position = self._position
        self._failures = 0
        if said.outcome == pb.SubscribedFrame.RESUMED or position is None:
            position = ResumePoint(said.epoch, position.ordinal if position else 0)
        if self._left_out > position.ordinal:
            return self._again()
        self._position = ResumePoint(said.epoch, max(position.ordinal, said.head_ordinal))
        self._batch = None
        self.state = State.LIVE
        return []

    def _on_position(self, frame: pb.ServerFrame, size: int) -> list[Action]:
        said, position = frame.position, self._position
        if position is None or said.epoch != position.epoch or self._batch is not None:
            return self._again()
        self._position = ResumePoint(said.epoch, max(position.ordinal, said.head_ordinal))
        return []

    def _on_error(self, frame: pb.ServerFrame, size: int) -> list[Action]:
        said = frame.error
        self._failures += 1
        if said.code in _FINAL or self._failures >= MAX_ATTEMPTS:
            return self.fail(SubscriptionError(self.session_id, said.code, said.message))
        self.state = State.PAUSED
        return [RetryLater(self.session_id, self._failures)]

    # -- steps ------------------------------------------------------------------------

    def _show(
        self, position: ResumePoint, ordinal: int, frames: list[pb.UiEventFrame], size: int
    ) -> list[Action]:
        read = [self._reader.ui_event(frame) for frame in frames]
        events = tuple(event for event in read if event is not None)
        update: AnyUpdate = UIUpdate(
            session_id=self.session_id, position=position, ordinal=ordinal, events=events
        )
        if events and not self._backlog.offer(update, size):
            return self._lag() if ordinal else []
        if ordinal:
            self._position = position
            self._gaps = 0
        return [Wake(self.session_id)] if events else []

    def _lag(self) -> list[Action]:
        self.state = State.LAGGING
        self._batch = self._snapshot = None
        return [self._unsubscribe()]

    def _gap(self, ordinal: int) -> list[Action]:
        self._batch = None
        self._left_out = max(self._left_out, ordinal)
        return self._again() if self.state is State.LIVE else []

    def _again(self) -> list[Action]:
        self._gaps += 1
        if self._gaps > MAX_ATTEMPTS:
            message = "the server leaves out UI events, and sends none when it is asked for them"
            return self._give_up(SubscriptionError(self.session_id, "protocol_error", message))
        # Where resuming did not help, a snapshot may.
        return self._subscribe(resumes=self._gaps == 1)

    def _subscribe(self, *, resumes: bool = True) -> list[Action]:
        self.state = State.LOADING
        self._left_out = 0
        self._batch = self._snapshot = None
        request = pb.SubscribeRequest(session_id=self.session_id)
        if resumes and self._position is not None:
            request.mode = pb.SubscribeRequest.RESUME
            request.since_epoch = self._position.epoch
            request.since_snapshot_ordinal = self._position.ordinal
        return [Send(pb.ClientFrame(subscribe=request))]

    def _bounded(self, size: int) -> list[Action]:
        if size <= self._room.assembled:
            return []
        message = f"a snapshot or a batch of UI events of more than {self._room.assembled} bytes"
        return self._give_up(SubscriptionError(self.session_id, "too_large", message))

    def _give_up(self, error: SubscriptionError) -> list[Action]:
        # Else the server would go on sending what nobody takes.
        return [self._unsubscribe(), *self.fail(error)]

    def _unsubscribe(self) -> Send:
        request = pb.UnsubscribeRequest(session_id=self.session_id)
        return Send(pb.ClientFrame(unsubscribe=request))


_Step: TypeAlias = Callable[[Subscription, pb.ServerFrame, int], list[Action]]
_ON_FRAME: Final[Mapping[tuple[State, str], _Step]] = {
    (State.LOADING, "snapshot"): Subscription._on_snapshot,
    (State.LIVE, "snapshot"): Subscription._on_snapshot,
    (State.LOADING, "ui_event"): Subscription._on_ui_event,
    (State.LIVE, "ui_event"): Subscription._on_ui_event,
    (State.LOADING, "subscribed"): Subscription._on_subscribed,
    (State.LIVE, "subscribed"): Subscription._on_subscribed,
    (State.LIVE, "position"): Subscription._on_position,
    (State.LOADING, "error"): Subscription._on_error,
    (State.LIVE, "error"): Subscription._on_error,
}
