"""Whether a client takes what it is sent."""

from __future__ import annotations

from sessionstream.transport.progress import Progress


def sending() -> Progress:
    progress = Progress()
    progress.begin()
    return progress


class TestAClientThatTakesNothing:
    def test_is_counted_from_the_second_look_on(self) -> None:
        """It may have been sent something only just before the first."""
        progress = sending()
        assert [progress.look(0) for _ in range(3)] == [0, 1, 2]

    def test_is_counted_by_what_the_network_holds_of_earlier_frames_too(self) -> None:
        progress = sending()
        progress.end()
        assert [progress.look(100) for _ in range(3)] == [0, 1, 2]

    def test_is_counted_while_more_piles_up_for_it(self) -> None:
        progress = sending()
        assert [progress.look(unsent) for unsent in (100, 200, 300)] == [0, 1, 2]


class TestAClientThatTakesSomething:
    def test_may_take_long_for_one_frame(self) -> None:
        progress = sending()
        assert [progress.look(unsent) for unsent in (100, 99, 98)] == [0, 0, 0]

    def test_may_have_as_much_before_it_as_ever_when_frames_go_out(self) -> None:
        progress = Progress()
        counts = []
        for _ in range(3):
            progress.begin()
            counts.append(progress.look(100))
            progress.end()
        assert counts == [0, 0, 0]

    def test_is_counted_anew_after_it_has(self) -> None:
        progress = sending()
        assert [progress.look(unsent) for unsent in (100, 100, 50, 50, 50)] == [0, 1, 0, 1, 2]


class TestAClientThatNothingIsSentTo:
    def test_is_never_counted(self) -> None:
        progress = Progress()
        assert [progress.look(0) for _ in range(3)] == [0, 0, 0]

    def test_ends_the_count_of_the_time_before(self) -> None:
        progress = sending()
        assert [progress.look(0), progress.look(0)] == [0, 1]
        progress.end()
        assert progress.look(0) == 0
        progress.begin()
        assert progress.look(0) == 0
