"""What pytest prints of a failure: the line of the test, then the difference."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

SUITE = """
import pytest
from tests.testing.lines import Lines, LinesScenario, shown, write, written


async def test_difference():
    async with LinesScenario(Lines()) as lines:
        await lines.when(write("a"))
        await lines.then_published(written("b"))


async def test_client():
    async with LinesScenario(Lines()) as lines:
        page = await lines.connect()
        await page.subscribe(lines.session_id)
        await lines.when(write("a"))
        await page.expect_shown(shown("b"))


async def test_handler():
    async with LinesScenario(Lines()) as lines:
        await lines.when(write("fail"))
        await lines.then_published()


async def test_projection():
    async with LinesScenario(Lines(bad_stored={"a"})) as lines:
        await lines.given(written("a"))


async def test_publishing():
    async with LinesScenario(Lines(bad_stored={"a"})) as lines:
        await lines.when(write("a"))
        await lines.then_published()


async def test_wrong_role():
    async with LinesScenario(Lines()) as lines:
        await lines.given(write("a"))
"""


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What was printed for each test of the suite."""
    folder = tmp_path_factory.mktemp("suite")
    (folder / "test_lines.py").write_text(SUITE)
    options = ["-p", "no:cacheprovider", "--rootdir", str(folder), "-o", "asyncio_mode=auto"]
    code = "import sys, pytest; sys.path.insert(0, sys.argv.pop()); pytest.main(sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", code, "--color=no", *options, str(folder), str(ROOT)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    parts = done.stdout.split("\n____")
    return {part.split("test_", 1)[1].split()[0]: part for part in parts[1:]}


class TestWhatIsPrinted:
    @pytest.mark.parametrize(
        "name", ["difference", "client", "handler", "projection", "publishing", "wrong_role"]
    )
    def test_has_no_line_of_this_package(self, printed: dict[str, str], name: str) -> None:
        assert "sessionstream/" not in printed[name]

    def test_ends_with_the_line_of_the_test_and_the_difference(
        self, printed: dict[str, str]
    ) -> None:
        assert (
            """
>           await lines.then_published(written("b"))
E           AssertionError: after Write {value: "a"}: the events differ: expected 1, got 1 \
(- expected, + got)
E             Written    # event 1
E           -     name: "b"
E           +     name: "a"

test_lines.py:9: AssertionError""".replace("\\\n", "")
            in printed["difference"]
        )

    def test_shows_the_line_that_raised_in_the_application(self, printed: dict[str, str]) -> None:
        assert '>               raise ValueError(f"no {word}")' in printed["handler"]
        assert (
            '>                   raise ValueError(f"no {payload.name} here")'
            in printed["projection"]
        )
        assert '>           await lines.given(written("a"))' in printed["projection"]
