"""What is measured: three servers that send the same bytes, and how a client talks to each."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from sessionstream.v1 import transport_pb2 as pb

OURS = "hub"
BROADCAST = "broadcast"
SOCKETIO = "socketio"

JSON_PROTOCOL = "sessionstream.v2.json"
BINARY_PROTOCOL = "sessionstream.v2.proto"


@dataclass(frozen=True, slots=True)
class Speech:
    """How a client gets from an open WebSocket to a subscription.

    ``reply`` takes a message of the server and the session that is wanted; it
    returns what is to be sent, or nothing. ``is_subscribed`` says whether the
    message is the last one before events.
    """

    reply: Callable[[bytes, str], bytes | None]
    is_subscribed: Callable[[bytes], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """A server and the way to talk to it. ``server`` names its module."""

    server: str
    path: str
    speech: Speech
    subprotocol: str = ""

    @property
    def is_binary(self) -> bool:
        """Whether messages are binary, both ways."""
        return self.subprotocol == BINARY_PROTOCOL


def _reply_in_json(message: bytes, session_id: str) -> bytes | None:
    if b'"hello"' not in message:
        return None
    return json.dumps({"subscribe": {"sessionId": session_id}}).encode()


def _reply_in_binary(message: bytes, session_id: str) -> bytes | None:
    if pb.ServerFrame.FromString(message).WhichOneof("frame") != "hello":
        return None
    frame = pb.ClientFrame(subscribe=pb.SubscribeRequest(session_id=session_id))
    return frame.SerializeToString()


def _reply_in_socketio(message: bytes, session_id: str) -> bytes | None:
    if message.startswith(b"0"):  # Engine.IO is open
        return b"40"
    if message.startswith(b"40"):  # the namespace is
        return f"42{json.dumps(['subscribe', session_id])}".encode()
    return None


def _is_subscribed_frame(message: bytes) -> bool:
    return pb.ServerFrame.FromString(message).WhichOneof("frame") == "subscribed"


_JSON = Speech(_reply_in_json, lambda message: b'"subscribed"' in message)
_BINARY = Speech(_reply_in_binary, _is_subscribed_frame)
_SOCKETIO = Speech(_reply_in_socketio, lambda message: message.startswith(b'42["subscribed"'))

HUB_JSON = Contender(server=OURS, path="/ws", speech=_JSON, subprotocol=JSON_PROTOCOL)
HUB_BINARY = Contender(server=OURS, path="/ws", speech=_BINARY, subprotocol=BINARY_PROTOCOL)

PLAIN = Contender(server=BROADCAST, path="/ws", speech=_JSON)
"""Answers in JSON whatever it sends as events."""

SOCKET_IO = Contender(
    server=SOCKETIO, path="/socket.io/?EIO=4&transport=websocket", speech=_SOCKETIO
)
