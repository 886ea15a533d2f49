"""How long the codec takes, against json_format in the same run.

    python benchmarks/codec.py                    # a table
    python benchmarks/codec.py --rounds 5         # fewer rounds; each takes about 0.1 s a row
    python benchmarks/codec.py --json FILE        # also writes the figures

Frames are those of the chat demo: ``pong`` has no payload, ``appended`` is one
chunk of an answer, ``finished`` a whole answer of 200 characters, ``snapshot``
has 100 of them. Both sides take turns in each round, so that what else the
machine does meets both; times are of the process, medians with the shortest
and the longest round. ``MessageToJson`` indents by default, which is slow in
itself on Python before 3.13: ``compact`` is json_format without that, and what
the codec replaces. Neither is given a file or a socket.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from chatdemo.v1 import chat_pb2 as chat
from google.protobuf import json_format
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message

from sessionstream.codec import decode_json, encode_json
from sessionstream.v1 import transport_pb2 as pb

# About so long each side works in a round.
_ROUND_SECONDS = 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Times of one operation, in microseconds."""

    median: float
    least: float
    most: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.least:.2f}-{self.most:.2f})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One operation on one frame: ``reference`` is json_format's name for it."""

    frame: str
    reference: str
    theirs: Times
    ours: Times

    @property
    def ratio(self) -> float:
        """How many times as long json_format takes, by the medians."""
        return self.theirs.median / self.ours.median

    def __str__(self) -> str:
        names = f"{self.frame:<10}{self.reference:<15}"
        return f"{names}{self.theirs!s:>28}{self.ours!s:>28}{self.ratio:>7.1f}"


_TITLES = f"{'frame':<10}{'json_format':<15}{'its us (min-max)':>28}{'ours':>28}{'ratio':>7}"


def main(arguments: Sequence[str]) -> int:
    """Measures, prints a table and returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=25, help="how often each side is measured")
    parser.add_argument("--json", type=Path, help="where to write the figures as well")
    options = parser.parse_args(arguments)
    print(_TITLES)
    rows = []
    for row in measure(options.rounds):
        rows.append(row)
        print(row, flush=True)
    if options.json is not None:
        figures = [{**asdict(row), "ratio": row.ratio} for row in rows]
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0


def measure(rounds: int) -> Iterator[Row]:
    """Yields a row for each frame and operation."""
    for name, frame in frames().items():
        text = encode_json(frame).decode()
        operations: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
            "MessageToJson": (
                partial(json_format.MessageToJson, frame),
                partial(encode_json, frame),
            ),
            "compact": (partial(_compact, frame), partial(encode_json, frame)),
            "Parse": (partial(_parse, text), partial(_decode, text)),
        }
        for reference, (theirs, ours) in operations.items():
            their_times, our_times = _taking_turns(theirs, ours, rounds)
            yield Row(frame=name, reference=reference, theirs=their_times, ours=our_times)


def frames() -> dict[str, pb.ServerFrame]:
    """Returns the frames that are measured, by name."""
    ids = ("5f0c2a52-5f6e-4f5c-9a8e-0b1a2c3d4e5f", "0123456789abcdef0123456789abcdef")
    message = chat.ChatMessage(
        message_id=ids[1],
        role=chat.CHAT_ROLE_ASSISTANT,
        text="An answer " * 20,
        status=chat.CHAT_STATUS_COMPLETE,
    )
    entity = pb.SnapshotEntity(
        kind="ChatMessage",
        id=ids[1],
        created_ordinal=1,
        last_event_ordinal=1234,
        payload=_packed(message),
    )
    snapshot = pb.SnapshotFrame(session_id=ids[0], snapshot_ordinal=1234, entities=[entity] * 100)
    appended = chat.ChatMessageUpdate(message_id=ids[1], chunk=" words")
    finished = chat.ChatMessageUpdate(message_id=ids[1], message=message)
    return {
        "pong": pb.ServerFrame(pong=pb.PongFrame(nonce="n")),
        "appended": _ui_event(ids[0], "ChatMessageAppended", appended),
        "finished": _ui_event(ids[0], "ChatMessageFinished", finished),
        "snapshot": pb.ServerFrame(snapshot=snapshot),
    }


def _ui_event(session_id: str, name: str, payload: Message) -> pb.ServerFrame:
    event = pb.UiEventFrame(
        session_id=session_id, event_ordinal=1234, name=name, payload=_packed(payload)
    )
    return pb.ServerFrame(ui_event=event)


def _packed(payload: Message) -> AnyMessage:
    packed = AnyMessage()
    packed.Pack(payload, deterministic=True)
    return packed


def _compact(frame: Message) -> bytes:
    fields = json_format.MessageToDict(frame)
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


def _parse(text: str) -> Message:
    return json_format.Parse(text, pb.ServerFrame())


def _decode(text: str) -> Message:
    return decode_json(pb.ServerFrame, text)


def _taking_turns(
    first: Callable[[], object], second: Callable[[], object], rounds: int
) -> tuple[Times, Times]:
    turns = [(work, _repeats(work), list[float]()) for work in (first, second)]
    for _ in range(rounds):
        for work, repeats, found in turns:
            found.append(_seconds(work, repeats) / repeats * 1e6)
    one, other = [
        Times(median=statistics.median(found), least=min(found), most=max(found))
        for _, _, found in turns
    ]
    return one, other


def _repeats(work: Callable[[], object]) -> int:
    work()
    return max(1, int(_ROUND_SECONDS / (_seconds(work, 20) / 20)))


def _seconds(work: Callable[[], object], repeats: int) -> float:
    start = time.process_time()
    for _ in range(repeats):
        work()
    return time.process_time() - start


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
