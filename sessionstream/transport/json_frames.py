"""Server frames as protobuf JSON.

Version 1 leaves out every field that holds its default, as the original does.
Version 2 leaves out empty texts and false; numbers, enums and lists of its
frames are always there. Payloads are in the ordinary form in both.

What is sent often, UI events and entities, is written here by hand, and their
payloads straight into it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from json.encoder import encode_basestring as quote

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from sessionstream import codec
from sessionstream.types import Snapshot, TimelineEntity, UIBatch
from sessionstream.v1 import transport_pb2 as pb

_LONG = (FieldDescriptor.CPPTYPE_UINT64, FieldDescriptor.CPPTYPE_INT64)


def v1_text(frame: pb.ServerFrame) -> str:
    """Returns any frame in version 1."""
    return codec.encode_json(frame).decode()


def v2_text(message: Message) -> str:
    """Returns any frame without a payload in version 2."""
    fields = (_field(message, field.name) for field in message.DESCRIPTOR.fields)
    return f"{{{','.join([text for text in fields if text])}}}"


def _field(message: Message, name: str) -> str:
    field = message.DESCRIPTOR.fields_by_name[name]
    value = getattr(message, name)
    if field.message_type is not None:
        text = v2_text(value) if message.HasField(field.name) else ""
    elif field.is_repeated:
        text = f"[{','.join(map(quote, value))}]"  # ours are texts
    elif field.enum_type is not None:
        text = quote(field.enum_type.values_by_number[value].name)
    elif field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        text = quote(value) if value else ""
    elif field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        text = "true" if value else ""
    else:
        text = f'"{value}"' if field.cpp_type in _LONG else str(value)
    return f'"{field.json_name}":{text}' if text else ""


def ui_event_texts(batch: UIBatch, *, is_v2: bool) -> list[str]:
    """Returns the frames of a batch, in order."""
    head = f'{{"uiEvent":{{"sessionId":{quote(batch.session_id)}'
    if is_v2 or batch.ordinal:
        head += f',"eventOrdinal":"{batch.ordinal}"'
    texts = [
        f'{head},"name":{quote(event.name)},"payload":{codec.encode_any_json(event.payload)}'
        for event in batch.events
    ]
    if not is_v2:
        return [f"{text}}}}}" for text in texts]
    end = f',"batchSize":{len(texts)},"previousOrdinal":"{batch.previous_ordinal}"}}}}'
    return [f'{text},"batchIndex":{index}{end}' for index, text in enumerate(texts)]


def v1_snapshot_text(snapshot: Snapshot) -> str:
    """Returns the snapshot's frame in version 1."""
    text = f'{{"snapshot":{{"sessionId":{quote(snapshot.session_id)}'
    if snapshot.snapshot_ordinal:
        text += f',"snapshotOrdinal":"{snapshot.snapshot_ordinal}"'
    if snapshot.entities:
        text += f',"entities":[{",".join(_entity_texts(snapshot.entities, is_v2=False))}]'
    return text + "}}"


def v2_snapshot_texts(snapshot: Snapshot, epoch: str, max_bytes: int) -> list[str]:
    """Returns the snapshot's frames in version 2.

    A frame is longer than ``max_bytes`` only where one entity alone makes it so.
    """
    head = (
        f'{{"snapshot":{{"sessionId":{quote(snapshot.session_id)}'
        f',"snapshotOrdinal":"{snapshot.snapshot_ordinal}","entities":['
    )
    epoch_text = f',"epoch":{quote(epoch)}' if epoch else ""
    around = len((head + epoch_text).encode()) + len('],"partIndex":,"partCount":}}') + 2 * 10
    texts = _entity_texts(snapshot.entities, is_v2=True)
    sized = ((text, len(text.encode()) + 1) for text in texts)
    parts = _parted(sized, max_bytes - around)
    end = f',"partCount":{len(parts)}}}}}'
    return [
        f'{head}{",".join(part)}]{epoch_text},"partIndex":{index}{end}'
        for index, part in enumerate(parts)
    ]


def _parted(sized: Iterable[tuple[str, int]], most: int) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    filled = 0
    for text, size in sized:
        if parts[-1] and filled + size > most:
            parts.append([])
            filled = 0
        parts[-1].append(text)
        filled += size
    return parts


def _entity_texts(entities: Sequence[TimelineEntity[Message]], *, is_v2: bool) -> list[str]:
    return [_entity_text(entity, is_v2=is_v2) for entity in entities]


def _entity_text(entity: TimelineEntity[Message], *, is_v2: bool) -> str:
    fields = [f'"{name}":{quote(text)}' for name, text in _names(entity) if text]
    ordinals = (
        ("createdOrdinal", entity.created_ordinal),
        ("lastEventOrdinal", entity.last_event_ordinal),
    )
    fields += [f'"{name}":"{ordinal}"' for name, ordinal in ordinals if is_v2 or ordinal]
    if entity.tombstone:
        fields.append('"tombstone":true')
    if entity.payload is not None:
        fields.append(f'"payload":{codec.encode_any_json(entity.payload)}')
    return f"{{{','.join(fields)}}}"


def _names(entity: TimelineEntity[Message]) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("kind", entity.kind), ("id", entity.id)
