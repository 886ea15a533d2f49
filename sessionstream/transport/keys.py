"""The keys of UI events: of ephemeral ones with the same key, the latest is enough."""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from sessionstream.types import UIEvent
from sessionstream.v1 import options_pb2

Key: TypeAlias = tuple[str, str | int]


def key_of(event: UIEvent[Message]) -> Key:
    """Returns the event's name, and what its field ``key`` holds; "" where no field is marked."""
    field = _marked(event.payload.DESCRIPTOR)
    return event.name, "" if field is None else getattr(event.payload, field)


@lru_cache(maxsize=1024)
def _marked(descriptor: Descriptor) -> str | None:
    marks = ((each.name, each.GetOptions()) for each in descriptor.fields)
    keys = (name for name, options in marks if options.Extensions[options_pb2.field].key)
    return next(keys, None)
