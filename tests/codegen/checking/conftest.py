"""What every test of ``sessionstream check`` takes for granted."""

from __future__ import annotations

import pytest
from sessionstream_codegen.checking.remedies import environment_path


@pytest.fixture(autouse=True)
def activated(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment is activated, as it is for most who call the command by its name."""
    monkeypatch.setenv("PATH", environment_path())
