"""The server's side of one connection, without I/O.

Four things happen to a connection, and each has a method that returns what is
to be done about it, in order, as a list of actions: a frame arrives
(`ServerProtocol.receive`), a batch of UI events is fanned out (`deliver`), a
snapshot has been loaded (`snapshot_loaded`), a snapshot could not be loaded
(`snapshot_failed`). Whoever runs the connection carries the actions out and
decides nothing.

A session is in one of three states on a connection: there is no subscription,
its snapshot is loading, or it is live.

    input, by state   none              LOADING                LIVE
    subscribe         Load              Load, as generation+1  Load, as generation+1
    unsubscribe       unsubscribed      Leave, unsubscribed    Leave, unsubscribed
    batch             nothing           held                   Deliver
    snapshot          nothing           snapshot, Deliver what nothing
                                        was held, subscribed
    failure           nothing           Leave, error           nothing

A snapshot or a failure counts only for the generation that asked for it; that
of an earlier one finds, in effect, the state "none". subscription.py decides
about batches. A client's mistake is an error frame and changes no state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias, Union

from sessionstream.errors import ProtocolError, SessionIdError
from sessionstream.records import TransportEvent
from sessionstream.transport import frames
from sessionstream.transport.frames import CloseCode, ErrorCode, UIBatch
from sessionstream.transport.settings import TransportSettings
from sessionstream.transport.subscription import Fate, State, Subscription
from sessionstream.types import Snapshot, check_session_id
from sessionstream.v1 import transport_pb2 as pb


@dataclass(frozen=True, slots=True)
class Answer:
    """Send this frame: the client asked for it."""

    frame: str


@dataclass(frozen=True, slots=True)
class Deliver:
    """Send the frames of this batch, if there is room for them."""

    batch: UIBatch


@dataclass(frozen=True, slots=True)
class Load:
    """Enter the session's room, then load its snapshot and hand it in with this value.

    A load of the same session that is still running is to be cancelled.
    """

    session_id: str
    generation: int


@dataclass(frozen=True, slots=True)
class Leave:
    """Leave the session's room and cancel its load, if one is running."""

    session_id: str


@dataclass(frozen=True, slots=True)
class Close:
    """Drop what is queued and close the connection."""

    code: CloseCode
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """Tell the observers."""

    event: TransportEvent
    session_id: str = ""
    detail: str = ""


Action: TypeAlias = Union[Answer, Deliver, Load, Leave, Close, Report]


