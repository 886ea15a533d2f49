"""``python -m systemlab``."""

import sys

from systemlab.command import main

if __name__ == "__main__":
    sys.exit(main())
