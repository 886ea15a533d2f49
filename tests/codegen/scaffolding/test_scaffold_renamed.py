"""A .proto file that was renamed: its implementation is not written a second time."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.codegen.scaffolding.helpers import scaffold

TEXT = """\
syntax = "proto3";
package groceries.v1;
import "sessionstream/v1/options.proto";
message AddItem { option (sessionstream.v1.message).command = {}; }
message ItemAdded { option (sessionstream.v1.message).event = {}; }
message ItemShown { option (sessionstream.v1.message).ui_event = {}; }
"""
OTHER = TEXT.replace("Item", "Shop")
SAID = (
    "which no .proto file gives any more, so nothing new is written for shopping.proto; "
    "if that is its new name, derive Handlers from the class of shopping_sessionstream; "
    "else remove Handlers"
)


def write(root: Path, name: str, text: str = TEXT) -> Path:
    path = root / "groceries" / "v1" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """The code for ``checklist.proto``, which is called ``shopping.proto`` by now."""
    old = write(tmp_path, "checklist.proto")
    scaffold(tmp_path / "app", str(old), root=tmp_path)
    old.rename(old.with_name("shopping.proto"))
    return tmp_path / "app"


def again(out: Path) -> list[str]:
    return scaffold(out, "groceries", root=out.parent, add_missing=True)


def read(out: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in out.iterdir()}


class TestARenamedFile:
    def test_it_gets_no_second_implementation(self, out: Path) -> None:
        before = read(out)
        said = again(out)
        assert read(out) == before
        cls = "Handlers derives from checklist_sessionstream"
        assert f"kept handlers.py: {cls}, {SAID}" in said
        assert [line.partition(":")[0] for line in said] == [
            "kept handlers.py",
            "kept projections.py",
        ]

    def test_with_the_imports_changed_all_is_well(self, out: Path) -> None:
        for name, text in read(out).items():
            new = text.replace("checklist_", "shopping_").replace("Checklist", "Shopping")
            (out / name).write_text(new)
        before = read(out)
        assert all(line.endswith("lacks nothing") for line in again(out))
        assert read(out) == before

    def test_with_some_of_them_changed_the_others_are_told(self, out: Path) -> None:
        path = out / "handlers.py"
        new = path.read_text().replace("checklist_", "shopping_").replace("Checklist", "Shopping")
        path.write_text(new)
        before = read(out)
        said = again(out)
        assert read(out) == before
        assert [line.partition(",")[0] for line in said] == [
            "kept projections.py: LiveEvents derives from checklist_sessionstream",
            "kept handlers.py: Handlers lacks nothing",
        ]


class TestAFurtherFile:
    def test_it_is_written_while_the_other_is_there_though_not_named(self, tmp_path: Path) -> None:
        out = tmp_path / "app"
        scaffold(out, str(write(tmp_path, "check-list.proto")), root=tmp_path)
        scaffold(out, str(write(tmp_path, "shopping.proto", OTHER)), root=tmp_path)
        assert {"shopping_handlers.py", "shopping_projections.py"} <= set(read(out))

    def test_code_of_another_package_is_not_in_its_way(self, tmp_path: Path) -> None:
        out = tmp_path / "app"
        out.mkdir()
        imported = "from library.v1.chat_sessionstream import ChatHandlers"
        (out / "chat.py").write_text(f"{imported}\n\n\nclass Chat(ChatHandlers):\n    pass\n")
        scaffold(out, str(write(tmp_path, "shopping.proto")), root=tmp_path)
        assert len(read(out)) == 3
