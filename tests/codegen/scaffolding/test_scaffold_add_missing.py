"""``--add-missing``: what a class lacks is written where it belongs, and named as the file does."""

from __future__ import annotations

from pathlib import Path

import pytest
from sessionstream_codegen.scaffold import ScaffoldError
from sessionstream_codegen.scaffolding.plans import PlanError

from tests.codegen.golden_trees import ROOT, run
from tests.codegen.scaffolding.helpers import CHAT, added, scaffold

HEAD = """\
from __future__ import annotations

from everything.v1 import chat_pb2 as pb
from everything.v1.chat_sessionstream import ChatHandlers, ChatPublisher
from sessionstream import Command, Session, override
"""
START = "async def start_inference(self, command, session, publisher): ...\n"
STOP = '''\
@override
async def stop_inference(
    self, command: Command[pb.StopInference], session: Session, publisher: ChatPublisher
) -> None:
    """Stops the running answer; does nothing when there is none."""
    raise NotImplementedError("write stop_inference in handlers.py")
'''


def indented(code: str, step: str) -> str:
    return "".join(step + line.replace("    ", step) for line in code.splitlines(keepends=True))


def add(folder: Path, text: str) -> str:
    """Adds to ``everything/handlers.py``, a file inside of the package."""
    return added(folder / "everything" / "handlers.py", text)


def top(folder: Path, head: str, base: str = "ChatHandlers") -> str:
    """Returns what stands above the class, with the imports that it got."""
    after = add(folder, f"{head}class Mine({base}):\n    {START}")
    return after[: after.index("class Mine")]


class TestMethods:
    def test_they_are_appended_to_the_class(self, tmp_path: Path) -> None:
        before = f"{HEAD}\n\nclass Mine(ChatHandlers):\n    # Kept   as it is.\n    {START}"
        after = "\n# After the class.\ndef  after( ): ...\n"
        assert add(tmp_path, before + after) == f"{before}\n{indented(STOP, '    ')}{after}"

    def test_comments_that_end_the_class_stay_above_them(self, tmp_path: Path) -> None:
        before = (
            f"{HEAD}\n\nclass Mine(ChatHandlers):\n    {START}\n    # Of the class.\n\n  # Too.\n"
        )
        after = "# Of the module.\nx = 1\n"
        grown = add(tmp_path, before + after)
        assert grown == f"{before}\n{indented(STOP, '    ')}\n{after}"

    @pytest.mark.parametrize("step", ["  ", "\t", "      "])
    def test_they_are_indented_as_the_class_is(self, tmp_path: Path, step: str) -> None:
        before = f"{HEAD}\n\nclass Mine(ChatHandlers):\n{step}{START}"
        assert add(tmp_path, before) == f"{before}\n{indented(STOP, step)}"

    def test_a_class_in_a_block_gets_them_there(self, tmp_path: Path) -> None:
        before = f"{HEAD}\nif True:\n    class Mine(ChatHandlers):\n        {START}"
        grown = add(tmp_path, before + "    x = 1\n")
        assert grown == f"{before}\n{indented(indented(STOP, '    '), '    ')}\n    x = 1\n"

    def test_a_class_in_another_gets_its_own(self, tmp_path: Path) -> None:
        before = (
            f"{HEAD}\n\nclass Mine(ChatHandlers):\n    {START}\n"
            f"    class Inner(ChatHandlers):\n        {START}"
        )
        inner = indented(indented(STOP, "    "), "    ")
        assert add(tmp_path, before) == f"{before}\n{inner}\n{indented(STOP, '    ')}"

    @pytest.mark.parametrize("ending", ["x = 1;", "x = '''\n  y'''; y = 2", "x = 1 \\\n"])
    def test_the_last_line_is_the_one_that_python_sees(self, tmp_path: Path, ending: str) -> None:
        before = f"{HEAD}\n\nclass Mine(ChatHandlers):\n    {START}    {ending}\n"
        assert add(tmp_path, before) == f"{before}\n{indented(STOP, '    ')}"

    @pytest.mark.parametrize("newline", ["\r\n", "\r"])
    def test_line_ends_are_those_of_the_file(self, tmp_path: Path, newline: str) -> None:
        """And a mark of the byte order stays the first character; the last line gets an end."""
        before = f"\ufeff{HEAD}\n\nclass Mine(ChatHandlers):\n    {START}"
        expected = f"{before}\n{indented(STOP, '    ')}".replace("\n", newline)
        assert add(tmp_path, before.rstrip("\n").replace("\n", newline)) == expected

    @pytest.mark.parametrize("body", [" ...", " x = 1; y = 2", " \\\n    pass"])
    def test_a_body_on_the_line_of_the_class_is_left_to_its_author(
        self, tmp_path: Path, body: str
    ) -> None:
        with pytest.raises(PlanError, match="the body of Mine stands on the line of its name"):
            add(tmp_path, f"{HEAD}\nclass Mine(ChatHandlers):{body}\n")

    def test_what_they_do_is_what_a_new_file_does(self, tmp_path: Path) -> None:
        """With the names that the file has."""
        text = "from everything.v1 import chat_sessionstream as chat, chat_pb2\n\n\n"
        text += "class Kept(chat.ChatTimelineProjection):\n    def inference_started(self): ...\n"
        after = added(tmp_path / "projections.py", text)
        assert "yield chat.ChatEntities.chat_message.tombstone(event.payload.message_id)" in after
        text = text.replace("inference_started", "inference_stopped")
        after = added(tmp_path / "projections.py", text)
        assert "view.chat_message.get(payload.message_id) or chat_pb2.ChatMessage()" in after


