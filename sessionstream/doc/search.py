"""Finds the sections that answer a question, by the words that they share with it.

Words are weighed by BM25 (Robertson and Zaragoza, "The Probabilistic Relevance
Framework", 2009): rare ones count more, and long sections are not favoured.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache

from sessionstream.doc.library import entries
from sessionstream.doc.section import Section, sections

_WORD = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# How soon more of the same word stops to count, and how much the length of a section matters.
_SATURATION = 1.2
_LENGTH = 0.75
# A word of a heading counts as so many of the text.
_OF_TITLE = 4
_OF_REFERENCE = 0.5
_ENDINGS = ("ing", "ies", "ed", "es", "s", "e")
_SHORTEST_STEM = 3
_STOP = frozenset(
    word
    for line in (
        "a an and are as at be by can do does for from have how i if in is it its me my of",
        "on or our that the there this to was we what when where which who why will with you your",
    )
    for word in line.split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A section that was found; a higher ``score`` is a better one."""

    section: Section
    score: float


def search(question: str, limit: int = 5) -> tuple[Match, ...]:
    """Returns the sections that share words with a question, the best first.

    Letters are compared without case, words without their endings; words in
    names such as ``publish_all`` and ``SQLiteStore`` are words as well.
    """
    index = _index()
    asked = {word: index.weight(word) for word in _words(question)}
    matches = (
        Match(section=section, score=index.score(asked, counts) * _weight(section))
        for section, counts in zip(index.sections, index.counts, strict=True)
    )
    found = [match for match in matches if match.score > 0]
    found.sort(key=lambda match: (-match.score, match.section.address))
    return tuple(found[:limit])


def _weight(section: Section) -> float:
    # A name's entry has few words, and would hide what explains it.
    return _OF_REFERENCE if "reference" in section.entry.topics else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Index:
    sections: tuple[Section, ...]
    counts: tuple[Counter[str], ...]
    holding: Counter[str]
    mean: float

    def weight(self, word: str) -> float:
        held = self.holding[word]
        return math.log(1 + (len(self.sections) - held + 0.5) / (held + 0.5))

    def score(self, asked: dict[str, float], counts: Counter[str]) -> float:
        length = 1 - _LENGTH + _LENGTH * counts.total() / self.mean
        return sum(
            weight * counts[word] * (_SATURATION + 1) / (counts[word] + _SATURATION * length)
            for word, weight in asked.items()
        )


@cache
def _index() -> _Index:
    found = tuple(section for entry in entries() for section in sections(entry))
    counts = tuple(_counted(section) for section in found)
    return _Index(
        sections=found,
        counts=counts,
        holding=Counter(word for each in counts for word in each),
        mean=sum(each.total() for each in counts) / max(1, len(counts)),
    )


def _counted(section: Section) -> Counter[str]:
    entry = section.entry
    title = f"{section.title} " * _OF_TITLE
    if section.anchor:
        return Counter(_words(f"{title} {entry.title} {section.text}"))
    topics = f"{entry.slug} {' '.join(entry.topics)} " * _OF_TITLE
    return Counter(_words(f"{title} {topics} {section.text}"))


def _words(text: str) -> list[str]:
    whole = _WORD.findall(text.lower())
    known = set(whole)
    parts = (part for part in _WORD.findall(_CAMEL.sub(" ", text).lower()) if part not in known)
    return [_stem(word) for word in (*whole, *parts) if word not in _STOP]


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word.removesuffix(ending)
    return word
