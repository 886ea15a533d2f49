"""How a diagnostic is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sessionstream_codegen.diagnostics import Diagnostic, Note, Severity, quoted, report
from sessionstream_codegen.model import Position

FIRST = Diagnostic(Position("a.proto", 1, 2), "SS301", "one")
LATER = Diagnostic(Position("a.proto", 10, 1), "SS101", "two")
OTHER = Diagnostic(Position("b.proto", 1, 1), "SS101", "three")
OF_THE_RUN = Diagnostic(None, "SS001", "four")


class TestDiagnostic:
    def test_it_is_its_place_its_severity_its_code_and_what_it_says(self) -> None:
        assert str(FIRST) == "a.proto:1:2: error: [SS301] one"
        assert str(OF_THE_RUN) == "error: [SS001] four"

    def test_a_warning_is_called_one(self) -> None:
        warning = Diagnostic(FIRST.position, "SS104", "one", severity=Severity.WARNING)
        assert str(warning) == "a.proto:1:2: warning: [SS104] one"

    def test_its_notes_follow_in_lines_of_their_own(self) -> None:
        notes = (Note(Position("b.proto", 3), "here"), Note(Position("a.proto", 2), "and here"))
        found = Diagnostic(FIRST.position, "SS301", "one", notes)
        assert str(found).splitlines() == [
            "a.proto:1:2: error: [SS301] one",
            "b.proto:3:1: note: here",
            "a.proto:2:1: note: and here",
        ]


class TestReport:
    def test_they_are_sorted_by_place_and_told_once(self) -> None:
        """Lines are compared as numbers; what has no place comes first."""
        given_in_any_order = [OTHER, LATER, OF_THE_RUN, FIRST, LATER]
        expected = "\n".join(map(str, [OF_THE_RUN, FIRST, LATER, OTHER]))
        assert report(given_in_any_order) == expected


class TestQuoted:
    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("Größe", '"Größe"'),
            ('a"b\\', '"a\\"b\\\\"'),
            ("a\nb\x85c\u2028d", '"a\\nb\\u0085c\\u2028d"'),
            ("\u202eabc", '"\\u202eabc"'),
        ],
    )
    def test_letters_stay_and_what_is_none_is_escaped(self, text: str, shown: str) -> None:
        assert quoted(text) == shown

    @given(st.text())
    def test_it_has_one_line_and_can_be_printed(self, text: str) -> None:
        assert quoted(text).isprintable()
