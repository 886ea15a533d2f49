"""Settings of the whole suite."""

from __future__ import annotations

from hypothesis import settings

# No test is timed: the machine may be busy with others.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")
