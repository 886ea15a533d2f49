"""Finds what the embedded documentation says to a question."""

from __future__ import annotations

import re

from sessionstream import doc
from sessionstream.doc import Match, Section, entries, sections

# Words that a question may have about anything.
_FILLERS = frozenset(
    word
    for line in (
        "a about all am an and any are as at be been but by can could did do does explain for from",
        "get give had has have hello help hey hi how i if in is it its know like make may me mean",
        "means my no not of off on one or our please say shall should show so some tell than thank",
        "thanks that the their them then there these they thing this to up us use used using very",
        "want was we well were what when where which who why will with work works would yes you",
        "your yourself happen happens",
    )
    for word in line.split()
)
# What everything is about; a question after it alone is answered by the beginning of the guide.
_SUBJECT = "sessionstream"
_GUIDE = "sessionstream-user-guide"
_CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_WORD = re.compile(r"[^\W_]+")
# A page about one code of a tool answers no question but one that names the code.
_CODES = {"diagnostics", "lint"}
# Of how many sections that share a word with a question the best is taken.
_CANDIDATES = 40
# What a section of the user guide counts for more: it explains, where others tell what to do.
_OF_GUIDE = 1.5


def find(question: str) -> Section | None:
    """Returns the section that answers best; None where less than half of the words are in one."""
    asked = [word for word in _WORD.findall(question.lower()) if word not in _FILLERS]
    asked = [word for word in asked if not (word.isascii() and len(word) == 1)]
    words = [word for word in asked if word != _SUBJECT]
    if asked and not words:
        return sections(next(entry for entry in entries() if entry.slug == _GUIDE))[0]
    found = [
        match for match in doc.search(" ".join(words), _CANDIDATES) if _fits(match.section, words)
    ]
    return max(found, key=_rank).section if found else None


def _rank(match: Match) -> float:
    return match.score * (_OF_GUIDE if "guide" in match.section.entry.topics else 1.0)


def _fits(section: Section, words: list[str]) -> bool:
    """Whether the section is for readers of text, and has half of the words."""
    entry = section.entry
    if not _CODES.isdisjoint(entry.topics):
        return entry.slug.lower() in words
    prose = _CODE.sub("", section.text)
    text = f"{entry.title} {section.title} {prose}".lower()
    known = sum(re.search(rf"\b{re.escape(_stem(word))}", text) is not None for word in words)
    return 2 * known >= len(words)


def _stem(word: str) -> str:
    return word[: max(3, len(word) - 2)]
