"""Frames as a client writes and reads them, in both dialects.

A server may be newer than the client: fields and frames that the client does
not know are left out, and so are payloads of types that it has not.
"""

from __future__ import annotations

import json
from enum import Enum

from google.protobuf import descriptor_pool, json_format
from google.protobuf.message import DecodeError

from sessionstream import codec
from sessionstream.client.errors import ServerFrameError
from sessionstream.errors import PayloadDecodeError
from sessionstream.v1 import transport_pb2 as pb


class Dialect(Enum):
    """How frames are written; the value is the subprotocol that asks for it."""

    JSON = "sessionstream.v2.json"
    PROTO = "sessionstream.v2.proto"


def encode(frame: pb.ClientFrame, dialect: Dialect) -> str | bytes:
    """Returns the frame as it goes over the wire: a text for JSON, else bytes."""
    if dialect is Dialect.PROTO:
        return frame.SerializeToString()
    return codec.encode_json(frame).decode()


def decode(data: str | bytes, dialect: Dialect) -> pb.ServerFrame:
    """Returns the frame that a server sent; empty where the client does not know its kind.

    Raises:
        ServerFrameError: It is no frame of this dialect.
    """
    if isinstance(data, bytes) is not (dialect is Dialect.PROTO):
        raise ServerFrameError(f"a {'text' if isinstance(data, str) else 'binary'} message")
    try:
        if isinstance(data, bytes):
            return pb.ServerFrame.FromString(data)
        try:
            return codec.decode_json(pb.ServerFrame, data)
        except PayloadDecodeError:
            return _decode_leniently(data)
    except (DecodeError, ValueError, TypeError, RecursionError, json_format.ParseError) as error:
        raise ServerFrameError("something else") from error


def _decode_leniently(text: str) -> pb.ServerFrame:
    # Slower: only for what the strict way refuses.
    read: object = json.loads(text)
    if not isinstance(read, dict):
        raise TypeError("not an object")
    for holder in _payload_holders(read):
        if not _is_known(holder.get("payload")):
            holder.pop("payload", None)
    return json_format.ParseDict(read, pb.ServerFrame(), ignore_unknown_fields=True)


def _payload_holders(read: dict[str, object]) -> list[dict[str, object]]:
    """The objects in a frame that may have a payload."""
    snapshot = read.get("snapshot")
    entities = snapshot.get("entities") if isinstance(snapshot, dict) else None
    found = [read.get("uiEvent"), *(entities if isinstance(entities, list) else ())]
    return [each for each in found if isinstance(each, dict)]


def _is_known(payload: object) -> bool:
    url = payload.get("@type") if isinstance(payload, dict) else None
    if not isinstance(url, str):
        return False
    try:
        descriptor_pool.Default().FindMessageTypeByName(url.rpartition("/")[2])
    except KeyError:
        return False
    return True
