"""Finds the pages, in an installed package as in a checkout."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from sessionstream.doc.entry import Entry, parse

_EXTENSION = ".md"


@cache
def entries() -> tuple[Entry, ...]:
    """Returns every entry, sorted by slug. A page's slug is its file's name."""
    found = (
        parse(page.name.removesuffix(_EXTENSION), page.read_text(encoding="utf-8"))
        for page in _pages(files("sessionstream.doc").joinpath("pages"))
    )
    return tuple(sorted(found, key=lambda entry: entry.slug))


def _pages(folder: Traversable) -> Iterator[Traversable]:
    for item in folder.iterdir():
        if item.is_dir():
            yield from _pages(item)
        elif item.name.endswith(_EXTENSION):
            yield item
