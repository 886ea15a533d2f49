"""Server frames with payloads as protobuf messages."""

from __future__ import annotations

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message

from sessionstream.types import Snapshot, TimelineEntity, UIBatch
from sessionstream.v1 import transport_pb2 as pb

# What a part needs besides its ids and entities, at most.
_AROUND = 64


def ui_event_frames(batch: UIBatch) -> list[pb.ServerFrame]:
    """Returns the frames of a batch, in order."""
    return [
        pb.ServerFrame(
            ui_event=pb.UiEventFrame(
                session_id=batch.session_id,
                event_ordinal=batch.ordinal,
                name=event.name,
                payload=packed(event.payload),
                batch_index=index,
                batch_size=len(batch.events),
                previous_ordinal=batch.previous_ordinal,
            )
        )
        for index, event in enumerate(batch.events)
    ]


def snapshot_frames(snapshot: Snapshot, epoch: str, max_bytes: int) -> list[pb.ServerFrame]:
    """Returns the snapshot's frames.

    One is longer than ``max_bytes`` only where one entity alone makes it so.
    """
    most = max_bytes - _AROUND - len(snapshot.session_id.encode()) - len(epoch.encode())
    parts: list[list[pb.SnapshotEntity]] = [[]]
    filled = 0
    for entity in map(_entity, snapshot.entities):
        size = entity.ByteSize() + 6  # its tag and length
        if parts[-1] and filled + size > most:
            parts.append([])
            filled = 0
        parts[-1].append(entity)
        filled += size
    return [
        pb.ServerFrame(
            snapshot=pb.SnapshotFrame(
                session_id=snapshot.session_id,
                snapshot_ordinal=snapshot.snapshot_ordinal,
                entities=part,
                epoch=epoch,
                part_index=index,
                part_count=len(parts),
            )
        )
        for index, part in enumerate(parts)
    ]


def _entity(entity: TimelineEntity[Message]) -> pb.SnapshotEntity:
    return pb.SnapshotEntity(
        kind=entity.kind,
        id=entity.id,
        created_ordinal=entity.created_ordinal,
        last_event_ordinal=entity.last_event_ordinal,
        tombstone=entity.tombstone,
        payload=None if entity.payload is None else packed(entity.payload),
    )


def packed(payload: Message) -> AnyMessage:
    """Returns the payload as an Any."""
    result = AnyMessage()
    result.Pack(payload, deterministic=True)
    return result
