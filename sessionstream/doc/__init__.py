"""The embedded documentation: pages that ship with the package."""

from sessionstream.doc.entry import Entry
from sessionstream.doc.library import entries

__all__ = ["Entry", "entries"]
