"""The generator's benchmark in its small form, so that it does not rot; no time is asserted."""

from __future__ import annotations

import sys
from pathlib import Path

from sessionstream_codegen.generate import generate

from benchmarks.generator import schema
from tests.codegen.compiling import request_for
from tests.codegen.golden_trees import REPOSITORY, run

BENCHMARK = Path("benchmarks", "generator.py")


class TestTheBenchmark:
    def test_prints_a_row_for_each_size(self) -> None:
        done = run(sys.executable, BENCHMARK, "5", "10", cwd=REPOSITORY)
        assert done.returncode == 0, done.stderr
        _, _, five, ten, growth = done.stdout.splitlines()
        assert [five.split()[0], ten.split()[0]] == ["5", "10"]
        assert growth.startswith("ms of mypy for each further message: 5-10: ")

    def test_measures_as_many_messages_as_asked_for(self) -> None:
        """Of every role, and all of them with one."""
        [file] = generate(request_for({"many.proto": schema(400)})).file
        constants = [line for line in file.content.splitlines() if ": Final = " in line]
        types = ("CommandType", "EventType", "UIEventType", "EntityType")
        counted = {name: sum(f" = {name}(" in line for line in constants) for name in types}
        assert counted == dict(zip(types, (80, 160, 80, 80), strict=True))
