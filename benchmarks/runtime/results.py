"""A run as JSON, so that a chart can be drawn of it and later runs held against it."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
from dataclasses import asdict, dataclass
from typing import TypedDict

import google.protobuf
from google.protobuf.internal import api_implementation

from benchmarks.runtime.measures import Figure, Reference, Series, Target
from sessionstream import __version__


class _Series(TypedDict):
    values: list[float]


class _Reference(TypedDict):
    label: str
    series: _Series


class _Target(TypedDict):
    bound: float
    at_least: bool
    ratio: bool


class _Figure(TypedDict):
    name: str
    title: str
    unit: str
    ours: _Series
    references: list[_Reference]
    target: _Target | None


@dataclass(frozen=True, slots=True)
class Run:
    """The figures of one run, what they were measured with, and how much of it."""

    environment: dict[str, str]
    scale: dict[str, float]
    figures: tuple[Figure, ...]


def environment() -> dict[str, str]:
    """Returns what bears on the figures: versions, the system, the number of processors."""
    return {
        "sessionstream": __version__,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "sqlite": sqlite3.sqlite_version,
        "protobuf": f"{google.protobuf.__version__} ({api_implementation.Type()})",
        "system": f"{platform.system()} {platform.machine()}",
        "processors": str(os.cpu_count()),
    }


def dump(run: Run) -> str:
    """Returns the run as JSON; medians, minima and maxima stand beside the values."""
    figures = [
        {
            **asdict(figure),
            "median": figure.ours.median,
            "min": figure.ours.minimum,
            "max": figure.ours.maximum,
            "ratio": figure.ratio.median,
            "reached": figure.reached,
        }
        for figure in run.figures
    ]
    text = json.dumps(
        {"environment": run.environment, "scale": run.scale, "figures": figures}, indent=2
    )
    return f"{text}\n"


def load(text: str) -> Run:
    """Returns the run that `dump` wrote."""
    run = json.loads(text)
    return Run(
        run["environment"], run["scale"], tuple(_figure(figure) for figure in run["figures"])
    )


def _figure(found: _Figure) -> Figure:
    return Figure(
        name=found["name"],
        title=found["title"],
        unit=found["unit"],
        ours=_series(found["ours"]),
        references=tuple(
            Reference(reference["label"], _series(reference["series"]))
            for reference in found["references"]
        ),
        target=None if found["target"] is None else Target(**found["target"]),
    )


def _series(found: _Series) -> Series:
    return Series(tuple(found["values"]))
