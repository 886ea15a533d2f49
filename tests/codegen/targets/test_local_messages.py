"""A message that is local to its file, as edition 2024 has them, is not for other modules."""

from __future__ import annotations

import re

import pytest

from tests.codegen.compiling import errors_of, generated

EVENT = "option (sessionstream.v1.message).event = {};"
HEAD = """\
edition = "2024";
package acme.v1;
import option "sessionstream/v1/options.proto";
"""
USER = f"""\
edition = "2023";
package acme.v1;
import "sessionstream/v1/options.proto";
import "own.proto";
message Ask {{ option (sessionstream.v1.message).command = {{}}; }}
message Mine {{ {EVENT} }}
"""
MESSAGES = f"""\
message Unset {{
  {EVENT}
  message InUnset {{ {EVENT} }}
}}
local message Local {{
  {EVENT}
  message InLocal {{ {EVENT} }}
}}
export message Exported {{ {EVENT} }}
"""
EXPORTED_WITHIN = f"""\
local message Holder {{
  export message Held {{ {EVENT} }}
}}
"""


def published(text: str, path: str) -> set[str]:
    """Returns the methods of the publisher of ``own.proto`` or of the one that imports it."""
    module = generated({"own.proto": HEAD + text, "user.proto": USER})[path]
    return set(re.findall(r"async def (\w+)\(self, payload", module)) - {"publish", "publish_all"}


class TestLocalMessages:
    """What an importing file may name is what protoc lets it name as the type of a field."""

    @pytest.mark.parametrize(
        ("default", "offered"),
        [
            ("", {"unset", "exported"}),
            ("EXPORT_TOP_LEVEL", {"unset", "exported"}),
            ("EXPORT_ALL", {"unset", "in_unset", "in_local", "exported"}),
            ("LOCAL_ALL", {"exported"}),
            ("STRICT", {"exported"}),
        ],
    )
    def test_the_importing_module_offers_what_is_exported(
        self, default: str, offered: set[str]
    ) -> None:
        option = f"option features.default_symbol_visibility = {default};\n" if default else ""
        module = "user_sessionstream.py"
        assert published(option + MESSAGES, module) == {"mine", *offered}

    def test_one_that_is_exported_from_a_local_one_is_offered(self) -> None:
        assert published(EXPORTED_WITHIN, "user_sessionstream.py") == {"mine", "held"}

    def test_their_own_module_has_them_all(self) -> None:
        everything = {"unset", "in_unset", "local", "in_local", "exported"}
        assert published(MESSAGES, "own_sessionstream.py") == everything

    def test_a_file_that_keeps_all_to_itself_is_not_imported(self) -> None:
        text = f"local message Kept {{ {EVENT} }}"
        module = generated({"own.proto": HEAD + text, "user.proto": USER})["user_sessionstream.py"]
        assert "own" not in module

    def test_their_names_on_the_wire_are_taken_all_the_same(self) -> None:
        """They are registered together with what the file exports."""
        named = EVENT.replace("{}", '{name: "Mine"}')
        text = f"local message Local {{ {named} }}\nmessage Shown {{ {EVENT} }}"
        [error, _] = errors_of({"own.proto": HEAD + text, "user.proto": USER})
        assert '[SS302] the name "Mine" of the event acme.v1.Mine is taken' in error
