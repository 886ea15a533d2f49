"""The files that a user fills in: written when missing, never overwritten."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sessionstream_codegen.scaffold import Scaffold, ScaffoldError

from tests.codegen.golden_trees import REPOSITORY, ROOT, proto_files, run

CHAT = "everything/v1/chat.proto"
HEAD = """\
from __future__ import annotations

from everything.v1 import chat_pb2 as pb
from everything.v1.chat_sessionstream import ChatHandlers, ChatPublisher
from sessionstream import Command, Session
"""


def scaffold(out: Path, *protos: str, **options: bool) -> list[str]:
    """Returns what it said, with paths relative to ``out``."""
    asked = [str(ROOT / proto) for proto in protos or [CHAT]]
    lines = Scaffold(protos=asked, out=out, includes=[ROOT], **options).run()
    return [line.replace(f"{out}/", "") for line in lines]


class TestMissingFiles:
    def test_they_are_written(self, tmp_path: Path) -> None:
        assert scaffold(tmp_path / "new" / "chat") == [
            "wrote handlers.py: Handlers (2 methods)",
            "wrote projections.py: LiveEvents (2 methods), StoredEntities (3 methods)",
        ]

    def test_a_dry_run_writes_nothing(self, tmp_path: Path) -> None:
        assert scaffold(tmp_path, "commands_only/v1/jobs.proto", dry_run=True) == [
            "would write handlers.py: Handlers (1 method)"
        ]
        assert list(tmp_path.iterdir()) == []

    def test_only_what_the_module_leaves_open_is_asked_for(self, tmp_path: Path) -> None:
        assert scaffold(tmp_path, "entities_only/v1/profile.proto") == [
            "nothing to write: no command, and no event that could be projected"
        ]

    def test_those_of_several_modules_have_their_names(self, tmp_path: Path) -> None:
        scaffold(tmp_path, CHAT, "commands_only/v1/jobs.proto", "no_roles/v1/plain.proto")
        assert sorted(path.name for path in tmp_path.iterdir()) == [
            "chat_handlers.py",
            "chat_projections.py",
            "jobs_handlers.py",
        ]

    def test_what_is_not_written_yet_fails_and_says_where(self, tmp_path: Path) -> None:
        """In projections too: a new event must not pass for projected."""
        scaffold(tmp_path, CHAT, "commands_only/v1/jobs.proto")
        text = (tmp_path / "chat_projections.py").read_text()
        assert text.count("NotImplementedError(") == text.count("def ")
        assert 'NotImplementedError("write tokens_delta in chat_projections.py")' in text

    def test_modules_of_one_name_are_told_apart(self, tmp_path: Path) -> None:
        both = ("imports/shared/v1/common.proto", "imports/billing/v1/common.proto")
        scaffold(tmp_path, *both)
        assert [path.name for path in tmp_path.iterdir()] == [
            "imports_shared_v1_common_projections.py"
        ]

    def test_there_are_none_for_a_folder_that_no_other_imports(self, tmp_path: Path) -> None:
        with pytest.raises(ScaffoldError, match=r"imports from async\.import\.v1, which holds"):
            scaffold(tmp_path, "async/import/v1/self.proto")

    def test_they_pass_ruff_and_mypy(self, built: Path, tmp_path: Path) -> None:
        """Every golden tree's, in one project."""
        project = tmp_path / "project"
        shutil.copytree(built, project)
        (project / "pyproject.toml").touch()
        for proto in proto_files():
            if proto.startswith("async/"):
                continue
            out = project / "app" / proto.removesuffix(".proto").replace("/", "_")
            scaffold(out, proto)
        app = project / "app"
        settings = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
        (project / "ruff.toml").write_text(ruff_settings(settings))
        checked = run("ruff", "check", "--no-cache", app, cwd=project)
        assert checked.returncode == 0, checked.stdout
        formatted = run("ruff", "format", "--no-cache", "--diff", app, cwd=project)
        assert formatted.returncode == 0, formatted.stdout
        strict = ["--strict", "--explicit-package-bases", "--config-file="]
        typed = run("mypy", *strict, "app", cwd=project)
        assert typed.returncode == 0, typed.stdout


def ruff_settings(pyproject: str) -> str:
    """The section of ruff as a file of its own, without the packages of this repository."""
    section = pyproject.partition("[tool.ruff]\n")[2]
    return section.replace("[tool.ruff.", "[").replace('src = [".", "codegen"]\n', "")


class TestExistingFiles:
    def test_they_are_kept(self, tmp_path: Path) -> None:
        scaffold(tmp_path)
        before = {path: path.read_bytes() for path in tmp_path.iterdir()}
        assert scaffold(tmp_path) == [
            "kept handlers.py: Handlers lacks nothing",
            "kept projections.py: LiveEvents lacks nothing",
            "kept projections.py: StoredEntities lacks nothing",
        ]
        assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before

    def test_what_they_lack_is_named(self, tmp_path: Path) -> None:
        text = f"{HEAD}\n\nclass Mine(ChatHandlers):\n    pass\n"
        (tmp_path / "handlers.py").write_text(text)
        assert scaffold(tmp_path)[0] == (
            "kept handlers.py: it lacks Mine.start_inference, Mine.stop_inference; "
            "--add-missing adds that"
        )
        assert (tmp_path / "handlers.py").read_text() == text

    def test_a_class_that_ignores_events_lacks_none(self, tmp_path: Path) -> None:
        text = (
            "from everything.v1 import chat_sessionstream as chat\n"
            "class Live(chat.ChatUIProjectionPartial):\n    pass\n"
        )
        (tmp_path / "projections.py").write_text(text)
        assert scaffold(tmp_path)[1:] == [
            "kept projections.py: Live lacks nothing",
            "kept projections.py: it has no class that derives from ChatTimelineProjection",
        ]

    def test_one_that_is_no_python_is_kept(self, tmp_path: Path) -> None:
        (tmp_path / "handlers.py").write_text("class :\n")
        with pytest.raises(ScaffoldError, match=r"handlers\.py can't be parsed"):
            scaffold(tmp_path, add_missing=True)
        assert (tmp_path / "handlers.py").read_text() == "class :\n"


