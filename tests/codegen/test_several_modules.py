"""Generated modules of several packages in one Hub: who has which name."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from sessionstream import DuplicateNameError, Hub, SchemaRegistry
from sessionstream.protos import include_dir
from tests.codegen.driver import Driver
from tests.codegen.golden_trees import run

HEAD = """\
syntax = "proto3";
import "sessionstream/v1/options.proto";
option (sessionstream.v1.file).name = "Module";
"""
ROLE = "option (sessionstream.v1.message)"
MESSAGES = {
    "command": f'message Did {{ {ROLE}.command = {{name: "Same"}}; }}',
    "event": f'message Did {{ {ROLE}.event = {{name: "Same"}}; }}',
    "older": f'message Did {{ {ROLE}.event = {{name: "Other", aliases: ["Same"]}}; }}',
    "ui": f'message Did {{ {ROLE}.ui_event = {{names: ["Same"]}}; }}',
    "entity": (
        f'message Did {{ {ROLE}.entity = {{kind: "Same"}}; '
        "string id = 1 [(sessionstream.v1.field).key = true]; }"
    ),
}
"""By the file, which two packages have each."""

TITLES = {"command": "command", "event": "event", "ui": "UI event", "entity": "entity"}

Load = Callable[[str, str], ModuleType]


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("generated")
    sources = []
    for package in ("ours", "theirs"):
        for name, message in MESSAGES.items():
            source = Path("several", package, f"{name}.proto")
            (folder / source).parent.mkdir(parents=True, exist_ok=True)
            text = f"{HEAD}package several.{package}.{name};\n{message}\n"
            (folder / source).write_text(text, encoding="utf-8")
            sources.append(source)
    outs = [f"--{plugin}_out={folder}" for plugin in ("python", "sessionstream")]
    options = [f"-I{folder}", f"-I{include_dir()}", *outs]
    done = run(sys.executable, "-m", "grpc_tools.protoc", *options, *sources)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def load(generated: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Imports the module of a package and a file."""
    monkeypatch.syspath_prepend(generated)
    return lambda package, name: importlib.import_module(f"several.{package}.{name}_sessionstream")


def install(hub: Hub, module: ModuleType) -> None:
    Driver(module, "Module", hub).install()


class TestANameThatTwoModulesHave:
    @pytest.mark.parametrize("name", TITLES)
    @pytest.mark.parametrize("order", [("ours", "theirs"), ("theirs", "ours")])
    def test_is_refused_to_the_second_with_both_origins(
        self, load: Load, name: str, order: tuple[str, str]
    ) -> None:
        hub = Hub(SchemaRegistry())
        first, second = order
        install(hub, load(first, name))
        with pytest.raises(DuplicateNameError) as refused:
            install(hub, load(second, name))
        assert str(refused.value) == (
            f"{TITLES[name]} 'Same' is registered already, "
            f"as several.{first}.{name}.Did (several/{first}/{name}.proto); "
            f"refused: several.{second}.{name}.Did (several/{second}/{name}.proto). "
            "Give one of them another name"
        )

    def test_may_be_an_older_name_of_one(self, load: Load) -> None:
        """The log may hold events of that name: whose they are must be plain."""
        hub = Hub(SchemaRegistry())
        install(hub, load("ours", "older"))
        with pytest.raises(DuplicateNameError) as refused:
            install(hub, load("theirs", "event"))
        assert str(refused.value) == (
            "event 'Same' is registered already, as an alias of 'Other', "
            "several.ours.older.Did (several/ours/older.proto); "
            "refused: several.theirs.event.Did (several/theirs/event.proto). "
            "Give one of them another name"
        )

    def test_is_told_by_register_schemas_in_the_same_words(self, load: Load) -> None:
        registry = SchemaRegistry()
        load("ours", "entity").register_schemas(registry)
        with pytest.raises(DuplicateNameError, match=r"as several\.ours\..*several\.theirs\."):
            load("theirs", "entity").register_schemas(registry)

    def test_leaves_the_modules_before_it_installed(self, load: Load) -> None:
        hub = Hub(SchemaRegistry())
        for name in TITLES:
            install(hub, load("ours", name))
        with pytest.raises(DuplicateNameError):
            install(hub, load("theirs", "older"))
        assert hub.registry.command_type("Same").message_type is load("ours", "command").pb.Did
        with pytest.raises(DuplicateNameError, match=r"as several\.ours\.event\.Did"):
            install(hub, load("theirs", "event"))
