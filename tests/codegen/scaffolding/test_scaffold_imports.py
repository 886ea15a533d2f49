"""What ``--add-missing`` imports: in order where the file has an order, and no line twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.codegen.golden_trees import run
from tests.codegen.scaffolding.helpers import ruff_settings, scaffold
from tests.codegen.scaffolding.test_scaffold_add_missing import top

FUTURE = "from __future__ import annotations\n\n"
BASE = "from everything.v1.chat_sessionstream import ChatHandlers\n"
GROWN = "from everything.v1.chat_sessionstream import ChatHandlers, ChatPublisher\n"
MODULE = "from everything.v1 import chat_pb2 as pb\n"
NAMES = "from sessionstream import Command, Session, override\n"


class TestOrder:
    def test_a_statement_goes_between_those_of_its_block(self, tmp_path: Path) -> None:
        head = f"{FUTURE}import re\n\nimport acme\n{BASE}from zoo import bear\n"
        assert top(tmp_path, head) == (
            f"{FUTURE}import re\n\nimport acme\n{MODULE}{GROWN}{NAMES}from zoo import bear\n"
        )

    def test_a_name_goes_into_the_statement_that_is_there(self, tmp_path: Path) -> None:
        head = f"{MODULE}{BASE}from sessionstream import Event, Session\n"
        assert top(tmp_path, head) == (
            f"{MODULE}{GROWN}from sessionstream import Command, Event, Session, override\n"
        )

    def test_and_on_a_line_of_its_own_where_the_others_have_one(self, tmp_path: Path) -> None:
        names = "from sessionstream import (\n    Event,  # kept\n    Session,\n)\n"
        grown = (
            "from sessionstream import (\n    Command,\n    Event,  # kept\n    Session,\n"
            "    override,\n)\n"
        )
        assert top(tmp_path, f"{MODULE}{BASE}{names}") == f"{MODULE}{GROWN}{grown}"

    def test_a_section_that_is_not_there_stands_between_the_others(self, tmp_path: Path) -> None:
        head = f"import re\n\n{BASE.replace('everything', '')}"
        after = top(tmp_path, head).replace("from .v1", "from everything.v1")
        assert after == f"import re\n\n{NAMES}\n{MODULE}{GROWN}"

    def test_a_line_that_gets_too_long_becomes_one_for_each_name(self, tmp_path: Path) -> None:
        """Every character of it stays."""
        others = ", ".join(f"ChatO{number}" for number in range(1, 8))
        line = f"from everything.v1.chat_sessionstream import ChatHandlers, {others}\n"
        after = top(tmp_path, f"{MODULE}{line}")
        rows = ["ChatHandlers", *others.split(", "), "ChatPublisher"]
        exploded = "".join(f"    {row},\n" for row in rows)
        expected = f"from everything.v1.chat_sessionstream import (\n{exploded})\n"
        assert after == f"{MODULE}{expected}{NAMES}"

    @pytest.mark.parametrize(
        "head",
        [
            f"import re\nimport json\n{BASE}",
            f"{BASE}import re; x = 1\n",
            f"import json \\\n\n{BASE}",
            f"{BASE}\nimport re\n",
            f"import re\nx = 1\n{BASE}",
        ],
    )
    def test_where_there_is_no_order_they_follow_the_last(self, tmp_path: Path, head: str) -> None:
        added = f"{NAMES}{MODULE}{GROWN.replace('ChatHandlers, ', '')}"
        assert top(tmp_path, head) == f"{head}{added}"


class TestRuff:
    """A file that passes its rule for imports passes it afterwards too."""

    def test_what_was_scaffolded_stays_sorted_when_it_grows(self, tmp_path: Path) -> None:
        """From commands alone to events, UI events and entities, of another file as well."""
        head = 'syntax = "proto3";\npackage acme.v1;\nimport "sessionstream/v1/options.proto";\n'
        command = "message Go { option (sessionstream.v1.message).command = {}; }\n"
        event = "message Gone { option (sessionstream.v1.message).event = {}; string id = 1; }\n"
        entity = (
            "message Way { option (sessionstream.v1.message).entity = {};"
            " string id = 1 [(sessionstream.v1.field).key = true]; }\n"
        )
        shown = "message Seen { option (sessionstream.v1.message).ui_event = {}; string id = 1; }\n"
        other = f'{head}import "b.proto";\n'
        (tmp_path / "ruff.toml").write_text(ruff_settings())
        (tmp_path / "app").mkdir()
        for text, imported in [
            (f"{head}{command}", ""),
            (f"{head}{command}{event}", ""),
            (f"{head}{command}{event}{shown}", ""),
            (f"{other}{command}{event}{shown}", f"{head}{entity}"),
        ]:
            (tmp_path / "a.proto").write_text(text)
            (tmp_path / "b.proto").write_text(imported or head)
            scaffold(tmp_path / "app", "a.proto", root=tmp_path, add_missing=True)
            done = run("ruff", "check", "--no-cache", "--select=I,F", "app", cwd=tmp_path)
            assert done.returncode == 0, done.stdout
