"""What the subscriptions of a client have queued for it, and dropped."""

from __future__ import annotations

import json

import pytest

from sessionstream import Snapshot
from sessionstream.transport.actions import Action, Answer, Authorize, Deliver, Discard, Load
from sessionstream.transport.dialects import V1_JSON, V2_JSON, Dialect
from sessionstream.transport.outbox import Outbox
from sessionstream.transport.readings import Opened
from sessionstream.transport.requests import Ask, Subscribing
from sessionstream.transport.settings import TransportSettings
from sessionstream.transport.shared import Page, SharedSnapshot
from sessionstream.transport.subscriptions import Subscriptions
from sessionstream.types import Position

AT = Position(epoch="e", head=3, shown=3)
SETTINGS = TransportSettings()


class Client:
    """The subscriptions of a client that reads nothing, and its queue."""

    def __init__(self, dialect: Dialect) -> None:
        self.subscriptions = Subscriptions(dialect, SETTINGS)
        self._queue = Outbox(SETTINGS)

    def take(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Answer():
                    self._queue.put_answer(action.frames, action.session_id)
                case Deliver():
                    assert self._queue.put(action) == []
                case Discard():
                    self._queue.discard(action.session_id)
                case Authorize():
                    self.take(self.subscriptions.authorized(action, True))
                case Load():
                    self.take(self._loaded(action))
                case _:
                    pass

    def subscribe(self, session_id: str) -> None:
        self.take(self.subscriptions.subscribe(Subscribing(session_id=session_id)))

    async def queued(self) -> list[str]:
        """Takes what waits; returns the kind of each frame."""
        found: list[str] = []
        while len(self._queue):
            for message in (await self._queue.get()).messages:
                found.extend(json.loads(message))
        return found

    def _loaded(self, load: Load) -> list[Action]:
        if load.ask is Ask.SNAPSHOT:
            timeline = Snapshot(session_id=load.session_id, snapshot_ordinal=3, entities=())
            opened = Opened(snapshot=timeline, position=AT)
            return self.subscriptions.opened(load, SharedSnapshot(opened))
        if load.ask is Ask.HISTORY:
            page = Page(position=AT, batches=(), reaches_back=True, unreadable=0)
            return self.subscriptions.read(load, page)
        return self.subscriptions.positioned(load, AT)


@pytest.fixture(params=[V1_JSON, V2_JSON], ids=["v1", "v2"])
def client(request: pytest.FixtureRequest) -> Client:
    dialect: Dialect = request.param
    return Client(dialect)


class TestRevoking:
    async def test_drops_the_snapshot_and_what_it_is_announced_with(self, client: Client) -> None:
        client.subscribe("s")
        client.take(client.subscriptions.revoke("s"))
        assert await client.queued() == ["error"]

    async def test_drops_what_waits_of_a_session_that_was_unsubscribed(
        self, client: Client
    ) -> None:
        client.subscribe("s")
        client.take(client.subscriptions.unsubscribe("s"))
        client.take(client.subscriptions.revoke("s"))
        assert await client.queued() == ["unsubscribed"]

    async def test_leaves_other_sessions_alone(self, client: Client) -> None:
        for session_id in "st":
            client.subscribe(session_id)
        client.take(client.subscriptions.revoke("s"))
        assert await client.queued() == ["snapshot", "subscribed", "error"]


def test_a_position_is_encoded_once_for_all_who_are_told_it() -> None:
    told: list[Action] = []
    for _ in range(2):
        client = Client(V2_JSON)
        client.subscribe("s")
        told += client.subscriptions.look("s", Position(epoch="e", head=4, shown=3))
    one, other = told
    assert isinstance(one, Deliver)
    assert isinstance(other, Deliver)
    assert one.frames is other.frames
