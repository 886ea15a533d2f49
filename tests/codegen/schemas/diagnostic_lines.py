"""What every line of a report looks like."""

from __future__ import annotations

import re

DIAGNOSTIC = re.compile(
    r"((?P<path>[^:]*):[1-9]\d*:[1-9]\d*: )?"
    r"((error|warning): \[(?P<code>SS\d\d\d)\]|(?P<note>note):) \S.*[^.]"
)
