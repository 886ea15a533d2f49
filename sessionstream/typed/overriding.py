"""`override` for every Python that is supported."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING

# `typing` has it from Python 3.12 on; a type checker knows it for every version.
if TYPE_CHECKING:
    from typing_extensions import override as override
elif sys.version_info >= (3, 12):
    from typing import override as override
else:

    def override(method):
        """Marks a method that overrides one: a type checker reports when that is gone."""
        # Not everything can be marked: a property takes no attributes.
        with suppress(AttributeError, TypeError):
            method.__override__ = True
        return method
