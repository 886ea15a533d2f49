"""Names that are too long for a line: the code is laid out as ruff format lays it out."""

from __future__ import annotations

from pathlib import Path

from tests.codegen.compiling import HEAD, generated
from tests.codegen.golden_trees import REPOSITORY, run

ROLES = ("command", "event", "ui_event", "entity")
LENGTHS = range(40, 130)


def schema(length: int) -> str:
    """Returns a file with a message of each role; events with a UI event, an alias, in None too."""
    messages: list[str] = []
    for role in (*ROLES, "event", "event"):
        name = f"{role.title().replace('_', '')}{len(messages)}".ljust(length, "x")
        key = "string id = 1 [(sessionstream.v1.field).key = true];" if role == "entity" else ""
        also = "option (sessionstream.v1.message).ui_event = {};" if len(messages) == 4 else ""
        value = f'aliases: ["{name}Old"]' if len(messages) == 5 else ""
        mark = f"option (sessionstream.v1.message).{role} = {{{value}}};"
        messages.append(f"message {name} {{ {mark} {also} {key} }}\n")
    mark = "option (sessionstream.v1.message).event = {};"
    messages.append(f"message None {{ message {'Aliased'.ljust(length, 'x')} {{ {mark} }} }}\n")
    return HEAD + "".join(messages)


class TestLongNames:
    def test_ruff_would_lay_none_out_differently(self, tmp_path: Path) -> None:
        for length in LENGTHS:
            [code] = generated({"a.proto": schema(length)}).values()
            (tmp_path / f"of_{length}.py").write_text(code, encoding="utf-8")
        settings = f"--config={REPOSITORY / 'pyproject.toml'}"
        for arguments in (["check"], ["format", "--diff"]):
            done = run("ruff", *arguments, settings, "--no-cache", tmp_path)
            assert done.returncode == 0, done.stdout
