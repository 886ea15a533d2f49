"""The generator's benchmark in its small form, so that it does not rot; no time is asserted."""

from __future__ import annotations

import sys
from pathlib import Path

from sessionstream_codegen.generate import generate

from benchmarks.generator import Row, growth, schema
from tests.codegen.compiling import request_for
from tests.codegen.golden_trees import REPOSITORY, run

BENCHMARK = Path("benchmarks", "generator.py")


def row(*, messages: int, mypy: float) -> Row:
    return Row(messages=messages, lines=1, generate=1, plugin=1, other_plugin=1, mypy=mypy)


class TestTheBenchmark:
    def test_prints_a_row_for_each_size(self) -> None:
        done = run(sys.executable, BENCHMARK, "5", "--times", "1", cwd=REPOSITORY)
        assert done.returncode == 0, done.stderr
        _, _, row, _ = done.stdout.splitlines()
        assert row.split()[0] == "5"

    def test_says_what_each_further_message_costs(self) -> None:
        rows = [row(messages=50, mypy=1.0), row(messages=100, mypy=1.5), row(messages=200, mypy=3)]
        expected = "ms of mypy for each further message: 50-100: 10.0, 100-200: 15.0"
        assert growth(rows) == expected

    def test_measures_as_many_messages_as_asked_for(self) -> None:
        """Of every role, and all of them with one."""
        [file] = generate(request_for({"many.proto": schema(400)})).file
        constants = [line for line in file.content.splitlines() if ": Final = " in line]
        types = ("CommandType", "EventType", "UIEventType", "EntityType")
        counted = {name: sum(f" = {name}(" in line for line in constants) for name in types}
        assert counted == dict(zip(types, (80, 160, 80, 80), strict=True))
