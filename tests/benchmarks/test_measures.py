"""What the runtime's benchmark makes of its values."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.runtime import chart, results, table
from benchmarks.runtime.measures import (
    Figure,
    Reference,
    Series,
    Target,
    at_least,
    at_most,
    fraction,
    times,
)

series = st.lists(st.floats(1e-6, 1e9), min_size=3, max_size=3).map(lambda v: Series(tuple(v)))
targets = st.none() | st.builds(
    Target, bound=st.floats(0.01, 1e6), at_least=st.booleans(), ratio=st.booleans()
)
figures = st.builds(
    Figure,
    name=st.text(),
    title=st.text(),
    unit=st.sampled_from(["events/s", "ms", "s", "us", "MB"]),
    ours=series,
    references=st.lists(st.builds(Reference, st.text(), series), min_size=1).map(tuple),
    target=targets,
)


def figure(
    *ours: float, against: tuple[float, ...] = (100, 100, 100), target: Target | None = None
) -> Figure:
    reference = Reference("the other", Series(against))
    return Figure(
        name="figure",
        title="a figure",
        unit="ms",
        ours=Series(ours),
        references=(reference,),
        target=target,
    )


class TestASeries:
    def test_tells_its_median_and_its_limits(self) -> None:
        one = Series((5, 1, 2))
        assert (one.median, one.minimum, one.maximum) == (2, 1, 5)

    def test_is_compared_round_by_round(self) -> None:
        """A machine that is slow for a while slows both."""
        assert Series((10, 1, 10)).ratios(Series((5, 1, 2))).values == (2, 1, 5)


class TestATarget:
    def test_at_least_is_reached_from_above(self) -> None:
        assert figure(9, 10, 90, target=at_least(10)).reached
        assert not figure(9, 10, 90, target=at_least(11)).reached

    def test_at_most_is_reached_from_below(self) -> None:
        assert figure(9, 10, 90, target=at_most(10)).reached
        assert not figure(9, 10, 90, target=at_most(9)).reached

    def test_times_looks_at_the_ratio_to_the_first_reference(self) -> None:
        assert figure(500, 500, 500, target=times(5)).reached
        assert not figure(500, 500, 500, target=times(6)).reached

    def test_a_fraction_is_reached_from_below(self) -> None:
        assert figure(10, 10, 10, target=fraction(0.1)).reached
        assert not figure(11, 11, 11, target=fraction(0.1)).reached

    def test_without_one_nothing_is_reached_or_missed(self) -> None:
        assert figure(1, 2, 3).reached is None

    def test_lies_where_the_ratio_to_the_reference_puts_it_in_the_chart(self) -> None:
        assert chart.target_value(figure(1, 2, 3, target=times(0.5))) == 50
        assert chart.target_value(figure(1, 2, 3, target=at_most(7))) == 7
        assert chart.target_value(figure(1, 2, 3)) is None


class TestTheTable:
    def test_has_a_line_for_the_figure_and_one_for_each_reference(self) -> None:
        ours, reference = table.lines(figure(5, 10, 2000, target=times(0.5)))
        assert ours.split() == ["a", "figure", "10", "5", "2,000", "ms", ">=", "0.5x", "no"]
        assert reference.split()[-5:] == ["100", "100", "100", "ms", "0.1x"]

    def test_says_of_a_reached_target_that_it_is(self) -> None:
        ours, _ = table.lines(figure(5, 10, 20, target=at_most(10)))
        assert ours.endswith("<= 10  yes")


class TestTheResults:
    @given(found=st.lists(figures, max_size=3).map(tuple))
    def test_are_the_same_after_they_were_written_and_read(self, found: tuple[Figure, ...]) -> None:
        run = results.Run(results.environment(), {"rounds": 3}, found)
        assert results.load(results.dump(run)) == run


class TestTheChart:
    def test_is_the_same_for_the_same_run(self) -> None:
        run = results.Run({}, {}, (figure(1, 2, 3, target=at_most(7)),))
        assert chart.draw(run) == chart.draw(run)

    def test_follows_the_readers_colour_scheme(self) -> None:
        drawn = chart.draw(results.Run({}, {}, (figure(1, 2, 3),)))
        assert "prefers-color-scheme: dark" in drawn
        assert "currentColor" in drawn
        assert "#010203" not in drawn

    def test_keeps_text_as_text(self) -> None:
        assert ">a figure</text>" in chart.draw(results.Run({}, {}, (figure(1, 2, 3),)))
