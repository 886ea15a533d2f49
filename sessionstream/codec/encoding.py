"""Messages to protobuf JSON."""

from __future__ import annotations

import json
from functools import partial

from google.protobuf import json_format
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import DecodeError, Message

from sessionstream.codec.compiled_text import compiled_writer, names_in_writer
from sessionstream.codec.message_text import is_sparse, is_writable, listing_writer
from sessionstream.codec.scalar_text import Writer
from sessionstream.codec.special_text import packed_writer, special_writer


def encode_json(message: Message) -> bytes:
    """Returns the message as compact protobuf JSON in UTF-8.

    The text is the one that `google.protobuf.json_format` gives, which also
    says what is wrong with a message that has none.

    Raises:
        google.protobuf.json_format.SerializeToJsonError: A value has no JSON
            form, such as a number in a Value that is not finite.
        TypeError: The type in an Any is not known.
        google.protobuf.message.DecodeError: What is in an Any is not of its type.
        ValueError: The message is a time, or the like, out of range.
    """
    try:
        text = _WRITERS[message.DESCRIPTOR](message)
    except (DecodeError, LookupError, ValueError):
        text = _by_json_format(message)
    return text.encode()


def encode_any_json(message: Message) -> str:
    """Returns the JSON of an Any that holds the message, without packing it.

    Raises as `encode_json` does.
    """
    try:
        return _PACKED_WRITERS[message.DESCRIPTOR](message)
    except (DecodeError, LookupError, ValueError):
        packed = AnyMessage()
        packed.Pack(message, deterministic=True)
        return _by_json_format(packed)


class _Writers(dict[object, Writer]):
    """What writes messages of a type, made when it is first asked for.

    Holds complete ones only, since threads may ask at any time.
    """

    def __missing__(self, descriptor: Descriptor) -> Writer:
        made: dict[object, Writer] = {}
        writer = self._make(descriptor, made)
        self.update(made)
        return writer

    def _make(self, descriptor: Descriptor, made: dict[object, Writer]) -> Writer:
        """Makes the writers of a type and of all that its messages hold, maybe itself."""
        found = self.get(descriptor) or made.get(descriptor)
        if found is not None:
            return found
        writer = special_writer(descriptor, self.__getitem__)
        if writer is None and not is_writable(descriptor):
            writer = _by_json_format
        if writer is None and is_sparse(descriptor):
            writer = listing_writer(self.__getitem__)
        if writer is None:
            names: dict[str, object] = {}
            made[descriptor] = writer = compiled_writer(descriptor, names)
            names |= names_in_writer(descriptor, partial(self._make, made=made))
        made[descriptor] = writer
        return writer


def _by_json_format(message: Message) -> str:
    fields = json_format.MessageToDict(message)
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


_WRITERS = _Writers()


class _PackedWriters(dict[object, Writer]):
    """What writes messages of a type as they stand in an Any, made when it is first asked for."""

    def __missing__(self, descriptor: Descriptor) -> Writer:
        self[descriptor] = writer = packed_writer(descriptor, _WRITERS.__getitem__)
        return writer


_PACKED_WRITERS = _PackedWriters()