class TestClasses:
    def test_one_that_is_not_there_is_appended(self, tmp_path: Path) -> None:
        before = f"{HEAD}\nx = 1\n"
        after = add(tmp_path, before)
        future, blank = "from __future__ import annotations\n", "\n"
        imported = HEAD.replace(future, f"{future}{blank}from typing import final\n")
        assert after.startswith(f"{imported}\nx = 1\n\n\n@final\nclass Handlers(ChatHandlers):\n")
        assert after.endswith(indented(STOP, "    "))

    def test_it_stands_above_what_runs_the_file(self, tmp_path: Path) -> None:
        tail = "\n\nif __name__ == '__main__':\n    main()\n"
        after = add(tmp_path, f"{HEAD}\n\ndef main(): ...\n    # Its end.\n{tail}")
        assert after.endswith(f"{indented(STOP, '    ')}{tail}")
        assert "    # Its end.\n\n\n@final\nclass Handlers" in after

    @pytest.mark.parametrize(
        "head",
        [
            "",
            "#!/usr/bin/env python\n# coding: utf-8\n",
            '"""A docstring."""\n',
            "from __future__ import annotations\n",
            '# A comment.\n\n"""A docstring."""; from __future__ import annotations\n',
        ],
    )
    def test_a_file_that_has_nothing_gets_what_a_new_one_has(
        self, tmp_path: Path, head: str
    ) -> None:
        after = add(tmp_path, head)
        blank = "\n" if head else ""
        assert after.startswith(f"{head}{blank}from typing import final\n\nfrom sessionstream ")
        assert "import ChatHandlers, ChatPublisher\n\n\n@final\nclass Handlers" in after

    def test_those_of_a_file_are_said_with_the_methods(self, tmp_path: Path) -> None:
        scaffold(tmp_path)
        path = tmp_path / "projections.py"
        whole = path.read_text()
        second = whole.index("@final", whole.index("@final") + 1)
        last = whole[:second].rindex("    @override")
        path.write_text(whole[:last])
        assert scaffold(tmp_path, add_missing=True)[1:] == [
            "added to projections.py: LiveEvents.tokens_delta, StoredEntities (3 methods)"
        ]
        assert path.read_text().split() == whole.split()


