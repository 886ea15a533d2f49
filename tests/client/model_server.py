"""A server as the client's core sees it: one session, frames in, frames out, nothing else.

Every event has a number of UI events, which carry its ordinal; a snapshot has
one entity, which carries the ordinal it was taken at.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from google.protobuf import json_format
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import StringValue

from sessionstream import SchemaRegistry
from sessionstream.client.frames import Dialect
from sessionstream.v1 import transport_pb2 as pb

SESSION = "s"
_Sub = pb.SubscribedFrame


def make_registry() -> SchemaRegistry:
    registry = SchemaRegistry()
    registry.register_command("Say", StringValue)
    registry.register_ui_event("Shown", StringValue)
    registry.register_timeline_entity("Line", StringValue)
    return registry


def packed(payload: Message) -> AnyMessage:
    found = AnyMessage()
    found.Pack(payload)
    return found


def encoded(frame: pb.ServerFrame, dialect: Dialect = Dialect.JSON) -> str | bytes:
    if dialect is Dialect.PROTO:
        return frame.SerializeToString()
    return json_format.MessageToJson(frame)


def hello() -> pb.ServerFrame:
    return pb.ServerFrame(hello=pb.HelloFrame(connection_id="c"))


def ui_event(
    ordinal: int, index: int = 0, size: int = 1, previous: int = 0, session_id: str = SESSION
) -> pb.ServerFrame:
    return pb.ServerFrame(
        ui_event=pb.UiEventFrame(
            session_id=session_id,
            event_ordinal=ordinal,
            name="Shown",
            payload=packed(StringValue(value=f"{ordinal}.{index}")),
            batch_index=index,
            batch_size=size,
            previous_ordinal=previous,
        )
    )


def snapshot(ordinal: int, epoch: str = "e", part: int = 0, parts: int = 1) -> pb.ServerFrame:
    entity = pb.SnapshotEntity(
        kind="Line", id=str(part), payload=packed(StringValue(value=str(ordinal)))
    )
    return pb.ServerFrame(
        snapshot=pb.SnapshotFrame(
            session_id=SESSION,
            snapshot_ordinal=ordinal,
            entities=[entity],
            epoch=epoch,
            part_index=part,
            part_count=parts,
        )
    )


def subscribed(
    head: int, epoch: str = "e", outcome: _Sub.Outcome.ValueType = _Sub.SNAPSHOT_SENT
) -> pb.ServerFrame:
    return pb.ServerFrame(
        subscribed=_Sub(session_id=SESSION, epoch=epoch, head_ordinal=head, outcome=outcome)
    )


def position(head: int, epoch: str = "e") -> pb.ServerFrame:
    return pb.ServerFrame(
        position=pb.PositionFrame(session_id=SESSION, epoch=epoch, head_ordinal=head)
    )


@dataclass
class ModelServer:
    """One session of one server, and the one connection to it.

    ``sizes`` are the numbers of UI events of the events 1, 2, 3 …; of those up
    to ``forgotten`` the server keeps no UI events.
    """

    life: int = 0
    sizes: list[int] = field(default_factory=list)
    forgotten: int = 0
    out: deque[pb.ServerFrame] = field(default_factory=deque)
    is_subscribed: bool = False
    tells_position: bool = True

    @property
    def epoch(self) -> str:
        return f"life {self.life}"

    @property
    def head(self) -> int:
        return len(self.sizes)

    def shown_after(self, ordinal: int) -> list[int]:
        return [each for each, size in enumerate(self.sizes, 1) if size and each > ordinal]

    def publish(self, size: int) -> None:
        self.sizes.append(size)
        if self.is_subscribed and size:
            self.out.extend(self._batch(self.head))
            self.tells_position = True

    def publish_ephemeral(self) -> None:
        if self.is_subscribed:
            self.out.append(ui_event(0))

    def tell_position(self) -> None:
        if self.is_subscribed and self.tells_position:
            self.out.append(position(self.head, self.epoch))

    def begin_anew(self) -> None:
        self.life += 1
        self.sizes.clear()
        self.forgotten = 0
        if self.is_subscribed:
            self._send_snapshot()

    def receive(self, frame: pb.ClientFrame) -> None:
        match frame.WhichOneof("frame"):
            case "subscribe":
                self._subscribe(frame.subscribe)
            case "unsubscribe":
                self.is_subscribed = False
                self.out.append(
                    pb.ServerFrame(unsubscribed=pb.UnsubscribedFrame(session_id=SESSION))
                )

    def cut(self) -> None:
        self.out.clear()
        self.is_subscribed = False

    def can_lose(self) -> list[int]:
        """The places of live UI events, those after the last answer to a subscribe."""
        answers = [at for at, frame in enumerate(self.out) if frame.HasField("subscribed")]
        return [at for at in self.can_repeat() if at > max(answers, default=-1)]

    def lose(self, at: int) -> None:
        """Leaves a frame out; until the next UI events the server may not say that all was sent."""
        rest = [frame for frame in list(self.out)[at + 1 :] if not frame.HasField("position")]
        self.out = deque([*list(self.out)[:at], *rest])
        self.tells_position = False

    def can_repeat(self) -> list[int]:
        """The places of UI events."""
        return [at for at, frame in enumerate(self.out) if frame.HasField("ui_event")]

    def repeat(self, at: int) -> None:
        """Sends a frame twice."""
        self.out.insert(at, self.out[at])

    def _subscribe(self, request: pb.SubscribeRequest) -> None:
        self.is_subscribed = True
        self.tells_position = True
        since = request.since_snapshot_ordinal
        resumes = request.mode == pb.SubscribeRequest.RESUME and request.since_epoch == self.epoch
        if not (resumes and self.forgotten <= since <= self.head):
            self._send_snapshot()
            return
        for ordinal in self.shown_after(since):
            self.out.extend(self._batch(ordinal))
        self.out.append(subscribed(self.head, self.epoch, _Sub.RESUMED))

    def _send_snapshot(self) -> None:
        for part in range(2):
            self.out.append(snapshot(self.head, self.epoch, part, 2))
        self.out.append(subscribed(self.head, self.epoch))

    def _batch(self, ordinal: int) -> list[pb.ServerFrame]:
        size = self.sizes[ordinal - 1]
        previous = max((each for each in self.shown_after(0) if each < ordinal), default=0)
        return [ui_event(ordinal, index, size, previous) for index in range(size)]
