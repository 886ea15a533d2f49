"""The limits that a store is given."""

from __future__ import annotations

import math

import pytest

from sessionstream.hydration.base import Retention


class TestRetention:
    @pytest.mark.parametrize("name", ["ui_batches", "ui_bytes", "commands"])
    @pytest.mark.parametrize("wrong", [1.5, True, "9", None, math.inf])
    def test_counts_in_whole_numbers(self, name: str, wrong: object) -> None:
        with pytest.raises(TypeError, match=f"{name} is a whole number; got"):
            Retention(**{name: wrong})  # type: ignore[arg-type]

    @pytest.mark.parametrize("name", ["ui_seconds", "command_seconds"])
    @pytest.mark.parametrize("wrong", ["9", None, True])
    def test_takes_numbers_for_times(self, name: str, wrong: object) -> None:
        with pytest.raises(TypeError, match=f"{name} is a number; got"):
            Retention(**{name: wrong})  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        "limits",
        [
            {"ui_batches": -1},
            {"ui_seconds": -0.5},
            {"ui_bytes": -1},
            {"commands": -1},
            {"command_seconds": math.nan},
        ],
    )
    def test_has_no_limit_below_zero(self, limits: dict[str, int]) -> None:
        with pytest.raises(ValueError, match=f"{next(iter(limits))} is 0 or more; got"):
            Retention(**limits)

    def test_may_be_without_a_limit_of_time(self) -> None:
        assert Retention(ui_seconds=math.inf, command_seconds=math.inf).ui_seconds == math.inf