class TestImports:
    """``top`` gives what stands above the class afterwards."""

    BASE = "from everything.v1.chat_sessionstream import ChatHandlers\n"
    NAMES = "from sessionstream import Command, Session, override\n"
    ADDED = (
        f"{NAMES}from everything.v1 import chat_pb2 as pb\n"
        "from everything.v1.chat_sessionstream import ChatPublisher\n"
    )

    def test_they_follow_the_last_one_at_the_top_level(self, tmp_path: Path) -> None:
        block = "if True:\n    import re\n\n"
        head = f"{self.BASE}import json\n"
        assert top(tmp_path, f"{head}{block}") == f"{head}{self.ADDED}{block}"

    def test_they_stand_above_the_class_that_needs_them(self, tmp_path: Path) -> None:
        head = f"{self.BASE}import json\n"
        before = f"{head}class Mine(ChatHandlers):\n    {START}\nimport re\n"
        assert add(tmp_path, before).startswith(f"{head}{self.ADDED}class Mine")

    @pytest.mark.parametrize("last", ["import re; x = '''\n'''", "import re \\\n", "import (re)"])
    def test_they_never_stand_within_a_statement(self, tmp_path: Path, last: str) -> None:
        if last == "import (re)":
            last = "from re import (\n    sub,  # kept\n)\nimport json"
        assert top(tmp_path, f"{self.BASE}{last}\n") == f"{self.BASE}{last}\n{self.ADDED}"

    def test_nor_within_a_block(self, tmp_path: Path) -> None:
        block = f"try:\n    {self.BASE}except ImportError:\n    raise\n    # Its end.\n"
        assert top(tmp_path, block).startswith(f"{block}\n{self.NAMES}\nfrom everything.v1 ")

    def test_of_a_block_that_holds_the_class_they_stand_above(self, tmp_path: Path) -> None:
        block = f"if True:\n    {self.BASE}\n    class Mine(ChatHandlers):\n        {START}"
        after = add(tmp_path, f'"""Doc."""\n{block}')
        assert after.startswith(f'"""Doc."""\n\n{self.NAMES}\nfrom everything')

    def test_a_star_gives_what_its_module_has(self, tmp_path: Path) -> None:
        stars = "from everything.v1.chat_sessionstream import *\nfrom sessionstream import *\n"
        assert top(tmp_path, stars) == f"from everything.v1 import chat_pb2 as pb\n{stars}"

    @pytest.mark.parametrize(
        ("statement", "base"),
        [
            ("import everything.v1.chat_sessionstream", "everything.v1.chat_sessionstream."),
            ("import everything.v1.chat_sessionstream as chat", "chat."),
            ("from everything.v1 import chat_sessionstream as chat", "chat."),
        ],
    )
    def test_a_module_gives_what_it_has(self, tmp_path: Path, statement: str, base: str) -> None:
        head, module = f"{statement}\n", "from everything.v1 import chat_pb2 as pb\n"
        ordered = f"{head}{module}" if statement.startswith("import") else f"{module}{head}"
        assert top(tmp_path, head, f"{base}ChatHandlers") == f"{ordered}{self.NAMES}"

    @pytest.mark.parametrize("package", [".v1", "acme.gen.everything.v1", "..everything.v1"])
    def test_modules_are_written_as_the_file_writes_them(
        self, tmp_path: Path, package: str
    ) -> None:
        base = f"from {package}.chat_sessionstream import ChatHandlers\n"
        found = top(tmp_path, base).split("\n")
        assert f"from {package} import chat_pb2 as pb" in found
        assert f"from {package}.chat_sessionstream import ChatHandlers, ChatPublisher" in found

    def test_a_name_of_the_file_is_preferred_to_an_attribute(self, tmp_path: Path) -> None:
        head = f"import sessionstream as s\n{self.BASE}from typing import override as replaces\n"
        after = add(tmp_path, f"{head}class Mine(ChatHandlers):\n    {START}")
        assert "    @replaces\n" in after
        assert "command: s.Command[pb." in after

    def test_what_only_type_checkers_see_is_for_annotations(self, tmp_path: Path) -> None:
        head = f"""\
from __future__ import annotations
from typing import TYPE_CHECKING
{self.BASE}
if TYPE_CHECKING:
    from everything.v1 import chat_pb2 as pb
    from everything.v1.chat_sessionstream import ChatPublisher
    from sessionstream import Command, Session, override

"""
        override = "from sessionstream import override\n"
        assert top(tmp_path, head) == head.replace(self.BASE, self.BASE + override)
        evaluated = head.partition("\n")[2]
        assert self.ADDED in top(tmp_path, evaluated)

    def test_a_name_that_means_something_else_is_not_taken(self, tmp_path: Path) -> None:
        """At the top of the file, in the class, or in the method."""
        head = f"from acme import Session\nCommand = 3\n{self.BASE}"
        body = f"    pb = 3\n    {START}"
        after = add(tmp_path, f"{head}class Mine(ChatHandlers):\n{body}")
        assert "from sessionstream import Command as Command_, Session as Session_, over" in after
        assert "command: Command_[chat_pb2.StopInference], session: Session_" in after
        module = "from everything.v1 import chat_sessionstream as session\n"
        after = add(tmp_path, f"{module}class Mine(session.ChatHandlers):\n    {START}")
        assert "import ChatPublisher\n" in after


class TestRuns:
    def test_a_dry_run_shows_what_it_would_add(self, tmp_path: Path) -> None:
        text = f"{HEAD}\n\nclass Mine(ChatHandlers):\n    {START}"
        (tmp_path / "handlers.py").write_text(text.replace("\n", "\r\n"), newline="")
        said = scaffold(tmp_path, add_missing=True, dry_run=True)
        assert said[:5] == [
            "would add to handlers.py: Mine.stop_inference",
            "--- handlers.py",
            "+++ handlers.py",
            "@@ -7,3 +7,10 @@",
            " ",
        ]
        added_lines = [line[1:] for line in said[3:] if line.startswith("+")]
        assert "\n".join(added_lines) == f"\n{indented(STOP, '    ')}".rstrip("\n")
        assert (tmp_path / "handlers.py").read_bytes().count(b"\n") == text.count("\n")

    def test_nothing_is_written_if_a_class_cannot_be_extended(self, tmp_path: Path) -> None:
        (tmp_path / "projections.py").write_text(
            "from everything.v1.chat_sessionstream import ChatUIProjection\n"
            "class Live(ChatUIProjection): ...\n"
        )
        with pytest.raises(ScaffoldError, match=r"projections\.py: the body of Live stands"):
            scaffold(tmp_path, add_missing=True)
        assert not (tmp_path / "handlers.py").exists()

    def test_a_sign_that_the_terminal_does_not_know_is_shown_as_an_escape(
        self, tmp_path: Path
    ) -> None:
        (tmp_path / "handlers.py").write_text(f"{HEAD}größe = 1\n", encoding="utf-8")
        command = ["sessionstream", "scaffold", "--add-missing", "--dry-run", f"-I{ROOT}"]
        done = run(*command, "--out", tmp_path, ROOT / CHAT, PYTHONIOENCODING="ascii")
        assert done.returncode == 0, done.stderr
        assert " gr\\xf6\\xdfe = 1\n" in done.stdout
