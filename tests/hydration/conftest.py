from __future__ import annotations

import sys

import pytest

# The contract's assertions show their values, unless another folder imported it before.
if "sessionstream.testing" not in sys.modules:
    pytest.register_assert_rewrite("sessionstream.testing")
