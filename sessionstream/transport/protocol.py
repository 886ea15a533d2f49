"""The server's side of one connection, without I/O.

Things happen to a connection: a frame arrives, UI events are fanned out,
something was read or answered, time passes. Each has a method that returns
what is to be done about it, in order, as a list of actions. Whoever runs the
connection carries the actions out and decides nothing.

    frame           goes to           an unauthenticated client is answered
    subscribe       subscriptions.py  error unauthenticated
    unsubscribe     subscriptions.py  error unauthenticated
    command         commanding.py     REJECTED unauthenticated
    authenticate    standing.py       as anybody
    ping            pong              as anybody
    pong            nothing           as anybody
    an empty one    an error          error unauthenticated

A client's mistake is an error frame, or an acknowledgement where it concerns a
command that has an id, and changes no state; only a frame that is
too large closes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from sessionstream.errors import ProtocolError, SessionIdError
from sessionstream.records import TransportEvent
from sessionstream.transport import frames
from sessionstream.transport.access import ANONYMOUS, Principal
from sessionstream.transport.actions import Action, Answer, Close, Report
from sessionstream.transport.client_frames import MAX_ID_LENGTH, UnreadableCommandError
from sessionstream.transport.codes import CloseCode, ErrorCode
from sessionstream.transport.commanding import Commands, MessageTypeOf
from sessionstream.transport.dialects import V1_JSON, Dialect
from sessionstream.transport.requests import SubscribeMode, Subscribing
from sessionstream.transport.settings import TransportSettings
from sessionstream.transport.standing import Standing
from sessionstream.transport.subscriptions import Subscriptions
from sessionstream.types import MAX_SESSION_ID_LENGTH, check_session_id
from sessionstream.v1 import transport_pb2 as pb


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """What is known of a client when it connects; no ``principal``: it has to authenticate."""

    connection_id: str
    dialect: Dialect = V1_JSON
    principal: Principal | None = ANONYMOUS


class ServerProtocol:
    """Sorts the frames of one client.

    Attributes:
        subscriptions: Takes what concerns its sessions.
        commands: Takes what becomes of its commands.
        standing: Takes who it is, and the time.
    """

    def __init__(
        self, client: Client, settings: TransportSettings, message_type_of: MessageTypeOf
    ) -> None:
        self._client = client
        self.dialect = client.dialect
        self._settings = settings
        self.subscriptions = Subscriptions(self.dialect, settings)
        self.commands = Commands(self.dialect, settings, message_type_of)
        self.standing = Standing(self.dialect, settings, client.principal)

    def hello(self) -> list[Action]:
        """Returns the greeting; called once, first."""
        connection_id = self._client.connection_id
        if not self.dialect.is_v2:
            return [self._answer(frames.v1_hello(connection_id))]
        must = self.standing.principal is None
        return [self._answer(frames.hello(connection_id, self._settings, must_authenticate=must))]

    def receive(self, data: str | bytes, now: float) -> list[Action]:
        """Takes one message of the client. Never raises for what the client did.

        Args:
            data: The message.
            now: The time, monotonic, in seconds.
        """
        self.standing.heard(now)
        if _exceeds(data, self._settings.max_frame_bytes):
            reason = f"a frame is at most {self._settings.max_frame_bytes} bytes"
            return [Close(CloseCode.TOO_BIG, reason)]
        try:
            frame = self.dialect.decode(data)
            return self._handler(frame)(self, frame, now)
        except UnreadableCommandError as error:
            return self._take(error.asked, now, error.message)
        except ProtocolError as error:
            return self._refusal(ErrorCode(error.code), error.message, error.session_id)

    def _handler(self, frame: pb.ClientFrame) -> _OnFrame:
        kind = frame.WhichOneof("frame")
        if self.standing.principal is None and kind not in _FOR_ANYBODY:
            named = frame.subscribe.session_id or frame.unsubscribe.session_id
            raise ProtocolError(ErrorCode.UNAUTHENTICATED, "authenticate first", _repeated(named))
        return _ON_FRAME[kind]

    def go_away(self, reconnect_within: float) -> list[Action]:
        """Returns what tells the client that the server ends; seconds."""
        if not self.dialect.is_v2:
            return []
        return [self._answer(frames.go_away(reconnect_within))]

    def _subscribe(self, frame: pb.ClientFrame, _: float) -> list[Action]:
        request = frame.subscribe
        session_id = _session_id("subscribe", request.session_id)
        try:
            mode = SubscribeMode(request.mode)
        except ValueError as error:
            message = f"there is no mode {request.mode}"
            raise ProtocolError(ErrorCode.PROTOCOL_ERROR, message, session_id) from error
        asked = Subscribing(
            session_id=session_id,
            mode=mode,
            since=request.since_snapshot_ordinal,
            epoch=request.since_epoch,
        )
        return self.subscriptions.subscribe(asked)

    def _unsubscribe(self, frame: pb.ClientFrame, _: float) -> list[Action]:
        session_id = _session_id("unsubscribe", frame.unsubscribe.session_id)
        return self.subscriptions.unsubscribe(session_id)

    def _command(self, frame: pb.ClientFrame, now: float) -> list[Action]:
        return self._take(frame.command, now)

    def _take(self, asked: pb.CommandRequest, now: float, fault: str = "") -> list[Action]:
        is_authenticated = self.standing.principal is not None
        return self.commands.take(asked, now, is_authenticated=is_authenticated, fault=fault)

    def _authenticate(self, frame: pb.ClientFrame, _: float) -> list[Action]:
        return self.standing.authenticate(frame.authenticate.token)

    def _ping(self, frame: pb.ClientFrame, _: float) -> list[Action]:
        return [self._answer(frames.pong(frame.ping.nonce))]

    def _pong(self, _: pb.ClientFrame, __: float) -> list[Action]:
        return []

    def _empty(self, _: pb.ClientFrame, __: float) -> list[Action]:
        message = "an empty frame; send subscribe, unsubscribe, ping or pong"
        raise ProtocolError(ErrorCode.PROTOCOL_ERROR, message)

    def _answer(self, frame: pb.ServerFrame) -> Answer:
        return Answer(self.dialect.encode(frame))

    def _refusal(self, code: ErrorCode, message: str, session_id: str) -> list[Action]:
        return [
            self._answer(frames.error(code, message, session_id)),
            Report(TransportEvent.FRAME_REJECTED, session_id, code.value),
        ]


_OnFrame: TypeAlias = Callable[[ServerProtocol, pb.ClientFrame, float], list[Action]]
_ON_FRAME: Final[Mapping[str | None, _OnFrame]] = {
    "subscribe": ServerProtocol._subscribe,
    "unsubscribe": ServerProtocol._unsubscribe,
    "command": ServerProtocol._command,
    "authenticate": ServerProtocol._authenticate,
    "ping": ServerProtocol._ping,
    "pong": ServerProtocol._pong,
    None: ServerProtocol._empty,
}
# A command is answered by an acknowledgement, in commanding.py.
_FOR_ANYBODY: Final = frozenset({"authenticate", "command", "ping", "pong"})
# An id that is none is told back, so that a client knows what was refused; up to here.
_MAX_REPEATED_LENGTH: Final = 2 * MAX_SESSION_ID_LENGTH


def _repeated(session_id: str) -> str:
    # What is longer can be no session's.
    return session_id if len(session_id) <= MAX_ID_LENGTH else ""


def _session_id(request: str, session_id: str) -> str:
    if not session_id:
        raise ProtocolError(ErrorCode.PROTOCOL_ERROR, f"{request} needs a session id")
    try:
        return check_session_id(session_id)
    except SessionIdError as error:
        named = session_id if len(session_id) <= _MAX_REPEATED_LENGTH else ""
        raise ProtocolError(ErrorCode.PROTOCOL_ERROR, str(error), named) from error


def _exceeds(data: str | bytes, limit: int) -> bool:
    if isinstance(data, bytes) or len(data) > limit:
        return len(data) > limit
    # UTF-8 takes one to four bytes a character: most texts need no count.
    return len(data) * 4 > limit and len(data.encode("utf-8", "surrogatepass")) > limit
