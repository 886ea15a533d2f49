"""The table on the screen: a line for each figure, and one for each of its references."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.runtime.measures import Figure, Series

TITLES = (
    f"{'':42} {'median':>9} {'min':>9} {'max':>9} {'unit':9} {'ratio':>7} {'target':>12}  reached"
)


def lines(figure: Figure) -> Iterator[str]:
    """Yields the figure's lines; ratios are to the reference of their line."""
    reached = {True: "yes", False: "no", None: ""}[figure.reached]
    ours = f"{figure.title:42} {_cells(figure.ours, figure.unit)}"
    yield f"{ours} {'':7} {target(figure):>12}  {reached}".rstrip()
    for reference in figure.references:
        ratio = figure.ours.ratios(reference.series).median
        cells = _cells(reference.series, figure.unit)
        yield f"  against {reference.label:32} {cells} {number(ratio):>6}x"


def target(figure: Figure) -> str:
    """Returns what the figure is to reach, as ``>= 10x`` or ``<= 20 ms``."""
    if figure.target is None:
        return ""
    sign = ">=" if figure.target.at_least else "<="
    unit = "x" if figure.target.ratio else ""
    return f"{sign} {number(figure.target.bound)}{unit}"


def number(value: float) -> str:
    """Returns the number with three significant digits, or whole where it has more."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _cells(series: Series, unit: str) -> str:
    values = (series.median, series.minimum, series.maximum)
    return " ".join(f"{number(value):>9}" for value in values) + f" {unit:9}"