class TestAddMissing:
    def add(self, folder: Path, text: str) -> str:
        path = folder / "handlers.py"
        path.write_bytes(text.encode())
        scaffold(folder, add_missing=True)
        return path.read_bytes().decode()

    def test_methods_are_appended_to_the_class(self, tmp_path: Path) -> None:
        before = f"""\
{HEAD}

class Mine(ChatHandlers):
    # Kept   as it is.
    async def start_inference(self, command, session, publisher): return  None  # also this

    x = 1;  y = 2

# After the class.
def  after( ): ...
"""
        added = """\

    @override
    async def stop_inference(
        self, command: Command[pb.StopInference], session: Session, publisher: ChatPublisher
    ) -> None:
        \"\"\"Stops the running answer; does nothing when there is none.\"\"\"
        raise NotImplementedError("write stop_inference in handlers.py")
"""
        first, rest = before.split("    x = 1;  y = 2\n")
        imported = f"{HEAD}from sessionstream import override\n"
        expected = first.replace(HEAD, imported) + "    x = 1;  y = 2\n" + added + rest
        assert self.add(tmp_path, before) == expected

    def test_names_are_those_that_the_file_uses(self, tmp_path: Path) -> None:
        before = """\
import sessionstream as s
import everything.v1.chat_sessionstream
from everything.v1 import chat_pb2
from typing_extensions import override as replaces


class Mine(everything.v1.chat_sessionstream.ChatHandlers):
\t\"\"\"Mine.\"\"\"

\tasync def stop_inference(self, command, session, publisher):
\t\tpass"""
        assert self.add(tmp_path, before) == (
            before
            + """

\t@replaces
\tasync def start_inference(
\t    self,
\t    command: s.Command[chat_pb2.StartInference],
\t    session: s.Session,
\t    publisher: everything.v1.chat_sessionstream.ChatPublisher,
\t) -> None:
\t    \"\"\"Asks the assistant for an answer.\"\"\"
\t    raise NotImplementedError("write start_inference in handlers.py")
"""
        )

    def test_relative_imports_are_understood(self, tmp_path: Path) -> None:
        before = """\
from .v1 import chat_pb2 as pb, chat_sessionstream as chat
from sessionstream import Command, Session, override


class Mine(chat.ChatHandlers):
    async def stop_inference(self, command, session, publisher): ...
"""
        after = self.add(tmp_path, before)
        assert after.startswith(before)
        assert "publisher: chat.ChatPublisher" in after

    def test_line_ends_stay_as_they_are(self, tmp_path: Path) -> None:
        before = f"{HEAD}\n\nclass Mine(ChatHandlers):\n    pass\n".replace("\n", "\r\n")
        after = self.add(tmp_path, before)
        assert after.count("\n") == after.count("\r\n") > before.count("\n")

    def test_every_class_of_a_file_gets_its_own(self, tmp_path: Path) -> None:
        path = tmp_path / "projections.py"
        scaffold(tmp_path)
        whole = path.read_text()
        cut = whole.index("    @override\n    def tokens_delta")
        end = whole.index("\n\n@final", cut)
        last = whole.rindex("    @override")
        path.write_text(whole[:cut] + whole[end + 1 : last])
        assert scaffold(tmp_path, add_missing=True)[1:] == [
            "added to projections.py: LiveEvents.tokens_delta, StoredEntities.message_removed"
        ]
        assert scaffold(tmp_path)[1:] == [
            "kept projections.py: LiveEvents lacks nothing",
            "kept projections.py: StoredEntities lacks nothing",
        ]
        compile(path.read_text(), path, "exec")

    def test_a_body_on_the_line_of_the_class_is_left_to_its_author(self, tmp_path: Path) -> None:
        with pytest.raises(ScaffoldError, match="the body of Mine stands on the line of its name"):
            self.add(tmp_path, f"{HEAD}\nclass Mine(ChatHandlers): ...\n")

    def test_a_dry_run_says_what_it_would_add(self, tmp_path: Path) -> None:
        text = f"{HEAD}\n\nclass Mine(ChatHandlers):\n    pass\n"
        (tmp_path / "handlers.py").write_text(text)
        assert scaffold(tmp_path, add_missing=True, dry_run=True)[0] == (
            "would add to handlers.py: Mine.start_inference, Mine.stop_inference"
        )
        assert (tmp_path / "handlers.py").read_text() == text


class TestErrors:
    def test_a_refused_annotation_is_shown_with_its_place(self, tmp_path: Path) -> None:
        (tmp_path / "a.proto").write_text(
            'syntax = "proto3";\nimport "sessionstream/v1/options.proto";\n'
            "message A { option (sessionstream.v1.message).entity = {}; }\n"
        )
        work = Scaffold(protos=[str(tmp_path / "a.proto")], out=tmp_path, includes=[tmp_path])
        with pytest.raises(ScaffoldError, match=r"^a\.proto:3:9: error: \[SS201\]"):
            list(work.run())

    def test_what_protoc_refuses_is_shown(self, tmp_path: Path) -> None:
        (tmp_path / "a.proto").write_text("message\n")
        work = Scaffold(protos=[str(tmp_path / "a.proto")], out=tmp_path, includes=[tmp_path])
        with pytest.raises(ScaffoldError, match=r"a\.proto:2:1: Expected message name"):
            list(work.run())
