"""Where classes go: to where they are, and else to names that no later .proto file changes."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest
from sessionstream_codegen.scaffold import Scaffold, ScaffoldError

from tests.codegen.golden_trees import ROOT
from tests.codegen.scaffolding.helpers import CHAT, scaffold

JOBS = "commands_only/v1/jobs.proto"
CHAT_FILES = ["handlers.py", "projections.py"]
BOTH = ["handlers.py", "jobs_handlers.py", "projections.py"]
HEAD = """\
from everything.v1.chat_sessionstream import ChatHandlers
from commands_only.v1.jobs_sessionstream import JobsHandlers
"""


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


class TestNames:
    def test_the_first_file_gets_the_plain_ones_and_another_begins_with_its_own(
        self, tmp_path: Path
    ) -> None:
        scaffold(tmp_path, CHAT, JOBS, "no_roles/v1/plain.proto")
        assert files(tmp_path) == BOTH

    @pytest.mark.parametrize("protos", [[JOBS], [CHAT, JOBS], [JOBS, CHAT]])
    def test_they_are_the_same_however_many_files_are_named(
        self, tmp_path: Path, protos: list[str]
    ) -> None:
        """A project has grown from one file to two."""
        scaffold(tmp_path, CHAT)
        before = (tmp_path / "handlers.py").read_bytes()
        scaffold(tmp_path, *protos, add_missing=True)
        assert files(tmp_path) == BOTH
        assert (tmp_path / "handlers.py").read_bytes() == before

    def test_what_a_file_asks_for_later_goes_beside_what_it_has(self, tmp_path: Path) -> None:
        """Even where only the later part is missing."""
        scaffold(tmp_path, CHAT, JOBS)
        (tmp_path / "projections.py").unlink()
        scaffold(tmp_path, JOBS, CHAT)
        assert files(tmp_path) == BOTH

    def test_where_every_file_has_its_own_a_further_one_has_too(self, tmp_path: Path) -> None:
        scaffold(tmp_path, CHAT)
        for name in CHAT_FILES:
            (tmp_path / name).rename(tmp_path / f"chat_{name}")
        scaffold(tmp_path, CHAT, JOBS)
        assert files(tmp_path) == ["chat_handlers.py", "chat_projections.py", "jobs_handlers.py"]

    def test_modules_of_one_name_are_told_apart(self, tmp_path: Path) -> None:
        """As many as there are, in any order."""
        both = ("imports/app/v1/app.proto", "same/app/v1/app.proto")
        for index, order in enumerate(permutations((CHAT, *both))):
            folder = tmp_path / str(index)
            for proto in order:
                scaffold(folder, proto)
            assert all(line.endswith("nothing") for line in scaffold(folder, CHAT, *both))

    def test_a_file_of_the_users_without_such_classes_is_not_in_the_way(
        self, tmp_path: Path
    ) -> None:
        (tmp_path / "handlers.py").write_text('"""Handlers to come."""\n')
        scaffold(tmp_path, CHAT, add_missing=True)
        assert files(tmp_path) == CHAT_FILES


class TestClassesThatAreThere:
    def test_they_are_found_in_any_file(self, tmp_path: Path) -> None:
        (tmp_path / "inference.py").write_text(f"{HEAD}\n\nclass Mine(ChatHandlers):\n    pass\n")
        said = scaffold(tmp_path, CHAT, add_missing=True)
        assert "added to inference.py: Mine.start_inference, Mine.stop_inference" in said
        assert files(tmp_path) == ["inference.py", "projections.py"]

    def test_those_of_two_protos_in_one_file_both_grow(self, tmp_path: Path) -> None:
        """It is written once, with all."""
        code = "class Chat(ChatHandlers):\n    pass\n\n\nclass Jobs(JobsHandlers):\n    pass\n"
        (tmp_path / "all.py").write_text(f"{HEAD}\n\n{code}")
        said = scaffold(tmp_path, CHAT, JOBS, add_missing=True)
        assert said[0].startswith("added to all.py: Chat.start_inference, Chat.stop_inference, Jo")
        assert files(tmp_path) == ["all.py", "chat_projections.py"]
        again = scaffold(tmp_path, CHAT, JOBS, add_missing=True)
        assert all(line.endswith("lacks nothing") for line in again)

    @pytest.mark.parametrize("name", ["test_chat.py", "chat_test.py", "conftest.py"])
    def test_doubles_in_tests_are_none(self, tmp_path: Path, name: str) -> None:
        (tmp_path / name).write_text(f"{HEAD}\n\nclass Fake(ChatHandlers):\n    pass\n")
        scaffold(tmp_path, CHAT, add_missing=True)
        assert files(tmp_path) == sorted([*CHAT_FILES, name])

    def test_files_that_use_no_generated_code_may_be_anything(self, tmp_path: Path) -> None:
        (tmp_path / "other.py").write_bytes(b"class :\n\xff")
        (tmp_path / "folder.py").mkdir()
        assert len(scaffold(tmp_path, CHAT)) == 2

    def test_one_that_does_and_cannot_be_read_may_hold_them(self, tmp_path: Path) -> None:
        """So nothing is written, and all such files are named."""
        for name in ("a.py", "b.py"):
            (tmp_path / name).write_text(f"{HEAD}\nclass :\n")
        with pytest.raises(ScaffoldError, match=r"(?s)a\.py can't be parsed.*\n.*b\.py can't be"):
            scaffold(tmp_path, CHAT)
        assert files(tmp_path) == ["a.py", "b.py"]


class TestWhatIsToBeWritten:
    def said(self, out: Path, *protos: str) -> list[str]:
        work = Scaffold(protos=[str(ROOT / one) for one in protos], out=out, includes=[ROOT])
        return [line.replace(f"{out}/", "") for line in work.run()]

    def test_it_is_named_until_it_is(self, tmp_path: Path) -> None:
        line = "to be written in handlers.py: Handlers.start_inference, Handlers.stop_inference"
        assert line in self.said(tmp_path, CHAT)
        assert line in self.said(tmp_path, CHAT)
        path = tmp_path / "handlers.py"
        path.write_text(path.read_text().replace("    raise", "    return None\n        raise", 1))
        path.write_text(path.read_text().replace("raise NotImplementedError(", "print(", 1))
        last = self.said(tmp_path, CHAT)[-2]
        assert last == "to be written in handlers.py: Handlers.stop_inference"

    def test_of_many_the_first_are_named(self, tmp_path: Path) -> None:
        commands = "".join(
            f"message C{number} {{ option (sessionstream.v1.message).command = {{}}; }}\n"
            for number in range(1, 10)
        )
        head = 'syntax = "proto3";\nimport "sessionstream/v1/options.proto";\n'
        (tmp_path / "a.proto").write_text(head + commands)
        work = Scaffold(
            protos=[str(tmp_path)], out=tmp_path / "app", includes=[tmp_path], dry_run=True
        )
        [_, said] = work.run()
        assert said.endswith(
            "handlers.py: "
            + "".join(f"Handlers.c{number}, " for number in range(1, 6)).removesuffix(", ")
            + " and 4 more"
        )
