"""``python -m sessionstream.cli``, where the console script is not on PATH."""

from __future__ import annotations

import sys

from sessionstream.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
