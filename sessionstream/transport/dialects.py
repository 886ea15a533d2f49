"""The three ways in which frames go over the wire.

dialect     subprotocol               messages   fields from 100 on
V1_JSON     none                      text       no
V2_JSON     sessionstream.v2.json     text       yes
V2_PROTO    sessionstream.v2.proto    binary     yes
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sessionstream.transport import client_frames, json_frames, proto_frames
from sessionstream.transport.encoded import Encoded
from sessionstream.types import Snapshot, UIBatch
from sessionstream.v1 import transport_pb2 as pb


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dialect:
    """How frames are written and read.

    ``decode`` raises `ProtocolError` for what is no frame, and nothing else.
    What writes raises what encoding a payload raises.
    """

    subprotocol: str | None
    is_v2: bool
    is_text: bool
    decode: Callable[[str | bytes], pb.ClientFrame]
    _frame: Callable[[pb.ServerFrame], bytes]
    _batch: Callable[[UIBatch], Iterable[bytes]]
    _snapshot: Callable[[Snapshot, str, int], Iterable[bytes]]

    def encode(self, *frames: pb.ServerFrame) -> Encoded:
        """Returns frames that hold no payload."""
        return Encoded(tuple(map(self._frame, frames)), is_text=self.is_text)

    def encode_batch(self, batch: UIBatch) -> Encoded:
        """Returns the frames of a batch, one for each UI event."""
        return Encoded(tuple(self._batch(batch)), is_text=self.is_text)

    def encode_snapshot(self, snapshot: Snapshot, epoch: str, max_bytes: int) -> list[Encoded]:
        """Returns a snapshot's parts; version 1 has one, whatever its size.

        A part is longer than ``max_bytes`` only where one entity alone makes it so.
        """
        parts = self._snapshot(snapshot, epoch, max_bytes)
        return [Encoded((part,), is_text=self.is_text) for part in parts]


def _utf8(texts: Iterable[str]) -> list[bytes]:
    return [text.encode() for text in texts]


def _binary(frames: Iterable[pb.ServerFrame]) -> list[bytes]:
    return [frame.SerializeToString() for frame in frames]


V1_JSON: Final = Dialect(
    subprotocol=None,
    is_v2=False,
    is_text=True,
    decode=client_frames.decode_v1_json,
    _frame=lambda frame: json_frames.v1_text(frame).encode(),
    _batch=lambda batch: _utf8(json_frames.ui_event_texts(batch, is_v2=False)),
    _snapshot=lambda snapshot, _, __: _utf8([json_frames.v1_snapshot_text(snapshot)]),
)
V2_JSON: Final = Dialect(
    subprotocol="sessionstream.v2.json",
    is_v2=True,
    is_text=True,
    decode=client_frames.decode_json,
    _frame=lambda frame: json_frames.v2_text(frame).encode(),
    _batch=lambda batch: _utf8(json_frames.ui_event_texts(batch, is_v2=True)),
    _snapshot=lambda *given: _utf8(json_frames.v2_snapshot_texts(*given)),
)
V2_PROTO: Final = Dialect(
    subprotocol="sessionstream.v2.proto",
    is_v2=True,
    is_text=False,
    decode=client_frames.decode_proto,
    _frame=lambda frame: frame.SerializeToString(),
    _batch=lambda batch: _binary(proto_frames.ui_event_frames(batch)),
    _snapshot=lambda *given: _binary(proto_frames.snapshot_frames(*given)),
)
DIALECTS: Final[Sequence[Dialect]] = (V2_PROTO, V2_JSON, V1_JSON)
"""All of them, the one that is preferred first."""


def negotiated(offered: Iterable[str]) -> Dialect:
    """Returns the dialect for the subprotocols that a client offers; version 1 for none of ours."""
    names = set(offered)
    return next((each for each in DIALECTS if each.subprotocol in names), V1_JSON)


def offers(headers: Iterable[str]) -> list[str]:
    """Returns the subprotocols in the values of ``Sec-WebSocket-Protocol``."""
    return [name.strip() for value in headers for name in value.split(",")]
