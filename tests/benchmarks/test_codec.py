"""The codec's benchmark in its small form, so that it does not rot; no time is asserted."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from benchmarks.codec import frames
from tests.codegen.golden_trees import REPOSITORY, run

BENCHMARK = Path("benchmarks", "codec.py")


class TestTheBenchmark:
    def test_prints_and_writes_a_row_for_each_frame_and_operation(self, tmp_path: Path) -> None:
        figures = tmp_path / "codec.json"
        done = run(sys.executable, BENCHMARK, "--rounds", "1", "--json", figures, cwd=REPOSITORY)
        assert done.returncode == 0, done.stderr
        rows = [line.split()[:2] for line in done.stdout.splitlines()[1:]]
        operations = ("MessageToJson", "compact", "Parse")
        assert rows == [[frame, name] for frame in frames() for name in operations]
        written = json.loads(figures.read_text())
        assert [[row["frame"], row["reference"]] for row in written] == rows
        assert all(row["ratio"] > 0 for row in written)
