"""What holds for annotations in every language; each rule reports all that it finds."""

from sessionstream_codegen.rules.keys import check_keys
from sessionstream_codegen.rules.options import check_extensions
from sessionstream_codegen.rules.roles import check_roles
from sessionstream_codegen.rules.wire_names import check_wire_names

RULES = (check_extensions, check_roles, check_keys, check_wire_names)

__all__ = ["RULES"]
