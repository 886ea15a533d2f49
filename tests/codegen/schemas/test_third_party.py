"""Schemas that nobody here wrote, annotated by a rule: what they give compiles and runs."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from sessionstream_codegen import names
from sessionstream_codegen.generate import generate

from sessionstream import Hub, SchemaRegistry
from sessionstream.v1 import options_pb2
from tests.codegen.driver import Driver
from tests.codegen.golden_trees import REPOSITORY, run
from tests.codegen.loading import importable, module_name
from tests.codegen.schemas.annotating import annotated, request_of
from tests.codegen.schemas.third_party import SCHEMAS, Schema, bundled, googleapis

APP = "strangers_app"
# Their messages come in modules of their own, beside which ours are loaded.
INSTALLED = {"googleapis", "opentelemetry"}
SETTINGS = f"--config={REPOSITORY / 'pyproject.toml'}"


@dataclass(frozen=True, slots=True)
class Generated:
    """The files of one run over a whole package, by their paths."""

    schema: Schema
    protos: Sequence[FileDescriptorProto]
    files: Mapping[str, str]

    @property
    def modules(self) -> Mapping[str, str]:
        """Those of one .proto file each."""
        return {path: code for path, code in self.files.items() if path != f"{APP}.py"}


@pytest.fixture(scope="module")
def packages() -> Mapping[str, Generated]:
    return {name: whole(schema()) for name, schema in SCHEMAS.items()}


def whole(schema: Schema) -> Generated:
    protos = annotated(schema.protos, schema.own)
    return Generated(schema, protos, written(protos, schema.own, f"app={APP}"))


def written(
    protos: Sequence[FileDescriptorProto], asked: Sequence[str], parameter: str = ""
) -> dict[str, str]:
    response = generate(request_of(protos, asked, parameter))
    assert not response.error
    return {file.name: file.content for file in response.file if not file.insertion_point}


async def drive(driver: Driver, hub: Hub) -> None:
    driver.install()
    await driver.run()
    await hub.aclose()


@pytest.mark.parametrize("name", SCHEMAS)
class TestEveryModule:
    def test_drives_a_hub(self, packages: Mapping[str, Generated], name: str) -> None:
        found = packages[name]
        assert found.modules
        stand_ins = [] if name in INSTALLED else found.protos
        with importable(found.files, stand_ins) as load:
            for path in found.modules:
                module = load(module_name(path))
                prefix = names.camel(Path(path).stem.removesuffix("_sessionstream"))
                hub = Hub(SchemaRegistry())
                driver = Driver(module, prefix, hub)
                asyncio.run(drive(driver, hub))
                assert driver.published or driver.emitted or driver.written or driver.handled

    def test_is_the_same_alone(self, packages: Mapping[str, Generated], name: str) -> None:
        found = packages[name]
        alone: dict[str, str] = {}
        for path in found.schema.own:
            alone |= written(found.protos, [path])
        assert alone == written(found.protos, found.schema.own)

    def test_is_part_of_the_app(self, packages: Mapping[str, Generated], name: str) -> None:
        found = packages[name]
        stand_ins = [] if name in INSTALLED else found.protos
        registry = SchemaRegistry()
        with importable(found.files, stand_ins) as load:
            load(APP).register_schemas(registry)
        lock = json.loads(written(found.protos, found.schema.own, "target=lock").popitem()[1])
        assert list(lock["events"]) == sorted(registry.event_names())
        assert list(lock["commands"]) == sorted(registry.command_names())

    def test_is_in_the_catalogue(self, packages: Mapping[str, Generated], name: str) -> None:
        found = packages[name]
        [page] = written(found.protos, found.schema.own, "target=markdown").values()
        lock = json.loads(written(found.protos, found.schema.own, "target=lock").popitem()[1])
        for section in ("commands", "events", "ui_events", "entities"):
            assert [name for name in lock[section] if f"`{name}`" not in page] == []


class TestLinters:
    def test_ruff_has_nothing_to_say(
        self, packages: Mapping[str, Generated], tmp_path: Path
    ) -> None:
        for name, found in packages.items():
            write(found.files, tmp_path / name)
        checked = run("ruff", "check", SETTINGS, "--no-cache", tmp_path)
        assert checked.returncode == 0, checked.stdout
        laid_out = run("ruff", "format", SETTINGS, "--no-cache", "--diff", tmp_path)
        assert laid_out.returncode == 0, laid_out.stdout

    def test_mypy_is_content(
        self, packages: Mapping[str, Generated], tmp_path: Path, request: pytest.FixtureRequest
    ) -> None:
        """With stubs by mypy-protobuf, which the package does not ship."""
        write(packages["googleapis"].modules, tmp_path)
        messages(googleapis(), tmp_path)
        cache = request.config.cache
        assert cache is not None
        where = f"--cache-dir={cache.mkdir('mypy-third-party')}"
        strict = ["--strict", "--explicit-package-bases", "--config-file="]
        done = run("mypy", *strict, where, "google", cwd=tmp_path)
        assert done.returncode == 0, done.stdout


class TestMessagesOfProtobufItself:
    def test_can_have_no_role(self) -> None:
        """Each is refused at its place, and nothing else is."""
        protos = [
            FileDescriptorProto.FromString(file.SerializeToString()) for file in bundled().protos
        ]
        marked = [file for file in protos if file.package == "google.protobuf"]
        for file in marked:
            for message in file.message_type:
                message.options.Extensions[options_pb2.message].command.SetInParent()
        error = generate(request_of(protos, [file.name for file in marked])).error
        messages = sum(len(file.message_type) for file in marked)
        assert error.count("error: ") == error.count("[SS102]") == messages > 40

    def test_give_nothing_without_one(self) -> None:
        schema = bundled()
        assert written(schema.protos, schema.own) == {}


def write(files: Mapping[str, str], folder: Path) -> None:
    for path, code in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(code, encoding="utf-8")


def messages(schema: Schema, folder: Path) -> None:
    """Writes what protoc and mypy-protobuf make of a schema."""
    image = folder / "image"
    image.write_bytes(schema.image())
    outs = [f"--python_out={folder}", f"--mypy_out={folder}"]
    protoc = [sys.executable, "-m", "grpc_tools.protoc", f"--descriptor_set_in={image}"]
    done = run(*protoc, *outs, *schema.own)
    assert done.returncode == 0, done.stderr
