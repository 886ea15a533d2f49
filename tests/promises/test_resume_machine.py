"""P5 and P4 in any order of things: what is published, read, cut off, restarted and reset.

After any of it each client shows what the snapshot at the head holds, and has
seen each UI event at most once per epoch; watcher.py checks every frame.
SESSIONSTREAM_EXAMPLES sets how many histories are tried.
"""

from __future__ import annotations

import os

from google.protobuf.wrappers_pb2 import StringValue
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test

from tests.promises.watched import SESSION, Client, WatchedHub

EXAMPLES = int(os.environ.get("SESSIONSTREAM_EXAMPLES", "25"))
WHICH = st.integers(0, 2)
IDS = st.sampled_from("abc")


class AnyInterleaving(WatchedHub):
    """Every rule does something to the server or to a connection; nothing is expected at once."""

    @rule(line_ids=st.lists(IDS, min_size=1, max_size=4), removes=st.booleans())
    def publish(self, line_ids: list[str], removes: bool) -> None:
        self.run(self.say(*(self._change(line_id) for line_id in line_ids)))
        if removes:
            self.run(self.say(f"-{line_ids[0]}"))

    @rule(count=st.integers(9, 40))
    def publish_more_than_a_queue_holds(self, count: int) -> None:
        self.run(self.say(*(self._change("abc"[each % 3]) for each in range(count))))

    @rule()
    def publish_what_nobody_is_shown(self) -> None:
        self.run(self.say("quiet"))

    @rule()
    def publish_what_is_not_kept(self) -> None:
        self.run(self.hub.publish(SESSION, "Blinked", StringValue(value="blink")))

    @rule(which=WHICH, most=st.integers(1, 30))
    def read(self, which: int, most: int) -> None:
        self.clients[which].read(most)

    @rule(which=WHICH)
    def stall(self, which: int) -> None:
        if wire := self.clients[which].wire:
            wire.stop_reading()

    @rule(which=WHICH)
    def read_again(self, which: int) -> None:
        if wire := self.clients[which].wire:
            wire.go_on_reading()

    @rule(which=WHICH)
    def cut(self, which: int) -> None:
        client = self.clients[which]
        if client.wire is not None:
            client.wire.hang_up()
            client.wire = None

    @rule(which=WHICH)
    def lose_without_a_word(self, which: int) -> None:
        """The connection is half-open: the server goes on with it."""
        client = self.clients[which]
        if client.wire is not None:
            client.wire.stop_reading()
            client.wire = None

    @rule(which=WHICH, most=st.integers(0, 30))
    def connect_anew(self, which: int, most: int) -> None:
        client = self.clients[which]
        client.read(most)
        self.cut(which)
        self.run(self.connect(client))

    @rule(count=st.integers(1, 3), which=WHICH)
    def miss_a_little(self, count: int, which: int) -> None:
        """Few enough to be sent one by one when the client is back."""
        self.clients[which].read(1000)
        self.cut(which)
        self.run(self.say(*(self._change("a") for _ in range(count))))

    @rule(which=WHICH)
    def lag(self, which: int) -> None:
        """So little that it is caught up by what is kept."""
        self.stall(which)
        self.run(self.say(*(self._change("b") for _ in range(6))))

    @rule()
    def connect_those_that_are_gone(self) -> None:
        self.run(self.connect_all())

    @rule()
    def stall_all(self) -> None:
        for which in range(3):
            self.stall(which)

    @rule(which=WHICH)
    def subscribe_again(self, which: int) -> None:
        """On the same connection; what was sent for the first subscription is read first."""
        client = self.clients[which]
        if client.wire is not None and client.watcher.is_live:
            self.run(self._subscribe_again(client))

    async def _subscribe_again(self, client: Client) -> None:
        wire = client.wire
        assert wire is not None
        wire.go_on_reading()
        wire.say('{"unsubscribe":{"sessionId":"%s"}}' % SESSION)  # noqa: UP031 braces
        while "unsubscribed" not in (text := await wire.hear()):
            client.watcher.take(text)
        wire.say(client.watcher.subscribe())

    @rule()
    def restart(self) -> None:
        self.run(self.end())
        self.run(self.open())

    @precondition(WatchedHub.is_long)
    @rule()
    def delete_the_session(self) -> None:
        self.said = 0
        self.run(self.hub.delete_session(SESSION))

    @precondition(WatchedHub.is_long)
    @rule()
    def lose_the_store(self) -> None:
        self.said = 0
        self.run(self.end())
        self.files += 1
        self.run(self.open())

    @precondition(WatchedHub.is_long)
    @rule()
    def rebuild(self) -> None:
        self.run(self.hub.rebuild_timeline(SESSION))

    @rule()
    def wait_until_all_show_it(self) -> None:
        self.run(self.show_all())

    def _change(self, line_id: str) -> str:
        self.texts += 1
        return f"{line_id}={self.texts}"


class TestP5ResumeWithoutGapOrDuplicate:
    """P5; and P4: clients that stall hold nobody up."""

    def test_in_any_interleaving(self) -> None:
        chosen = settings(max_examples=EXAMPLES, stateful_step_count=25, deadline=None)
        run_state_machine_as_test(AnyInterleaving, settings=chosen)
