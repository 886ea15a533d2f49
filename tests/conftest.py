"""Settings of the whole suite."""

from __future__ import annotations

import gc
import os

from hypothesis import settings

# No test is timed: the machine may be busy with others. `make soak` asks for more examples.
EXAMPLES = int(os.environ.get("SESSIONSTREAM_EXAMPLES", "50"))
settings.register_profile("suite", deadline=None, max_examples=EXAMPLES)
settings.load_profile("suite")


def pytest_collection_finish() -> None:
    # What was imported and collected stays to the end: to look through it at every full
    # collection takes a twelfth of the suite's time.
    gc.collect()
    gc.freeze()
