"""Page 0: what there is, and the map of the system."""

from __future__ import annotations

from typing import Final

from systemlab.exercise import Page

OVERVIEW: Final = Page(
    slug="overview", number=0, title="Overview", summary="What there is, and how it hangs together."
)
