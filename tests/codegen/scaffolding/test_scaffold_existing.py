"""Files of the user's that are there: kept, and what they lack is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from sessionstream_codegen.scaffold import ScaffoldError
from sessionstream_codegen.scaffolding.files import plan_existing
from sessionstream_codegen.scaffolding.plans import PlanError

from tests.codegen.scaffolding.helpers import CHAT, scaffold, stubs

HEAD = """\
from __future__ import annotations

from everything.v1 import chat_pb2 as pb
from everything.v1.chat_sessionstream import ChatHandlers, ChatPublisher
from sessionstream import Command, Session, override
"""


def said(folder: Path, text: str, name: str = "handlers.py") -> list[str]:
    """What is said of a file, without its path."""
    path = folder / name
    path.write_bytes(text.encode())
    plan = plan_existing(path, [stubs(CHAT)[name]], add_missing=False)
    assert not plan.verb
    return list(plan.said)


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
        assert said(tmp_path, text) == [
            "it lacks Mine.start_inference, Mine.stop_inference; --add-missing adds that"
        ]
        assert (tmp_path / "handlers.py").read_text() == text

    def test_a_class_that_is_not_there_is_named(self, tmp_path: Path) -> None:
        assert said(tmp_path, HEAD) == ["it lacks a class like Handlers; --add-missing adds that"]

    def test_a_class_that_ignores_events_lacks_none(self, tmp_path: Path) -> None:
        text = (
            "from everything.v1 import chat_sessionstream as chat\n"
            "class Live(chat.ChatUIProjectionPartial):\n    pass\n"
        )
        assert said(tmp_path, text, "projections.py") == [
            "Live lacks nothing",
            "it lacks a class like StoredEntities; --add-missing adds that",
        ]

    def test_something_else_of_the_name_is_left_alone(self, tmp_path: Path) -> None:
        text = "from acme.base import Base\nclass Handlers(Base): pass\n"
        assert said(tmp_path, text) == [
            "its Handlers does not derive from ChatHandlers, as far as can be seen here; "
            "derive it from ChatHandlers, or rename it and run this again with --add-missing"
        ]


class TestClasses:
    def lacking(self, folder: Path, code: str) -> list[str]:
        return said(folder, f"{HEAD}\n\n{code}")

    @pytest.mark.parametrize(
        "member",
        [
            "def start_inference(self): ...",
            "start_inference = other = None",
            "start_inference: object",
            "(start_inference, other) = None, None",
            "@property\n    def start_inference(self): ...",
            "if True:\n        async def start_inference(self): ...",
            "from acme import start_inference",
        ],
    )
    def test_a_method_is_there_however_it_is_made(self, tmp_path: Path, member: str) -> None:
        """Whether it fits is for a type checker to say."""
        assert self.lacking(tmp_path, f"class Mine(ChatHandlers):\n    {member}\n") == [
            "it lacks Mine.stop_inference; --add-missing adds that"
        ]

    def test_one_in_another_class_inside_is_not(self, tmp_path: Path) -> None:
        code = (
            "class Mine(ChatHandlers):\n    class Inner:\n        def start_inference(self): ...\n"
        )
        assert "Mine.start_inference" in self.lacking(tmp_path, code)[0]

    def test_only_the_last_in_line_lacks_what_none_above_it_has(self, tmp_path: Path) -> None:
        code = """\
class Base(ChatHandlers):
    def start_inference(self): ...

class Middle(Base):
    pass

class Mine(Middle):
    pass
"""
        assert self.lacking(tmp_path, code) == [
            "it lacks Mine.stop_inference; --add-missing adds that"
        ]

    def test_every_class_of_the_base_is_one(self, tmp_path: Path) -> None:
        """In a block, in a function and in another class too."""
        code = """\
if True:
    class A(ChatHandlers):
        def start_inference(self): ...
def make():
    class B(ChatHandlers):
        def start_inference(self): ...
class C(ChatHandlers):
    def start_inference(self): ...
    class D(ChatHandlers):
        def start_inference(self): ...
