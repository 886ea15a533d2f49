"""Placeholders: texts that an application makes up, such as ids, and a test can only name."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, MutableMapping
from typing import Union

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

__tracebackhide__ = True  # pytest shows the line of the test instead

_PLACEHOLDER = re.compile("⟨[^⟨⟩]+⟩")

Path = tuple[Union[str, int, bool], ...]
"""Where a text stands in a message: field names, indexes and keys of maps."""


def any_text(name: str) -> str:
    """Returns a text that stands for one which the application makes up.

    It equals any text the first time that it is compared, and from then on the
    text that it met there; another placeholder stands for another text. Use it
    as the value of a field or a part of a list or a map, in what is expected
    and, once it has met its text, in what is given::

        ANSWER = any_text("answer")

        await chat.when(pb.StartInference(prompt="hello"))
        await chat.then_published(
            pb.UserMessageAccepted(message_id=any_text("question"), text="hello"),
            pb.InferenceStarted(message_id=ANSWER),
        )
        await chat.when(pb.InferenceFinished(message_id=ANSWER))

    `Steps.text_of` gives the text itself.
    """
    placeholder = f"⟨{name}⟩"
    if not is_placeholder(placeholder):
        raise ValueError(f"a placeholder needs a name without angle brackets; got {name!r}")
    return placeholder


def is_placeholder(text: str) -> bool:
    """Whether `any_text` made the text."""
    return _PLACEHOLDER.fullmatch(text) is not None


class Bindings:
    """Which text each placeholder stands for."""

    def __init__(self, texts: Mapping[str, str] | None = None) -> None:
        self._texts = dict(texts or {})
        self._placeholders = {text: name for name, text in self._texts.items()}

    def extended(self, pairs: Iterable[tuple[Message, Message]]) -> Bindings:
        """Returns these and what the pairs of an expected and a received message add."""
        more = Bindings(self._texts)
        for expected, got in pairs:
            received = dict(texts_of(got))
            for path, text in texts_of(expected):
                if is_placeholder(text) and path in received:
                    more._bind(text, received[path])
        return more

    def text_of(self, text: str) -> str:
        """Returns what the placeholder stands for, and any other text as it is.

        Raises:
            AssertionError: The placeholder has not met its text yet.
        """
        if not is_placeholder(text):
            return text
        if text not in self._texts:
            raise AssertionError(
                f"{text} stands for no text yet: compare it in a then step before it is given"
            )
        return self._texts[text]

    def placeholder_of(self, text: str) -> str:
        """Returns the placeholder that stands for the text, and any other text as it is."""
        return self._placeholders.get(text, text)

    def _bind(self, placeholder: str, text: str) -> None:
        if placeholder not in self._texts:
            self._texts[placeholder] = text
            self._placeholders[text] = placeholder


def texts_of(message: Message, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Yields every text in the message with its place."""
    for field, value in message.ListFields():
        here = (*path, field.name)
        if isinstance(value, str):
            yield here, value
        elif isinstance(value, Message):
            yield from texts_of(value, here)
        else:
            for key, part in _parts(value):
                if isinstance(part, str):
                    yield (*here, key), part
                elif isinstance(part, Message):
                    yield from texts_of(part, (*here, key))


def rewrite(message: Message, replace: Callable[[str], str], ignoring: Collection[str]) -> None:
    """Replaces every text in the message and clears the fields of the ignored names, in place."""
    for field, value in message.ListFields():
        if field.name in ignoring:
            _clear(message, field)
        elif isinstance(value, str):
            _set(message, field, replace(value))
        elif isinstance(value, Message):
            rewrite(value, replace, ignoring)
        else:
            for key, part in _parts(value):
                if isinstance(part, str):
                    value[key] = replace(part)
                elif isinstance(part, Message):
                    rewrite(part, replace, ignoring)


# An extension is no attribute of the message that it extends. The type stubs know only
# extensions of generated modules.


def _set(message: Message, field: FieldDescriptor, text: str) -> None:
    if field.is_extension:
        message.Extensions[field] = text  # type: ignore[index]
    else:
        setattr(message, field.name, text)


def _clear(message: Message, field: FieldDescriptor) -> None:
    if field.is_extension:
        message.ClearExtension(field)  # type: ignore[arg-type]
    else:
        message.ClearField(field.name)


def _parts(value: object) -> list[tuple[Union[str, int, bool], object]]:
    """The parts of a map or a repeated field by their keys; none of a scalar."""
    if isinstance(value, MutableMapping):
        return list(value.items())
    return [] if isinstance(value, (bytes, int, float)) else list(enumerate(_iterable(value)))


def _iterable(value: object) -> Iterable[object]:
    assert isinstance(value, Iterable)
    return value
