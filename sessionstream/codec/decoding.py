"""Protobuf JSON to messages.

What is accepted is what `google.protobuf.json_format` accepts, except where
that would lose or invent something:

- A field that is given twice, once under each of its names, is refused, and so
  is a key of a map in two spellings.
- ``[]``, ``""``, ``0`` and ``false`` are not taken for an empty message.
- A bool is no number, and 1.5 no enum. A number in a string has nothing but
  digits, a point, signs and an exponent; one that is too large for its field
  is not rounded to infinity.
- Base64 has no characters of other alphabets.
- ``NaN`` and infinities without quotes are refused in a Value too.
- In an Any, a type with a form of its own has nothing beside its ``value``.
- A Struct is nested no deeper than a message may be.

What is accepted besides is what encoding writes: ``null`` for the enum
NullValue in lists and maps, and the largest 32-bit float, rounded up. And a
list of NullValue or Value may be ``null`` as any other may: it is empty.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TypeVar

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from sessionstream.codec.field_error import FieldError
from sessionstream.codec.field_values import MessageReader
from sessionstream.codec.message_values import Slots, message_reader
from sessionstream.codec.special_values import special_reader
from sessionstream.errors import PayloadDecodeError

P = TypeVar("P", bound=Message)


def decode_json(message_type: type[P], data: bytes | str) -> P:
    """Returns the message that the protobuf JSON holds.

    Raises:
        PayloadDecodeError: It is no JSON, has an unknown field or a value that
            the field can't hold, or is nested more than 100 deep. The reason
            begins with the path of the field.
    """
    descriptor = message_type.DESCRIPTOR
    message = message_type()
    try:
        text = data if isinstance(data, str) else data.decode()
        _READERS[descriptor](message, _DECODER.decode(text), 1)
    except FieldError as error:
        raise PayloadDecodeError(descriptor.full_name, str(error)) from error
    except (RecursionError, TypeError, ValueError) as error:
        raise PayloadDecodeError(descriptor.full_name, f"not JSON: {error}") from error
    return message


def _refuse_constant(name: str) -> object:
    raise FieldError(f"{name} stands in quotes in JSON")


# An object as a tuple of pairs shows what is in it twice.
_DECODER = json.JSONDecoder(object_pairs_hook=tuple, parse_constant=_refuse_constant)


class _Readers(dict[object, MessageReader]):
    """What reads messages of a type, made when it is first asked for.

    Holds complete ones only, since threads may ask at any time.
    """

    def __missing__(self, descriptor: Descriptor) -> MessageReader:
        made: dict[object, MessageReader] = {}
        reader = self._make(descriptor, made)
        self.update(made)
        return reader

    def _make(self, descriptor: Descriptor, made: dict[object, MessageReader]) -> MessageReader:
        """Makes the readers of a type and of all that its messages hold, maybe itself."""
        found = self.get(descriptor) or made.get(descriptor)
        if found is not None:
            return found
        reader = special_reader(descriptor, self.__getitem__)
        if reader is None:
            slots = Slots(descriptor, self.__getitem__)
            made[descriptor] = reader = message_reader(slots)
            slots.fill(partial(self._make, made=made))
        made[descriptor] = reader
        return reader


_READERS = _Readers()
