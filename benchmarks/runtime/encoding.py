"""Protobuf JSON of a frame that carries a chunk of an answer, against `json_format`."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from chatdemo.v1 import chat_pb2
from chatdemo.v1 import chat_sessionstream as chat
from google.protobuf import json_format

from benchmarks.runtime.conversation import CHUNK
from benchmarks.runtime.measures import OURS, Figure, fraction, references
from benchmarks.runtime.rounds import Bench
from sessionstream import codec
from sessionstream.v1 import transport_pb2 as pb


async def frame_encoding(bench: Bench) -> list[Figure]:
    """Microseconds that one frame of the chat demo takes to be written, and to be read.

    The frame is an update of a message, packed in an ``Any``.
    """
    payload = chat_pb2.ChatMessageUpdate(message_id="0" * 32, chunk=CHUNK)
    frame = pb.ServerFrame(
        ui_event=pb.UiEventFrame(
            session_id="session", event_ordinal=1234, name=chat.CHAT_MESSAGE_APPENDED_UI.name
        )
    )
    frame.ui_event.payload.Pack(payload)
    text = json_format.MessageToJson(frame)
    return [
        await _compared(
            bench,
            _Work("encode", 6, lambda: codec.encode_json(frame)),
            lambda: json_format.MessageToJson(frame),
        ),
        await _compared(
            bench,
            _Work("decode", 3, lambda: codec.decode_json(pb.ServerFrame, text)),
            lambda: json_format.Parse(text, pb.ServerFrame()),
        ),
    ]


@dataclass(frozen=True, slots=True)
class _Work:
    """One direction, and how many times faster than `json_format` it is to be."""

    name: str
    faster: float
    run: Callable[[], object]


async def _compared(bench: Bench, work: _Work, reference: Callable[[], object]) -> Figure:
    async def ours() -> tuple[float, ...]:
        return (_microseconds(bench, work.run),)

    async def theirs() -> tuple[float, ...]:
        return (_microseconds(bench, reference),)

    found = await bench.interleaved({OURS: ours, "json_format": theirs})
    return Figure(
        name=f"codec-{work.name}",
        title=f"a UI event's frame: {work.name}",
        unit="us",
        ours=found[OURS][0],
        references=references(found),
        target=fraction(1 / work.faster),
    )


def _microseconds(bench: Bench, work: Callable[[], object]) -> float:
    start = time.perf_counter()
    for _ in range(bench.scale.frames):
        work()
    return (time.perf_counter() - start) / bench.scale.frames * 1e6
