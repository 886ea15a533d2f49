"""What holds for annotations in every language; each rule reports all that it finds."""

from sessionstream_codegen.rules.table import RULES, check

__all__ = ["RULES", "check"]
