"""Frames as text: protobuf JSON of `ClientFrame` and `ServerFrame`.

Fields that hold their default are left out, field names are lowerCamelCase and
64-bit integers are strings, as the clients of the original protocol expect.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message

from sessionstream import codec
from sessionstream.codec.field_error import FieldError, UnknownFieldError
from sessionstream.errors import PayloadDecodeError, ProtocolError
from sessionstream.types import Snapshot, TimelineEntity, UIEvent
from sessionstream.v1 import transport_pb2 as pb


class ErrorCode(StrEnum):
    """Codes of error frames. None of them closes the connection."""

    BAD_CLIENT_FRAME = "bad_client_frame"
    PROTOCOL_ERROR = "protocol_error"
    SUBSCRIBE_DENIED = "subscribe_denied"


class CloseCode(IntEnum):
    """Codes with which a server closes (RFC 6455 section 7.4; 4000 and up are ours)."""

    NORMAL = 1000
    GOING_AWAY = 1001
    TOO_BIG = 1009
    INTERNAL_ERROR = 1011
    TRY_AGAIN_LATER = 1013
    # What waits for the client has outgrown its queue, or it takes nothing any
    # more. The queue is dropped; the client should connect again and subscribe:
    # the snapshot brings it up. One that reads nothing sees the end only.
    SLOW_CLIENT = 4008


@dataclass(frozen=True, slots=True)
class UIBatch:
    """The UI events of one event, encoded once for every subscriber.

    ``ordinal`` is 0 for an ephemeral event. ``sizes`` are those of the frames,
    in bytes of UTF-8.
    """

    session_id: str
    ordinal: int
    frames: tuple[str, ...]
    sizes: tuple[int, ...]

    @property
    def size(self) -> int:
        """The size of all frames together."""
        return sum(self.sizes)


def encode(frame: pb.ServerFrame) -> str:
    """Returns the frame as it goes over the wire."""
    return codec.encode_json(frame).decode()


def decode(data: str | bytes) -> pb.ClientFrame:
    """Returns the frame that a client sent.

    Raises:
        ProtocolError: ``bad_client_frame``: it is binary, no JSON, nested too
            deeply, or has a field or a value that a frame does not have.
    """
    if isinstance(data, bytes):
        raise ProtocolError(ErrorCode.BAD_CLIENT_FRAME, "a frame is a text message, not binary")
    try:
        return codec.decode_json(pb.ClientFrame, data)
    except PayloadDecodeError as error:
        raise ProtocolError(ErrorCode.BAD_CLIENT_FRAME, _reason(error.__cause__)) from error


def _reason(cause: BaseException | None) -> str:
    # A client gets no text of an unexpected exception, only names of fields.
    if isinstance(cause, UnknownFieldError):
        return f'unknown field "{cause.field}"'
    if isinstance(cause, FieldError) and cause.field:
        return f'the field "{cause.field}" can\'t hold that value'
    if isinstance(cause, json.JSONDecodeError):
        return f"not JSON: {cause}"
    return "not the JSON of a client frame"


def encode_batch(session_id: str, ordinal: int, events: Sequence[UIEvent[Message]]) -> UIBatch:
    """Returns the UI events of one event as frames, in order."""
    texts = tuple(_ui_event(session_id, ordinal, event) for event in events)
    return UIBatch(session_id, ordinal, texts, tuple(len(text.encode()) for text in texts))


def _ui_event(session_id: str, ordinal: int, event: UIEvent[Message]) -> str:
    return encode(
        pb.ServerFrame(
            ui_event=pb.UiEventFrame(
                session_id=session_id,
                event_ordinal=ordinal,
                name=event.name,
                payload=_pack(event.payload),
            )
        )
    )


def hello(connection_id: str) -> str:
    """Returns the greeting."""
    return encode(pb.ServerFrame(hello=pb.HelloFrame(connection_id=connection_id)))


def snapshot(loaded: Snapshot) -> str:
    """Returns a session's timeline."""
    return encode(
        pb.ServerFrame(
            snapshot=pb.SnapshotFrame(
                session_id=loaded.session_id,
                snapshot_ordinal=loaded.snapshot_ordinal,
                entities=[_entity(entity) for entity in loaded.entities],
            )
        )
    )


def _entity(entity: TimelineEntity[Message]) -> pb.SnapshotEntity:
    return pb.SnapshotEntity(
        kind=entity.kind,
        id=entity.id,
        created_ordinal=entity.created_ordinal,
        last_event_ordinal=entity.last_event_ordinal,
        tombstone=entity.tombstone,
        payload=None if entity.payload is None else _pack(entity.payload),
    )


def _pack(payload: Message) -> AnyMessage:
    packed = AnyMessage()
    packed.Pack(payload, deterministic=True)
    return packed


def subscribed(session_id: str, since_snapshot_ordinal: int) -> str:
    """Returns the end of a subscribe; the ordinal is the one that the client sent."""
    return encode(
        pb.ServerFrame(
            subscribed=pb.SubscribedFrame(
                session_id=session_id, since_snapshot_ordinal=since_snapshot_ordinal
            )
        )
    )


def unsubscribed(session_id: str) -> str:
    """Returns the answer to an unsubscribe."""
    return encode(pb.ServerFrame(unsubscribed=pb.UnsubscribedFrame(session_id=session_id)))


def pong(nonce: str) -> str:
    """Returns the answer to a ping."""
    return encode(pb.ServerFrame(pong=pb.PongFrame(nonce=nonce)))


def error(code: ErrorCode, message: str, session_id: str = "") -> str:
    """Returns an error frame."""
    return encode(
        pb.ServerFrame(error=pb.ErrorFrame(code=code.value, message=message, session_id=session_id))
    )
