from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.inspecting import notes_app


@pytest.fixture
def refusing() -> Iterator[None]:
    """A test may let the notes' timeline projection fail."""
    yield
    notes_app.refused.clear()
