"""Where the pages of the documentation come from."""

from __future__ import annotations

from sessionstream.doc import entries


class TestEntries:
    def test_they_are_sorted_by_slugs_that_are_all_different(self) -> None:
        slugs = [entry.slug for entry in entries()]
        assert slugs == sorted(set(slugs))

    def test_a_page_is_found_by_the_name_of_its_file(self) -> None:
        [page] = [entry for entry in entries() if entry.slug == "SS302"]
        assert page.title == "A name that is taken"
