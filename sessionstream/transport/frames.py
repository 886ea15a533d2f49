"""Server frames that hold no payload."""

from __future__ import annotations

from sessionstream.transport.codes import ErrorCode
from sessionstream.transport.settings import TransportSettings
from sessionstream.v1 import transport_pb2 as pb

CAPABILITIES = ("resume", "commands", "authenticate")
"""What this server can do, as `hello` tells it."""


def hello(
    connection_id: str, settings: TransportSettings, *, must_authenticate: bool
) -> pb.ServerFrame:
    """Returns the greeting of version 2."""
    limits = pb.ConnectionLimits(
        max_client_frame_bytes=settings.max_frame_bytes,
        max_server_frame_bytes=settings.max_sent_frame_bytes,
        max_subscriptions=settings.max_subscriptions,
        commands_per_second=int(settings.commands_per_second),
    )
    return pb.ServerFrame(
        hello=pb.HelloFrame(
            connection_id=connection_id,
            limits=limits,
            ping_interval_ms=milliseconds(settings.ping_interval),
            capabilities=CAPABILITIES,
            authentication_required=must_authenticate,
        )
    )


def v1_hello(connection_id: str) -> pb.ServerFrame:
    """Returns the greeting of version 1."""
    return pb.ServerFrame(hello=pb.HelloFrame(connection_id=connection_id))


def subscribed(session_id: str, since: int) -> pb.ServerFrame:
    """Returns the end of a subscribe in version 1; the ordinal is the one that the client sent."""
    return pb.ServerFrame(
        subscribed=pb.SubscribedFrame(session_id=session_id, since_snapshot_ordinal=since)
    )


def unsubscribed(session_id: str) -> pb.ServerFrame:
    """Returns the answer to an unsubscribe."""
    return pb.ServerFrame(unsubscribed=pb.UnsubscribedFrame(session_id=session_id))


def position(session_id: str, epoch: str, head: int) -> pb.ServerFrame:
    """Returns what tells a client how far it is."""
    return pb.ServerFrame(
        position=pb.PositionFrame(session_id=session_id, epoch=epoch, head_ordinal=head)
    )


def ping(nonce: str) -> pb.ServerFrame:
    """Returns a ping."""
    return pb.ServerFrame(ping=pb.PingFrame(nonce=nonce))


def pong(nonce: str) -> pb.ServerFrame:
    """Returns the answer to a ping."""
    return pb.ServerFrame(pong=pb.PongFrame(nonce=nonce))


def error(code: ErrorCode, message: str, session_id: str = "") -> pb.ServerFrame:
    """Returns an error frame."""
    return pb.ServerFrame(
        error=pb.ErrorFrame(code=code.value, message=message, session_id=session_id)
    )


def authenticated(expires_in: float) -> pb.ServerFrame:
    """Returns the answer to an authenticate; seconds, 0 for never."""
    return pb.ServerFrame(
        authenticated=pb.AuthenticatedFrame(expires_in_ms=milliseconds(expires_in))
    )


def go_away(reconnect_within: float) -> pb.ServerFrame:
    """Returns the warning that the server ends; seconds."""
    within = milliseconds(reconnect_within)
    return pb.ServerFrame(go_away=pb.GoAwayFrame(reconnect_within_ms=within))


def milliseconds(seconds: float) -> int:
    """Returns whole milliseconds, rounded up."""
    return -int(-seconds * 1000 // 1)
