"""Which section answers a question."""

from __future__ import annotations

import pytest

from sessionstream.doc import Entry, search, sections
from sessionstream.doc.entry import parse

PAGE = """\
---
title: A page
topics: one, two
---
Before any heading.

## First of all

```text
## no heading
```

### Under `it`, too

More.
"""


@pytest.fixture
def page() -> Entry:
    return parse("a-page", PAGE)


class TestSections:
    def test_each_heading_begins_one_and_what_is_fenced_none(self, page: Entry) -> None:
        assert [(each.title, each.address, each.text) for each in sections(page)] == [
            ("A page", "a-page", "Before any heading.\n"),
            ("First of all", "a-page#first-of-all", "```text\n## no heading\n```\n"),
            ("Under `it`, too", "a-page#under-it-too", "More.\n"),
        ]


class TestSearch:
    @pytest.mark.parametrize(
        ("question", "address"),
        [
            ("what is an ordinal?", "sessionstream-user-guide#sessions-and-ordinals"),
            ("a handler's task that outlives its command", "sessionstream-user-guide#handlers"),
            ("a handler swallows cancellation", "SV301"),
            (
                "rebuilding projections",
                "sessionstream-schema-evolution-playbook#a-projection-changes",
            ),
            ("PROJECTION raises policy", "sessionstream-user-guide#projections"),
            ("SS302", "SS302"),
            ("an event became ephemeral", "SS503"),
        ],
    )
    def test_the_section_that_answers_comes_first(self, question: str, address: str) -> None:
        best = search(question)[0].section
        assert best.address == address

    def test_parts_of_a_name_are_words_too(self) -> None:
        found = {match.section.address for match in search("refused error", limit=50)}
        assert "sessionstream-user-guide#handlers" in found  # CommandRefusedError

    @pytest.mark.parametrize("question", ["", "?", "xyzzy", "is it the"])
    def test_what_nothing_is_said_of_finds_nothing(self, question: str) -> None:
        assert search(question) == ()

    def test_better_ones_come_first_and_no_more_than_asked_for(self) -> None:
        found = search("event entity snapshot", limit=3)
        assert len(found) == 3
        scores = [match.score for match in found]
        assert scores == sorted(scores, reverse=True)