"""
        lacking = ", ".join(f"{name}.stop_inference" for name in "ABCD")
        assert self.lacking(tmp_path, code) == [f"it lacks {lacking}; --add-missing adds that"]

    @pytest.mark.parametrize("base", ["Generic[T]", "typing.Protocol[T]", "object", "Exception"])
    def test_type_arguments_and_neutral_bases_hide_nothing(self, tmp_path: Path, base: str) -> None:
        code = f"""\
import typing
from typing import Generic
class Base(ChatHandlers, {base}):
    def start_inference(self): ...
class Mine(Base[int]):
    pass
"""
        assert self.lacking(tmp_path, code) == [
            "it lacks Mine.stop_inference; --add-missing adds that"
        ]

    def test_another_name_for_the_base_is_the_base(self, tmp_path: Path) -> None:
        """A circle of names is none."""
        code = "A = B\nB = A\nBase = ChatHandlers\nclass Mine(Base):\n    pass\n"
        assert self.lacking(tmp_path, code)[0].startswith("it lacks Mine.start_inference, ")

    def test_nothing_is_said_of_one_with_a_base_from_elsewhere(self, tmp_path: Path) -> None:
        """A method that is added would hide the one of that base."""
        code = "from acme import Mixin\nclass Mine(Mixin, ChatHandlers):\n    pass\n"
        assert self.lacking(tmp_path, code) == [
            "Mine derives from Mixin too, which is written elsewhere, so it is left as it is"
        ]

    @pytest.mark.parametrize("mark", ["abc.ABC", "metaclass=abc.ABCMeta"])
    def test_nothing_is_said_of_an_abstract_one(self, tmp_path: Path, mark: str) -> None:
        code = f"import abc\nclass Mine(ChatHandlers, {mark}):\n    pass\n"
        assert self.lacking(tmp_path, code) == ["Mine is abstract, so it is left as it is"]

    def test_an_override_that_the_base_no_longer_has_is_named(self, tmp_path: Path) -> None:
        """It stays, as helpers do, and what every object has."""
        code = """\
class Mine(ChatHandlers):
    start_inference = stop_inference = None

    @override
    async def pause_inference(self): ...

    @override
    def __repr__(self): ...

    def helper(self): ...
"""
        assert self.lacking(tmp_path, code) == [
            "Mine lacks nothing",
            "Mine.pause_inference is no longer asked for",
        ]

    def test_an_event_that_passes_through_may_be_projected(self, tmp_path: Path) -> None:
        text = """\
from everything.v1.chat_sessionstream import ChatUIProjectionPartial as Base
from sessionstream import override
class Live(Base):
    @override
    def typing(self): ...
    @override
    def tokens_delta(self): ...
"""
        assert said(tmp_path, text, "projections.py")[0] == "Live lacks nothing"


class TestUnreadableFiles:
    @pytest.mark.parametrize(
        ("data", "why"),
        [
            (b"class :\n", r"can't be parsed, nothing was changed: line 1: invalid syntax"),
            (b"x = '\0'\n", r"can't be parsed, nothing was changed: \w[^:]*null bytes"),
            (b"# coding: latin-1\n", r"is written in iso-8859-1, .*: save it as UTF-8"),
            (b"x = '\xff'\n", r"is not in UTF-8, nothing was changed: "),
            (b"# coding: nonsense\n", r"is not in UTF-8, .*nonsense"),
            (b"(" * 10_000, r"can't be parsed, nothing was changed: "),
        ],
    )
    def test_they_are_named_with_what_is_wrong(self, tmp_path: Path, data: bytes, why: str) -> None:
        path = tmp_path / "handlers.py"
        path.write_bytes(data)
        with pytest.raises(PlanError, match=why):
            plan_existing(path, [stubs(CHAT)["handlers.py"]], add_missing=True)
        assert path.read_bytes() == data

    def test_a_run_says_so_in_one_line(self, tmp_path: Path) -> None:
        (tmp_path / "handlers.py").write_text("class :\n")
        with pytest.raises(ScaffoldError, match=r"^\S+handlers\.py can't be parsed.*syntax$"):
            scaffold(tmp_path, add_missing=True)

    def test_odd_escapes_in_it_are_no_concern(self, tmp_path: Path) -> None:
        """Python warns of them, wherever it parses; warnings are errors here."""
        assert said(tmp_path, "x = '\\d'\n")[0].startswith("it lacks")
