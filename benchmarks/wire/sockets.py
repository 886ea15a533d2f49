"""The client's side of a WebSocket, as bare as can be (RFC 6455)."""

from __future__ import annotations

import socket

from benchmarks.wire.contenders import Contender

_TEXT, _BINARY = 0x81, 0x82
# Of the messages before events; none is longer than this when it is sent.
_SHORT, _TWO_BYTES, _EIGHT_BYTES = 125, 126, 127
_TIMEOUT_SECONDS = 20


class RefusedError(Exception):
    """A server did not let a client in; it says what it answered."""


def subscribe(contender: Contender, port: int, session_id: str) -> socket.socket:
    """Returns a connection whose next frames are the session's events.

    Raises:
        RefusedError: The server answers with something else.
    """
    connection = socket.create_connection(("127.0.0.1", port), _TIMEOUT_SECONDS)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    _shake_hands(connection, contender, port)
    while not contender.speech.is_subscribed(message := read_message(connection)):
        reply = contender.speech.reply(message, session_id)
        if reply is not None:
            connection.sendall(_masked(reply, is_binary=contender.is_binary))
    return connection


def read_message(connection: socket.socket) -> bytes:
    """Returns the next message, which has to be in one frame; waits for it.

    Raises:
        RefusedError: It is neither text nor binary.
    """
    kind, length = _exactly(connection, 2)
    if length == _TWO_BYTES:
        length = int.from_bytes(_exactly(connection, 2))
    elif length == _EIGHT_BYTES:
        length = int.from_bytes(_exactly(connection, 8))
    content = _exactly(connection, length)
    if kind not in (_TEXT, _BINARY):
        raise RefusedError(f"a frame of kind {kind:#x}: {content!r}")
    return content


def _shake_hands(connection: socket.socket, contender: Contender, port: int) -> None:
    lines = [
        f"GET {contender.path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ]
    if contender.subprotocol:
        lines.append(f"Sec-WebSocket-Protocol: {contender.subprotocol}")
    connection.sendall("".join(f"{line}\r\n" for line in [*lines, ""]).encode())
    head = b""
    # No byte more: what follows are frames.
    while not head.endswith(b"\r\n\r\n"):
        head += _exactly(connection, 1)
    chosen = f"Sec-WebSocket-Protocol: {contender.subprotocol}\r\n".lower().encode()
    if not head.startswith(b"HTTP/1.1 101 ") or (
        contender.subprotocol and chosen not in head.lower()
    ):
        raise RefusedError(head.decode("latin-1"))


def _masked(content: bytes, *, is_binary: bool) -> bytes:
    """A client's frame. Its mask is zero, which leaves the content as it is."""
    if len(content) > _SHORT:
        raise ValueError(f"a frame of {len(content)} bytes; at most {_SHORT} are sent here")
    return bytes([_BINARY if is_binary else _TEXT, 0x80 | len(content), 0, 0, 0, 0]) + content


def _exactly(connection: socket.socket, size: int) -> bytes:
    found = connection.recv(size, socket.MSG_WAITALL) if size else b""
    if len(found) < size:
        raise RefusedError("the server ended the connection")
    return found
