"""The embedded documentation: pages that ship with the package."""

from sessionstream.doc.entry import Entry, readable
from sessionstream.doc.library import entries, files
from sessionstream.doc.search import Match, search
from sessionstream.doc.section import Section, anchor_of, sections

__all__ = [
    "Entry",
    "Match",
    "Section",
    "anchor_of",
    "entries",
    "files",
    "readable",
    "search",
    "sections",
]
