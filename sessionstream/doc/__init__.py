"""The embedded documentation: pages that ship with the package."""

from sessionstream.doc.entry import Entry, readable
from sessionstream.doc.library import entries, files
from sessionstream.doc.search import Match, search
from sessionstream.doc.section import Section, sections

__all__ = ["Entry", "Match", "Section", "entries", "files", "readable", "search", "sections"]
