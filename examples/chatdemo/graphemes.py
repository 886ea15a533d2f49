"""Splits a text without cutting what a person sees as one character.

Unicode's full rule (UAX #29) needs tables that Python lacks. This one needs
none and errs to the safe side: it looks at two neighbours and, where they may be
one character, keeps them together. Only archaic prefix letters (the Malayalam
dot reph and its like) escape it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

# Marks, joiners and emoji modifiers belong to what stands before them.
_ATTACHING_CATEGORIES = frozenset({"Mn", "Mc", "Me", "Cf", "Sk"})
# Vowel signs of Thai and Lao and halfwidth Japanese sound marks: letters by category.
_ATTACHING_LETTERS = frozenset("\u0e33\u0eb3\uff9e\uff9f")
_VIRAMA = 9  # the canonical combining class of signs that join two consonants


def split_text(text: str, characters: int) -> Iterator[str]:
    """Yields pieces of at least ``characters`` code points that join to the text.

    Each ends at the border of a character; only the last may be shorter.
    """
    start = 0
    for position in range(1, len(text)):
        if position - start >= characters and not _one_character(
            text[position - 1], text[position]
        ):
            yield text[start:position]
            start = position
    if text:
        yield text[start:]


def _one_character(left: str, right: str) -> bool:
    """Tells whether two neighbours may be parts of one character."""
    return (
        unicodedata.category(right) in _ATTACHING_CATEGORIES
        or right in _ATTACHING_LETTERS
        or unicodedata.category(left) == "Cf"  # a joiner, or a sign that precedes its letter
        or unicodedata.combining(left) == _VIRAMA
        or (_is_flag_letter(left) and _is_flag_letter(right))
        or (_is_conjoining_jamo(left) and _is_hangul(right))
        or (_is_hangul(left) and _is_conjoining_jamo(right))
        or (left == "\r" and right == "\n")
    )


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _is_conjoining_jamo(character: str) -> bool:
    return (
        "\u1100" <= character <= "\u11ff"
        or "\ua960" <= character <= "\ua97f"
        or "\ud7b0" <= character <= "\ud7ff"
    )


def _is_hangul(character: str) -> bool:
    return _is_conjoining_jamo(character) or "\uac00" <= character <= "\ud7a3"
