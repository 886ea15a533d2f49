from __future__ import annotations

import pytest

from sessionstream import SchemaRegistry
from tests.runtime.app import make_registry


@pytest.fixture
def registry() -> SchemaRegistry:
    return make_registry()
