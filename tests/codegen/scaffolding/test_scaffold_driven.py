"""Scaffolded code at work: a Hub with it writes entities and shows UI events."""

from __future__ import annotations

import importlib
import shutil
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from sessionstream_codegen import names
from sessionstream_codegen.scaffolding.files import plan_new

from sessionstream import (
    EventType,
    Hub,
    ProjectionError,
    ProjectionPolicies,
    ProjectionPolicy,
    SchemaRegistry,
    TimelineEntity,
)
from sessionstream.testing.fakes import RecordingFanout
from tests.codegen import pyright_runs
from tests.codegen.driver import names as public_names
from tests.codegen.golden_trees import proto_files, run
from tests.codegen.scaffolding.helpers import (
    build_project,
    folder_of,
    mypy_strict,
    ruff_settings,
    scaffold,
    stubs,
)

SHOP = Path(__file__).parent / "scaffolds"
PROTOS = ("shop/v1/shop.proto", "shop/v1/stock.proto")
CLASSES = {"handlers": "Handlers", "ui": "LiveEvents", "timeline": "StoredEntities"}
INTEGERS = {
    FieldDescriptor.CPPTYPE_INT32,
    FieldDescriptor.CPPTYPE_INT64,
    FieldDescriptor.CPPTYPE_UINT32,
    FieldDescriptor.CPPTYPE_UINT64,
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the scaffold of ``shop.proto`` in the package ``app``."""
    project = tmp_path_factory.mktemp("shop")
    build_project(project, {name: (SHOP / name).read_text(encoding="utf-8") for name in PROTOS})
    (project / "ruff.toml").write_text(ruff_settings())
    scaffold(project / "shop_app", PROTOS[0], root=project)
    return project


@pytest.fixture(scope="module")
def project(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project with the scaffolds of every golden tree, to be imported."""
    project = tmp_path_factory.mktemp("golden-scaffolds") / "project"
    shutil.copytree(built, project)
    for proto in proto_files():
        for name, stub in stubs(proto).items():
            plan_new(folder_of(proto, project) / name, stub, lambda _: False).write()
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(project)
        yield project


class TestShop:
    def test_it_passes_ruff(self, shop: Path) -> None:
        checked = run("ruff", "check", "--no-cache", "shop_app", cwd=shop)
        assert checked.returncode == 0, checked.stdout
        done = run("ruff", "format", "--no-cache", "--diff", "shop_app", cwd=shop)
        assert done.returncode == 0, done.stdout

    def test_it_passes_mypy(self, shop: Path) -> None:
        typed = mypy_strict(shop, "shop_app")
        assert typed.returncode == 0, typed.stdout

    def test_it_passes_pyright(self, shop: Path) -> None:
        found = pyright_runs.check(shop, include=["shop_app"])
        assert not found, "\n".join(map(str, found))


@pytest.fixture
def fanout() -> RecordingFanout:
    return RecordingFanout()


@pytest.fixture
async def hub(fanout: RecordingFanout) -> AsyncIterator[Hub]:
    # What is not written yet for pages keeps no entity from being written.
    policies = ProjectionPolicies(ui=ProjectionPolicy.ADVANCE)
    async with Hub(SchemaRegistry(), fanout=fanout, policies=policies) as hub:
        yield hub


def classes_in(package: str, project: Path) -> dict[str, Any]:
    """Returns the scaffolded classes of a package by their names."""
    found: dict[str, Any] = {}
    for name in ("handlers", "projections"):
        if (project / package.replace(".", "/") / f"{name}.py").exists():
            found.update(vars(importlib.import_module(f"{package}.{name}")))
    return {name: found[name] for name in CLASSES.values() if name in found}


class TestEntities:
    """What the events of the shop leave behind."""

    @pytest.fixture
    def pb(self, shop: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Any:
        monkeypatch.syspath_prepend(shop)
        generated = importlib.import_module("shop.v1.shop_sessionstream")
        code = classes_in("shop_app", shop)
        generated.install(hub, **{role: code[name]() for role, name in CLASSES.items()})
        return importlib.import_module("shop.v1.shop_pb2")

    async def entities(self, hub: Hub, *events: Message) -> list[Message | None]:
        for event in events:
            await hub.publish("s", event.DESCRIPTOR.name, event)
        return [entity.payload for entity in (await hub.snapshot("s")).entities]

    def whole(self, pb: Any, kind: Any, **more: Any) -> Any:
        made = kind(
            order_id="1",
            tags=["a", "b"],
            steps=[pb.Step(text="one")],
            labels={"a": "b"},
            plan={1: pb.Step(text="two")},
            step=pb.Step(text="three"),
            state=pb.STATE_OPEN,
            cents=3,
            self="me",
            **{"class": "first", "from": True, "in": [1, 2], "is": pb.Step(text="four")},
            **{"text": "text", "__raw": b"raw", **more},
        )
        made.at.FromSeconds(7)
        return made

    async def test_every_shape_of_field_is_copied(self, hub: Hub, pb: Any) -> None:
        changed = self.whole(pb, pb.OrderChanged, other_than_that_of_the_entity=3)
        placed = pb.OrderPlaced(order_id="1")
        assert await self.entities(hub, placed, changed) == [self.whole(pb, pb.Order)]

    async def test_what_an_event_does_not_set_stays(self, hub: Hub, pb: Any) -> None:
        """But lists, maps and what has no presence are as the event has them."""
        placed, changed = pb.OrderPlaced(order_id="1"), self.whole(pb, pb.OrderChanged)
        less = pb.OrderChanged(order_id="1", tags=["c"])
        [after] = await self.entities(hub, placed, changed, less)
        expected = pb.Order(order_id="1", text="text", tags=["c"], cents=3)
        expected.step.text = "three"
        expected.at.FromSeconds(7)
        setattr(expected, "from", True)
        getattr(expected, "is").text = "four"
        assert after == expected

    async def test_of_a_oneof_the_newest_counts(self, hub: Hub, pb: Any) -> None:
        placed = pb.OrderPlaced(order_id="1")
        events = [pb.OrderChanged(order_id="1", card="c"), pb.OrderChanged(order_id="1", cents=2)]
        assert await self.entities(hub, placed, *events) == [pb.Order(order_id="1", cents=2)]

    async def test_an_entity_begins_once_and_is_removed(self, hub: Hub, pb: Any) -> None:
        placed = pb.OrderPlaced(order_id="1")
        assert await self.entities(hub, placed, placed) == [pb.Order(order_id="1")]
        assert await self.entities(hub, pb.OrderRemoved(order_id="1")) == []

    async def test_one_that_was_removed_stays_so(self, hub: Hub, pb: Any) -> None:
        """Whatever is said of it later."""
        placed, removed = pb.OrderPlaced(order_id="1"), pb.OrderRemoved(order_id="1")
        late = pb.OrderChanged(order_id="1", card="c")
        assert await self.entities(hub, placed, removed, late) == []

    async def test_keywords_are_names_like_others(self, hub: Hub, pb: Any) -> None:
        [found] = await self.entities(hub, getattr(pb, "None")(**{"import": "x"}))
        assert found == getattr(pb, "lambda")(**{"import": "x"})

    async def test_entities_of_an_imported_file_are_written_too(self, hub: Hub, pb: Any) -> None:
        [item] = await self.entities(hub, pb.ItemCounted(number=4, count=2))
        assert item is not None
        assert (item.DESCRIPTOR.full_name, str(item)) == ("shop.v1.Item", "number: 4\ncount: 2\n")

    async def test_ui_events_are_shown(self, hub: Hub, pb: Any, fanout: RecordingFanout) -> None:
        changed = pb.OrderChanged(order_id="1", plan={1: pb.Step(text="two")}, card="c")
        await self.entities(hub, changed)
        [batch] = fanout.batches
        assert [event.payload for event in batch.events] == [
            pb.OrderShown(order_id="1", plan={1: pb.Step(text="two")}, card="c")
        ]


class TestGoldenTrees:
    """Each event is projected, or raises that this is still to be written."""

    async def test_events_leave_entities(self, project: Path) -> None:
        written: dict[str, list[str]] = {}
        for proto in proto_files():
            for name, entities in (await projected(proto, project, "timeline")).items():
                assert all(entity.id == "7" for entity in entities)
                written.setdefault(proto, []).extend([name] if entities else [])
        assert written["everything/v1/chat.proto"] == ["inference_started"]
        assert written["imports/shared/v1/common.proto"] == ["joined"]

    async def test_events_are_shown(self, project: Path) -> None:
        for proto in proto_files():
            await projected(proto, project, "ui")


async def projected(
    proto: str, project: Path, role: str
) -> dict[str, Sequence[TimelineEntity[Message]]]:
    """Publishes each event with one scaffolded projection; returns the entities it left."""
    package = ".".join(folder_of(proto, project).relative_to(project).parts)
    code = classes_in(package, project)
    projection = code.get(CLASSES[role])
    if projection is None:
        return {}
    generated = importlib.import_module(names.module(proto, "_sessionstream"))
    types = {one.message_type: one for one in generated.SCHEMAS if isinstance(one, EventType)}
    left: dict[str, Sequence[TimelineEntity[Message]]] = {}
    async with Hub(SchemaRegistry()) as hub:
        handlers = {"handlers": code["Handlers"]()} if "Handlers" in code else {}
        generated.install(hub, **handlers, **{role: projection()})
        for name in public_names(projection):
            payload = get_args(get_type_hints(getattr(projection, name))["event"])[0]
            with suppress_unwritten(name):
                await hub.publish(name, types[payload].name, filled(payload()))
                left[name] = (await hub.snapshot(name)).entities
    return left


@contextmanager
def suppress_unwritten(name: str) -> Iterator[None]:
    try:
        yield
    except ProjectionError as error:
        if str(error.__cause__) != f"write {name} in projections.py":
            raise


def filled(payload: Message) -> Message:
    """Sets every field of one number or text, any of which may be the key."""
    for field in payload.DESCRIPTOR.fields:
        if field.cpp_type in INTEGERS and not field.is_repeated:
            setattr(payload, field.name, 7)
        elif field.type == FieldDescriptor.TYPE_STRING and not field.is_repeated:
            setattr(payload, field.name, "7")
    return payload
