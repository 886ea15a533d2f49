"""The chart of a run: what was measured, its references and its targets, as SVG.

    python -m benchmarks.runtime.chart benchmarks/results/runtime.json

writes ``runtime.svg`` beside the JSON. Text stays text, and its colour follows
the reader's light or dark scheme.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D
from matplotlib.ticker import LogFormatter

from benchmarks.runtime import results, table
from benchmarks.runtime.measures import Figure

# Stands for the colour of text until the SVG is written.
_INK = "#010203"
_STYLE = """<style>
svg { color: #1f2328 }
@media (prefers-color-scheme: dark) { svg { color: #e6edf3 } }
</style>"""
# Both are readable on white and on black.
_OURS = "#2f81f7"
_TARGET = "#c4691c"
_MARKERS = {
    "sqlite3, a commit per event": "s",
    "sqlite3, 3 commits per event": "^",
    "the Hub in memory": "D",
    "websockets.broadcast": "s",
    "python-socketio": "^",
}
_OTHER = "another reference"


@dataclass(frozen=True, slots=True)
class _Panel:
    """Figures that share an axis; ``units`` gives what each unit counts on it."""

    title: str
    units: dict[str, float]


_PANELS = (
    _Panel("events/s: further right is better", {"events/s": 1}),
    _Panel("frames/s: further right is better", {"frames/s": 1}),
    _Panel("ms: further left is better", {"ms": 1, "s": 1000}),
    _Panel("µs: further left is better", {"us": 1}),
    _Panel("MB: further left is better", {"MB": 1}),
    _Panel("kB: further left is better", {"kB": 1}),
)


def draw(run: results.Run) -> str:
    """Returns the chart of the run as SVG."""
    panels = [
        (panel, figures)
        for panel in _PANELS
        if (figures := [figure for figure in run.figures if figure.unit in panel.units])
    ]
    heights = [len(figures) + 1 for _, figures in panels]
    with _settings():
        canvas = Canvas(figsize=(9, 0.36 * sum(heights) + 1.2), layout="constrained")
        axes = canvas.subplots(len(panels), squeeze=False, height_ratios=heights)
        for (panel, figures), [axis] in zip(panels, axes, strict=True):
            _fill(axis, panel, figures)
        canvas.legend(handles=_legend(run), loc="outside lower center", ncols=3, frameon=False)
        written = io.StringIO()
        canvas.savefig(
            written, format="svg", transparent=True, metadata=dict.fromkeys(("Creator", "Date"))
        )
    head, tag, rest = written.getvalue().replace(_INK, "currentColor").partition("<defs>")
    return f"{head}{_STYLE}\n {tag}{rest}"


def _settings() -> AbstractContextManager[None]:
    return mpl.rc_context(
        {
            "svg.fonttype": "none",
            "svg.hashsalt": "sessionstream",  # the same run gives the same bytes
            "font.family": "sans-serif",
            "font.size": 9,
            "text.color": _INK,
            "axes.edgecolor": _INK,
            "axes.labelcolor": _INK,
            "xtick.color": _INK,
            "ytick.color": _INK,
        }
    )


def _fill(axis: Axes, panel: _Panel, figures: Sequence[Figure]) -> None:
    axis.set_title(panel.title, loc="left", fontsize=9, fontweight="bold")
    axis.set_xscale("log")
    axis.xaxis.set_major_formatter(lambda value, _: table.number(value))
    # Between the powers of ten only on an axis that has hardly any of them.
    axis.xaxis.set_minor_formatter(_Minor(minor_thresholds=(1, 0.4)))
    axis.set_ylim(len(figures) - 0.5, -0.5)
    axis.set_yticks(range(len(figures)), [figure.title for figure in figures])
    axis.tick_params(axis="y", length=0)
    axis.grid(axis="x", alpha=0.2, color=_INK)
    axis.spines[["top", "right", "left"]].set_visible(False)
    for row, figure in enumerate(figures):
        _row(axis, row, figure, panel.units[figure.unit])
    axis.margins(x=0.08)


class _Minor(LogFormatter):
    """Writes a number as the others are where the library writes one at all."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        return table.number(x) if super().__call__(x, pos) else ""


def _row(axis: Axes, row: int, figure: Figure, scale: float) -> None:
    for reference in figure.references:
        value = reference.series.median * scale
        axis.plot(value, row, _marker(reference.label), color=_INK, mfc="none", ms=5, alpha=0.7)
    goal = target_value(figure)
    if goal is not None:
        axis.plot(goal * scale, row, "|", color=_TARGET, ms=16, mew=2.5)
    ours = figure.ours
    axis.plot([ours.minimum * scale, ours.maximum * scale], [row, row], color=_OURS, lw=2)
    axis.plot(ours.median * scale, row, "o", color=_OURS, ms=7)
    label = f"{table.number(ours.median)} {figure.unit}"
    axis.annotate(
        label, (1.01, row), xycoords=axis.get_yaxis_transform(), va="center", annotation_clip=False
    )


def target_value(figure: Figure) -> float | None:
    """Returns the value that reaches the target, in the figure's unit; None without one."""
    if figure.target is None:
        return None
    against = figure.references[0].series.median if figure.target.ratio else 1.0
    return figure.target.bound * against


def _marker(label: str) -> str:
    return _MARKERS.get(label, "x")


def _legend(run: results.Run) -> list[Line2D]:
    found = {reference.label for figure in run.figures for reference in figure.references}
    labels = [*(label for label in _MARKERS if label in found)]
    if found - set(labels):
        labels.append(_OTHER)
    return [
        _key("sessionstream: median, min to max", "o", _OURS, filled=True),
        _key("target", "|", _TARGET, filled=True),
        *(_key(label, _marker(label), _INK, filled=False) for label in labels),
    ]


def _key(label: str, marker: str, color: str, *, filled: bool) -> Line2D:
    fill = color if filled else "none"
    return Line2D([], [], ls="", marker=marker, color=color, mfc=fill, ms=8, mew=1.5, label=label)


def main(path: Path) -> None:
    """Draws the chart of a run that was written as JSON."""
    run = results.load(path.read_text(encoding="utf-8"))
    path.with_suffix(".svg").write_text(draw(run), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
