"""The engine and its rule of where a text may be cut."""

from __future__ import annotations

import unicodedata

import pytest
from chatdemo.engine import EchoEngine, EngineError
from chatdemo.graphemes import split_text
from hypothesis import given
from hypothesis import strategies as st

# What a person sees as one character, though it is several code points.
CHARACTERS = [
    "e\u0301",  # a letter and an accent
    "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466",  # a family, joined
    "\U0001f44d\U0001f3fd",  # a thumb and its skin tone
    "\u2764\ufe0f",  # a heart as an emoji
    "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",  # Scotland
    "\U0001f1eb\U0001f1f7",  # the flag of France
    "1\ufe0f\u20e3",  # a keycap
    "\u0915\u094d\u0937",  # two Devanagari consonants, joined
    "\u0e17\u0e33",  # a Thai consonant and its vowel
    "\u1112\u1161\u11ab",  # a Korean syllable in three parts
    "\r\n",
]
texts = st.lists(st.one_of(st.text(max_size=4), st.sampled_from(CHARACTERS))).map("".join)


class TestSplitText:
    @given(text=texts, characters=st.integers(min_value=1, max_value=5))
    def test_the_pieces_join_to_the_text_and_are_not_empty(
        self, text: str, characters: int
    ) -> None:
        pieces = list(split_text(text, characters))
        assert "".join(pieces) == text
        assert all(pieces)

    @given(
        parts=st.lists(st.sampled_from([*CHARACTERS, "a", "字", " "])),
        characters=st.integers(min_value=1, max_value=5),
    )
    def test_no_piece_ends_inside_a_character(self, parts: list[str], characters: int) -> None:
        borders, position = {0}, 0
        for part in parts:
            position += len(part)
            borders.add(position)
        position = 0
        for piece in split_text("".join(parts), characters):
            position += len(piece)
            assert position in borders

    @given(text=texts)
    def test_no_piece_begins_with_a_mark_or_a_joiner(self, text: str) -> None:
        first, *others = split_text(text, 1) if text else [""]
        for piece in others:
            assert unicodedata.category(piece[0]) not in {"Mn", "Mc", "Me", "Cf"}
        assert "\u200d" not in {piece[-1] for piece in [first, *others][:-1] if piece}

    def test_plain_text_is_cut_at_the_length_that_was_asked_for(self) -> None:
        assert list(split_text("abcdefgh", 3)) == ["abc", "def", "gh"]


class TestEchoEngine:
    async def test_the_answer_is_the_prompt(self) -> None:
        chunks = [chunk async for chunk in EchoEngine(pace=0).answer("How are you?")]
        assert "".join(chunks) == "Answer: How are you?"
        assert len(chunks) > 1

    async def test_a_prompt_that_asks_for_it_fails_after_the_text(self) -> None:
        answer = EchoEngine(pace=0, characters_per_chunk=100).answer("/fail now")
        assert await anext(answer) == "Answer: /fail now"
        with pytest.raises(EngineError, match="asked to fail"):
            await anext(answer)
