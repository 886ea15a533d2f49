"""What a benchmark found: series of values, beside references and a target."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Series:
    """One value per round, in the unit of its figure."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The value in the middle: what is compared with a target."""
        return statistics.median(self.values)

    @property
    def minimum(self) -> float:
        """The smallest value."""
        return min(self.values)

    @property
    def maximum(self) -> float:
        """The largest value."""
        return max(self.values)

    def ratios(self, other: Series) -> Series:
        """Returns how many times the other's value of the same round each value is.

        Rounds are paired: what else the machine did in a round slowed both.
        """
        return Series(tuple(a / b for a, b in zip(self.values, other.values, strict=True)))


@dataclass(frozen=True, slots=True)
class Reference:
    """What a figure is held against, measured in the same rounds."""

    label: str
    series: Series


OURS = "ours"
"""The name among what is measured that is no reference."""


def references(found: Mapping[str, Sequence[Series]], column: int = 0) -> tuple[Reference, ...]:
    """Returns all but ours, in their order; the column is that of a round's values."""
    return tuple(
        Reference(label, series[column]) for label, series in found.items() if label != OURS
    )


@dataclass(frozen=True, slots=True)
class Target:
    """The bound that a figure is to reach.

    It bounds the median of the figure or, where ``ratio`` is true, the median
    of its ratios to the first reference. ``at_least`` says on which side.
    """

    bound: float
    at_least: bool = True
    ratio: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One row of the table."""

    name: str
    title: str
    unit: str
    ours: Series
    references: tuple[Reference, ...]
    target: Target | None = None

    @property
    def ratio(self) -> Series:
        """How many times the first reference it is, round by round."""
        return self.ours.ratios(self.references[0].series)

    @property
    def reached(self) -> bool | None:
        """Whether the target is reached; None without one."""
        if self.target is None:
            return None
        value = (self.ratio if self.target.ratio else self.ours).median
        return value >= self.target.bound if self.target.at_least else value <= self.target.bound


def at_least(bound: float) -> Target:
    """The median is to be this high."""
    return Target(bound)


def at_most(bound: float) -> Target:
    """The median is to be no higher than this."""
    return Target(bound, at_least=False)


def times(bound: float) -> Target:
    """The figure is to be this many times its first reference."""
    return Target(bound, ratio=True)


def fraction(bound: float) -> Target:
    """The figure is to be at most this part of its first reference."""
    return Target(bound, at_least=False, ratio=True)
