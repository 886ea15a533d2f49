"""The lab's pages, in their order."""

from __future__ import annotations

from typing import Final

from systemlab.exercise import Page
from systemlab.pages.chat import CHAT
from systemlab.pages.faults import FAULTS
from systemlab.pages.ordering import ORDERING
from systemlab.pages.overview import OVERVIEW
from systemlab.pages.projection import PROJECTION
from systemlab.pages.reconnect import RECONNECT
from systemlab.pages.restart import RESTART

PAGES: Final[tuple[Page, ...]] = (OVERVIEW, PROJECTION, ORDERING, RECONNECT, CHAT, RESTART, FAULTS)
