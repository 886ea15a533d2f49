"""protobuf's conformance runner finds nothing wrong.

It comes with 5,500 cases of what to accept, what to refuse and what to write.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf.internal import api_implementation

from tools import conformance

ROOT = Path(__file__).parent.parent.parent
BRIDGE = (sys.executable, "-m", "tools.conformance_bridge")
EDITION = "2023"
RESULT = re.compile(r"(\d+) successes, \d+ skipped, 0 expected failures, (\d+) unexpected failures")


# Its parser of the binary format ends on a NameError in a message set.
no_message_sets = pytest.mark.skipif(
    api_implementation.Type() == "python", reason="protobuf in Python reads no message sets"
)


@pytest.fixture
def runner() -> list[str]:
    command = conformance.runner()
    if command is None:
        pytest.skip("`make conformance` fetches the runner")
    return command


class TestConformance:
    @no_message_sets
    def test_no_case_fails(self, runner: list[str], tmp_path: Path) -> None:
        options = ("--enforce_recommended", "--maximum_edition", EDITION)
        command = (*runner, *options, "--output_dir", str(tmp_path), *BRIDGE)
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        found = [(int(passed), int(failed)) for passed, failed in RESULT.findall(done.stderr)]
        assert found, done.stderr
        # The second suite is that of the text format: all of it is skipped.
        assert [failed for _, failed in found] == [0, 0], done.stderr
        assert found[0][0] > 5000
