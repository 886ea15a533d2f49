"""Finds the pages, in an installed package as in a checkout."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from sessionstream.doc.entry import Entry, parse

_EXTENSION = ".md"


@cache
def entries() -> tuple[Entry, ...]:
    """Returns every entry, sorted by slug. A page's slug is its file's name."""
    found = (
        parse(page.name.removesuffix(_EXTENSION), page.read_text(encoding="utf-8"))
        for page in _pages(files())
    )
    return tuple(sorted(found, key=lambda entry: entry.slug))


def files() -> Traversable:
    """Returns the folder of the pages, for command lines and servers that show them.

    A page's slug is the name of its file without ``.md``; `Entry` says how one is
    written. Read it with the methods of `importlib.resources.abc.Traversable`: a
    package may be in an archive.
    """
    return resources.files("sessionstream.doc").joinpath("pages")


def _pages(folder: Traversable) -> Iterator[Traversable]:
    for item in folder.iterdir():
        if item.is_dir():
            yield from _pages(item)
        elif item.name.endswith(_EXTENSION):
            yield item
