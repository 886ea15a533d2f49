"""Packages that are there before any generated one, or one of a new project."""

from __future__ import annotations

import sys
from typing import Final

# A module of the standard library that is none keeps a folder of its name from being a package
# just as well. "test" is Python's own, and not among the names that it lists.
_PYTHON = frozenset({*sys.stdlib_module_names, "test"})
# This distribution's, and what it can't run without.
_OURS = frozenset({"sessionstream", "sessionstream_codegen", "aiosqlite", "websockets"})

PRESENT: Final = _PYTHON | _OURS
"""The names of packages and modules that an environment with sessionstream has."""
