"""Limits of a connection."""

from __future__ import annotations

import pytest

from sessionstream.transport.settings import TransportSettings


def test_no_limit_can_be_switched_off_with_zero() -> None:
    with pytest.raises(ValueError, match="max_queued_bytes must be above 0; got 0"):
        TransportSettings(max_queued_bytes=0)
    with pytest.raises(ValueError, match="max_connections must be above 0; got 0"):
        TransportSettings(max_connections=0)
    with pytest.raises(ValueError, match="close_timeout must be above 0; got -1"):
        TransportSettings(close_timeout=-1)


def test_the_documented_defaults_are_the_defaults() -> None:
    settings = TransportSettings()
    assert settings.max_frame_bytes == 65_536
    assert (settings.max_queued_frames, settings.max_queued_bytes) == (1024, 1_048_576)
    assert settings.max_subscriptions == 1000
    assert settings.max_connections == 10_000
    assert settings.progress_timeout == 10
