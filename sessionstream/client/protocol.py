"""The client's side of a connection and of those after it, without I/O.

Whoever runs it says what happens: a connection was opened, a frame came, the
connection ended; somebody watches, or submits. Every method returns what is to
be done about it, in order, as a list of actions.

    state           what happens             next
    OFFLINE         opened                   GREETING
    GREETING        hello                    READY; where the server wants a token,
                                             AUTHENTICATING, authenticate is sent
    AUTHENTICATING  authenticated            READY
                    error unauthenticated    Denied
    any             closed                   OFFLINE

On the way into READY every session is subscribed and every call sent. Frames of
a session count for the last subscribe only: as long as an unsubscribe is not
answered, they belong to what was before. subscription.py decides about the
others, and calls.py about commands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from enum import Enum, auto
from typing import Final

from google.protobuf.message import Message

from sessionstream.client import frames
from sessionstream.client.actions import (
    Action,
    Denied,
    Leave,
    Ready,
    Renew,
    ResendLater,
    Send,
    Settled,
)
from sessionstream.client.backlog import Room
from sessionstream.client.calls import Call, Calls
from sessionstream.client.errors import ClientError, SubscriptionError
from sessionstream.client.reading import Reader
from sessionstream.client.subscription import Subscription
from sessionstream.schema import SchemaRegistry
from sessionstream.v1 import transport_pb2 as pb
from sessionstream.watching import ResumePoint


class Link(Enum):
    """How far the present connection has come."""

    OFFLINE = auto()
    GREETING = auto()
    AUTHENTICATING = auto()
    READY = auto()


class ClientProtocol:
    """What a client knows of its server: sessions that it watches, commands on their way."""

    def __init__(self, registry: SchemaRegistry, dialect: frames.Dialect, room: Room) -> None:
        self._reader = Reader(registry)
        self._dialect = dialect
        self._room = room
        self._subscriptions: dict[str, Subscription] = {}
        self._calls = Calls()
        # Of the present connection:
        self.link = Link.OFFLINE
        self._token: str | None = None
        self._unanswered: Counter[str] = Counter()
        self._is_leaving = False
        self._max_frame_bytes = 0

    @property
    def is_ready(self) -> bool:
        """Whether frames other than those of the beginning can be sent."""
        return self.link is Link.READY

    # -- the connection ------------------------------------------------------------

    def opened(self, token: str | None) -> None:
        """Takes note of a new connection; ``token`` is for a server that asks for one."""
        self.link = Link.GREETING
        self._token = token
        self._unanswered.clear()
        self._is_leaving = False
        self._max_frame_bytes = 0

    def closed(self) -> None:
        """Takes note that the connection has ended."""
        self.link = Link.OFFLINE
        for subscription in self._subscriptions.values():
            subscription.disconnected()

    def receive(self, data: str | bytes) -> list[Action]:
        """Takes a message of the server.

        Raises:
            ServerFrameError: It is no frame; the connection is of no use any more.
        """
        frame = frames.decode(data, self._dialect)
        kind = frame.WhichOneof("frame")
        if kind in _OF_SESSION:
            session_id: str = getattr(frame, kind).session_id
            if session_id:
                return self._of_session(session_id, kind, frame, len(data))
        step = _ON_FRAME.get(kind or "")
        return [] if step is None else step(self, frame)

    def ping(self) -> list[Action]:
        """Asks whether the server is there; whatever comes next answers that."""
        return [Send(pb.ClientFrame(ping=pb.PingFrame(nonce="alive")))]

    def renew(self, token: str) -> list[Action]:
        """Authenticates again with a newer token."""
        return [Send(pb.ClientFrame(authenticate=pb.AuthenticateRequest(token=token)))]

    # -- sessions ----------------------------------------------------------------------

    def watch(
        self, session_id: str, since: ResumePoint | None
    ) -> tuple[Subscription, list[Action]]:
        """Begins to watch a session.

        Raises:
            SubscriptionError: It is being watched already.
        """
        if session_id in self._subscriptions:
            message = "this client watches it already; use another client, or hand updates on"
            raise SubscriptionError(session_id, "watched_already", message)
        found = Subscription(session_id, since, self._reader, self._room)
        self._subscriptions[session_id] = found
        return found, found.connected() if self.is_ready else []

    def unwatch(self, subscription: Subscription) -> list[Action]:
        """Ends that."""
        if self._subscriptions.get(subscription.session_id) is subscription:
            del self._subscriptions[subscription.session_id]
        if not (self.is_ready and subscription.is_on_server):
            return []
        request = pb.UnsubscribeRequest(session_id=subscription.session_id)
        return self._noted([Send(pb.ClientFrame(unsubscribe=request))])

    def taken(self, subscription: Subscription) -> list[Action]:
        """Takes note that the watcher has taken an update."""
        return self._noted(subscription.taken(is_connected=self.is_ready))

    def retry(self, session_id: str) -> list[Action]:
        """Subscribes again after an error."""
        found = self._subscriptions.get(session_id)
        return [] if found is None or not self.is_ready else found.retry()

    def fail(self, error: ClientError) -> list[Action]:
        """Ends everything: nothing more will come."""
        actions: list[Action] = []
        for subscription in self._subscriptions.values():
            actions += subscription.fail(error)
        for call in self._calls:
            call.settle(error)
            self._calls.forget(call)
            actions.append(Settled(call))
        return actions

    # -- commands -----------------------------------------------------------------------

    def submit(
        self,
        session_id: str,
        name: str,
        payload: Message,
        *,
        command_id: str | None = None,
        expected_ordinal: int | None = None,
    ) -> tuple[Call, list[Action]]:
        """Begins a call; without a command id it gets one of its own."""
        call = self._calls.make(session_id, name, payload, command_id, expected_ordinal)
        return call, self._asked(call) if self.is_ready else []

    def forget(self, call: Call) -> None:
        """Stops waiting for the outcome of a call; the command may be run all the same."""
        self._calls.forget(call)

    def resend(self, call: Call) -> list[Action]:
        """Sends a call again on the same connection."""
        return self._asked(call) if self.is_ready and call in self._calls else []

    # -- steps ---------------------------------------------------------------------------

    def _of_session(
        self, session_id: str, kind: str, frame: pb.ServerFrame, size: int
    ) -> list[Action]:
        if kind == "unsubscribed":
            # Counter drops what it subtracts to 0.
            self._unanswered -= Counter([session_id])
            return []
        found = self._subscriptions.get(session_id)
        if found is None or self._unanswered[session_id] > 0 or not self.is_ready:
            return []
        return self._noted(found.receive(kind, frame, size))

    def _noted(self, actions: list[Action]) -> list[Action]:
        """Counts the unsubscribes among the actions: each is answered."""
        for action in actions:
            if isinstance(action, Send) and action.frame.HasField("unsubscribe"):
                self._unanswered[action.frame.unsubscribe.session_id] += 1
        return actions

    def _asked(self, call: Call) -> list[Action]:
        size = len(frames.encode(call.frame, self._dialect))
        if size <= (self._max_frame_bytes or size):
            call.sends += 1
            call.waits_for_token = False
            return [Send(call.frame)]
        limit = f"its frame has {size} bytes; the server takes {self._max_frame_bytes}"
        call.reject("too_large", limit)
        self._calls.forget(call)
        return [Settled(call)]

    def _on_hello(self, frame: pb.ServerFrame) -> list[Action]:
        if self.link is not Link.GREETING:
            return []
        self._max_frame_bytes = frame.hello.limits.max_client_frame_bytes
        if not frame.hello.authentication_required:
            return self._begin()
        if self._token is None:
            return [Denied()]
        self.link = Link.AUTHENTICATING
        return self.renew(self._token)

    def _on_authenticated(self, frame: pb.ServerFrame) -> list[Action]:
        milliseconds = frame.authenticated.expires_in_ms
        actions: list[Action] = [Renew(milliseconds / 1000)] if milliseconds else []
        if self.link is Link.AUTHENTICATING:
            return actions + self._begin()
        # What was refused while it was not valid any more is asked for again.
        refused = (call for call in self._calls if call.waits_for_token)
        return actions + self._flat(self._asked(call) for call in refused)

    def _on_error(self, frame: pb.ServerFrame) -> list[Action]:
        refused = frame.error.code == "unauthenticated" and self.link is Link.AUTHENTICATING
        return [Denied()] if refused else []

    def _on_ping(self, frame: pb.ServerFrame) -> list[Action]:
        return [Send(pb.ClientFrame(pong=pb.PongFrame(nonce=frame.ping.nonce)))]

    def _on_go_away(self, frame: pb.ServerFrame) -> list[Action]:
        self._is_leaving = True
        return [Leave(frame.go_away.reconnect_within_ms / 1000)]

    def _on_command_ack(self, frame: pb.ServerFrame) -> list[Action]:
        call = self._calls.acknowledged(frame.command_ack, is_leaving=self._is_leaving)
        if call is None:
            return []
        return [Settled(call) if call.is_settled else ResendLater(call)]

    def _begin(self) -> list[Action]:
        self.link = Link.READY
        subscribed = (each.connected() for each in self._subscriptions.values())
        asked = (self._asked(call) for call in self._calls)
        return [Ready(), *self._flat(subscribed), *self._flat(asked)]

    def _flat(self, several: Iterable[list[Action]]) -> list[Action]:
        return [action for actions in several for action in actions]


_OF_SESSION: Final = frozenset(
    {"snapshot", "ui_event", "subscribed", "unsubscribed", "position", "error"}
)
_ON_FRAME: Final[Mapping[str, Callable[[ClientProtocol, pb.ServerFrame], list[Action]]]] = {
    "hello": ClientProtocol._on_hello,
    "authenticated": ClientProtocol._on_authenticated,
    "error": ClientProtocol._on_error,
    "ping": ClientProtocol._on_ping,
    "go_away": ClientProtocol._on_go_away,
    "command_ack": ClientProtocol._on_command_ack,
}