class ServerProtocol:
    """The subscriptions of one connection and the answers to its client."""

    def __init__(self, connection_id: str, settings: TransportSettings) -> None:
        self._connection_id = connection_id
        self._settings = settings
        self._subscriptions: dict[str, Subscription] = {}
        self._generation = 0

    def hello(self) -> list[Action]:
        """Returns the greeting; called once, first."""
        return [Answer(frames.hello(self._connection_id))]

    def receive(self, data: str | bytes) -> list[Action]:
        """Takes one message of the client. Never raises for what the client did."""
        if _exceeds(data, self._settings.max_frame_bytes):
            reason = f"a frame is at most {self._settings.max_frame_bytes} bytes"
            return [Close(CloseCode.TOO_BIG, reason)]
        try:
            frame = frames.decode(data)
            return _ON_FRAME[frame.WhichOneof("frame")](self, frame)
        except ProtocolError as error:
            return _refusal(ErrorCode(error.code), error.message, error.session_id)

    def deliver(self, batch: UIBatch) -> list[Action]:
        """Takes the UI events of one event."""
        subscription = self._subscriptions.get(batch.session_id)
        if subscription is None:
            return []
        fate = subscription.offer(batch)
        if fate is Fate.SEND:
            return [Deliver(batch)]
        if fate is Fate.HOLD and self._holds_too_much():
            return [Close(CloseCode.SLOW_CLIENT, "too many events while a snapshot was loading")]
        return []

    def snapshot_loaded(self, load: Load, snapshot: Snapshot) -> list[Action]:
        """Takes the snapshot that ``load`` asked for.

        Raises what encoding an entity raises, and then changes nothing: hand
        in a failure instead.
        """
        subscription = self._waiting_for(load)
        if subscription is None:
            return []
        answer = Answer(frames.snapshot(snapshot))
        following = subscription.go_live(snapshot.snapshot_ordinal)
        since = subscription.since_snapshot_ordinal
        return [
            answer,
            *(Deliver(batch) for batch in following),
            Answer(frames.subscribed(load.session_id, since)),
            Report(TransportEvent.SUBSCRIBED, load.session_id),
        ]

    def snapshot_failed(self, load: Load, reason: str) -> list[Action]:
        """Takes note that ``load`` gives no snapshot; ``reason`` is for observers only."""
        if self._waiting_for(load) is None:
            return []
        del self._subscriptions[load.session_id]
        message = "the snapshot of this session could not be loaded"
        code = ErrorCode.PROTOCOL_ERROR
        return [
            Leave(load.session_id),
            Answer(frames.error(code, message, load.session_id)),
            Report(TransportEvent.FRAME_REJECTED, load.session_id, f"{code.value}: {reason}"),
        ]

    def _subscribe(self, frame: pb.ClientFrame) -> list[Action]:
        session_id = _session_id("subscribe", frame.subscribe.session_id)
        limit = self._settings.max_subscriptions
        if session_id not in self._subscriptions and len(self._subscriptions) >= limit:
            message = f"a connection has at most {limit} subscriptions"
            raise ProtocolError(ErrorCode.PROTOCOL_ERROR, message, session_id)
        self._generation += 1
        self._subscriptions[session_id] = Subscription(
            session_id, frame.subscribe.since_snapshot_ordinal, self._generation
        )
        return [Load(session_id, self._generation)]

    def _unsubscribe(self, frame: pb.ClientFrame) -> list[Action]:
        session_id = _session_id("unsubscribe", frame.unsubscribe.session_id)
        answer = Answer(frames.unsubscribed(session_id))
        if self._subscriptions.pop(session_id, None) is None:
            return [answer]
        return [Leave(session_id), answer, Report(TransportEvent.UNSUBSCRIBED, session_id)]

    def _ping(self, frame: pb.ClientFrame) -> list[Action]:
        return [Answer(frames.pong(frame.ping.nonce))]

    def _pong(self, _: pb.ClientFrame) -> list[Action]:
        return []

    def _empty(self, _: pb.ClientFrame) -> list[Action]:
        message = "an empty frame; send subscribe, unsubscribe, ping or pong"
        raise ProtocolError(ErrorCode.PROTOCOL_ERROR, message)

    def _waiting_for(self, load: Load) -> Subscription | None:
        found = self._subscriptions.get(load.session_id)
        if found is None or found.generation != load.generation or found.state is State.LIVE:
            return None
        return found

    def _holds_too_much(self) -> bool:
        # Over all sessions: a client must not multiply the limit by subscribing.
        held = self._subscriptions.values()
        return (
            sum(each.held_frames for each in held) > self._settings.max_queued_frames
            or sum(each.held_bytes for each in held) > self._settings.max_queued_bytes
        )


_ON_FRAME: Final[Mapping[str | None, Callable[[ServerProtocol, pb.ClientFrame], list[Action]]]] = {
    "subscribe": ServerProtocol._subscribe,
    "unsubscribe": ServerProtocol._unsubscribe,
    "ping": ServerProtocol._ping,
    "pong": ServerProtocol._pong,
    None: ServerProtocol._empty,
}


def _session_id(request: str, session_id: str) -> str:
    if not session_id:
        raise ProtocolError(ErrorCode.PROTOCOL_ERROR, f"{request} needs a session id")
    try:
        return check_session_id(session_id)
    except SessionIdError as error:
        raise ProtocolError(ErrorCode.PROTOCOL_ERROR, str(error)) from error


def _refusal(code: ErrorCode, message: str, session_id: str) -> list[Action]:
    return [
        Answer(frames.error(code, message, session_id)),
        Report(TransportEvent.FRAME_REJECTED, session_id, code.value),
    ]


def _exceeds(data: str | bytes, limit: int) -> bool:
    if isinstance(data, bytes) or len(data) > limit:
        return len(data) > limit
    # UTF-8 takes one to four bytes a character: most texts need no count.
    return len(data) * 4 > limit and len(data.encode("utf-8", "surrogatepass")) > limit
