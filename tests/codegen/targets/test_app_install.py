"""Several generated modules in one Hub: one after the other, and as an app."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator
from pathlib import Path
from types import ModuleType
from typing import get_args

import pytest

from sessionstream import (
    DuplicateNameError,
    HandlerError,
    Hub,
    SchemaRegistry,
    UnknownNameError,
)
from sessionstream.testing.fakes import RecordingFanout
from tests.codegen.driver import SESSION, implement

MODULES = {
    "audit": "acme.audit.v1.audit_sessionstream",
    "billing": "acme.billing.v1.common_sessionstream",
    "people": "acme.people.v1.common_sessionstream",
    "tickets": "acme.tickets.v1.tickets_sessionstream",
}


@pytest.fixture
def app(desk: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(desk)
    return importlib.import_module("acme.desk")


@pytest.fixture
def modules(app: ModuleType) -> dict[str, ModuleType]:
    return {name: importlib.import_module(path) for name, path in MODULES.items()}


@pytest.fixture
def fanout() -> RecordingFanout:
    return RecordingFanout()


@pytest.fixture
async def hub(fanout: RecordingFanout) -> AsyncIterator[Hub]:
    async with Hub(SchemaRegistry(), fanout=fanout) as hub:
        yield hub


def noting(ran: list[str], name: str) -> object:
    """A projection that changes nothing, and notes that it ran."""

    def project(event: object, session: object, view: object) -> list[object]:
        ran.append(name)
        return []

    return project


class Desk:
    """The parts of the app: each handler publishes, each projection says that it ran."""

    def __init__(self, app: ModuleType, modules: dict[str, ModuleType]) -> None:
        self.ran: list[str] = []
        self._modules = modules
        tickets, people, billing = (modules[name] for name in ("tickets", "people", "billing"))
        self.parts = {
            "billing_common": app.BillingCommonParts(
                handlers=implement(billing.CommonHandlers, self._charge),
                ui=billing.CommonUIProjectionPartial(),
            ),
            "people_common": app.PeopleCommonParts(
                timeline=implement(people.CommonTimelineProjection, noting(self.ran, "people"))
            ),
            "tickets": app.TicketsParts(
                handlers=implement(tickets.TicketsHandlers, self._join),
                ui=tickets.TicketsUIProjectionPartial(),
                timeline=implement(tickets.TicketsTimelineProjection, noting(self.ran, "tickets")),
            ),
        }

    async def _charge(self, command: object, session: object, publisher: object) -> None:
        billing = self._modules["billing"]
        assert isinstance(publisher, billing.CommonPublisher)
        await publisher.charged(billing.pb.Charged(ticket_id="t-1"))

    async def _join(self, command: object, session: object, publisher: object) -> None:
        tickets, people = self._modules["tickets"], self._modules["people"]
        assert isinstance(publisher, tickets.TicketsPublisher)
        await publisher.person_joined(people.pb.PersonJoined(person_id=7))
        await publisher.ticket_closed(tickets.pb.TicketClosed(ticket_id="t-1"))


@pytest.fixture
def parts(app: ModuleType, modules: dict[str, ModuleType]) -> Desk:
    return Desk(app, modules)


class TestModulesOneAfterTheOther:
    async def test_their_projections_run_in_the_order_of_installation(
        self, modules: dict[str, ModuleType], hub: Hub
    ) -> None:
        people, ran = modules["people"], list[str]()
        for name in ("second", "first"):
            projection = implement(people.CommonTimelineProjection, noting(ran, name))
            people.install(hub, timeline=projection)
        await hub.publish(SESSION, "PersonJoined", people.pb.PersonJoined(person_id=7))
        assert ran == ["second", "first"]

    async def test_one_that_imports_another_may_come_first(
        self, modules: dict[str, ModuleType], hub: Hub
    ) -> None:
        tickets, people = modules["tickets"], modules["people"]
        tickets.install(hub, handlers=implement(tickets.TicketsHandlers, None))
        people.install(hub)
        assert hub.registry.event_type("PersonJoined") == people.PERSON_JOINED


class TestApp:
    async def test_every_file_works_in_one_hub(
        self, app: ModuleType, modules: dict[str, ModuleType], parts: Desk, hub: Hub
    ) -> None:
        app.install(hub, **parts.parts)
        client = app.DeskClient(hub)
        await client.billing_common.charge(SESSION, modules["billing"].pb.Charge())
        await client.tickets.close_ticket(SESSION, modules["tickets"].pb.CloseTicket())
        await hub.publish(SESSION, "Looked", modules["audit"].pb.Looked())
        assert parts.ran == ["people", "tickets"]
        assert await hub.event_cursor(SESSION) == 4

    async def test_what_passes_through_reaches_clients(
        self,
        app: ModuleType,
        modules: dict[str, ModuleType],
        parts: Desk,
        hub: Hub,
        fanout: RecordingFanout,
    ) -> None:
        app.install(hub, **parts.parts)
        client = app.DeskClient(hub)
        await client.billing_common.charge(SESSION, modules["billing"].pb.Charge())
        await client.tickets.open_ticket(SESSION, modules["tickets"].pb.OpenTicket())
        await hub.aclose()
        names = [[event.name for event in batch.events] for batch in fanout.batches]
        assert names == [["Charged"], ["TicketClosed"]]

    @pytest.mark.parametrize("left_out", ["billing_common", "people_common", "tickets"])
    def test_a_file_that_is_forgotten_is_an_error(
        self, left_out: str, app: ModuleType, parts: Desk, hub: Hub
    ) -> None:
        del parts.parts[left_out]
        with pytest.raises(TypeError, match=left_out):
            app.install(hub, **parts.parts)

    def test_it_installs_all_files_or_none(self, app: ModuleType, parts: Desk, hub: Hub) -> None:
        """The last file lacks its methods; those before it have been registered by then."""
        whole = dict(parts.parts)
        parts.parts["tickets"] = app.TicketsParts(handlers=object())
        with pytest.raises(HandlerError, match="open_ticket"):
            app.install(hub, **parts.parts)
        assert hub.registry.command_names() == ()
        app.install(hub, **whole)

    def test_it_is_installed_once_per_hub(self, app: ModuleType, parts: Desk, hub: Hub) -> None:
        app.install(hub, **parts.parts)
        with pytest.raises(DuplicateNameError, match="Charge"):
            app.install(hub, **parts.parts)


class TestSchemas:
    def test_they_can_be_registered_first_and_again(
        self, app: ModuleType, parts: Desk, hub: Hub
    ) -> None:
        """A store needs them before there is a Hub."""
        app.register_schemas(hub.registry)
        app.register_schemas(hub.registry)
        app.install(hub, **parts.parts)

    def test_they_are_those_of_every_file(
        self, app: ModuleType, modules: dict[str, ModuleType]
    ) -> None:
        assert (
            tuple(schema for module in modules.values() for schema in module.SCHEMAS) == app.SCHEMAS
        )

    def test_a_name_that_is_taken_leaves_the_registry_as_it_was(
        self, app: ModuleType, modules: dict[str, ModuleType]
    ) -> None:
        registry = SchemaRegistry()
        registry.register_event("ticket.closed", modules["people"].pb.Person)
        with pytest.raises(DuplicateNameError) as refused:
            app.register_schemas(registry)
        assert "acme.people.v1.Person (acme/people/v1/common.proto)" in str(refused.value)
        assert "acme.tickets.v1.TicketClosed (acme/tickets/v1/tickets.proto)" in str(refused.value)
        with pytest.raises(UnknownNameError):
            registry.event_type("Looked")


class TestUnions:
    def test_each_holds_what_the_modules_have(
        self, app: ModuleType, modules: dict[str, ModuleType]
    ) -> None:
        tickets, billing = modules["tickets"], modules["billing"]
        assert set(get_args(app.DeskCommand)) == {
            billing.pb.Charge,
            tickets.pb.OpenTicket,
            tickets.pb.CloseTicket,
        }
        assert set(get_args(app.DeskUIEvent)) == {
            billing.Charged,
            tickets.TicketClosed,
            tickets.Typing,
            tickets.TicketShown,
            tickets.TicketMarked,
        }

    def test_what_several_modules_have_stands_in_them_once(
        self, app: ModuleType, modules: dict[str, ModuleType]
    ) -> None:
        assert modules["people"].pb.PersonJoined in get_args(modules["tickets"].TicketsEvent)
        assert len(get_args(app.DeskEvent)) == 6
        assert len(get_args(app.DeskEntity)) == 2
