"""What a visitor does on each page: green, and red where the fault is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import pytest
from systemlab.asking import LabError
from systemlab.checking import JSON
from systemlab.pages import PAGES
from systemlab.process import ChildProcess

from tests.systemlab.conftest import Guest

CLIENT: Mapping[str, JSON] = {
    "name": "A",
    "live": True,
    "base": 0,
    "early": 0,
    "applied": [],
    "board": {},
}
MENDED = "once mended, the timeline is the fold of the log"
CAUGHT_UP = "no gap, no duplicate, the same board at the end"

# Which checks a fault of a page breaks.
BREAKS_PROJECTION = [
    ("forgotten-edits", "The timeline is the fold of the log"),
    ("lost-event", "The events have the ordinals 1, 2, 3 …"),
    ("silent-removals", "What pages were told gives the same board"),
]
BREAKS_ORDERING = [
    ("deleted-row", "Dense: 1, 2, 3 … without a gap"),
    ("stray-events", "Isolated: a session has only its own"),
    ("swapped-pages", "Pages are told all of it, in the order of the log"),
    ("garbled-row", "Every log can be read"),
    ("hasty-publishers", "Monotonic: each publisher's events rise"),
    ("deleted-row", "What publish answered is what the log says"),
]
BREAKS_RESTART = [
    ("early-answers", "P3 SQLite: what publish answered is there"),
    ("deleted-row", "P1 SQLite: the ordinals have no gap"),
    ("deleted-file", "SQLite: the session goes on in the same epoch"),
    ("impure-projection", "P2 SQLite: the timeline is the fold of the log"),
    ("same-epoch", "Memory: what is gone is known to be gone, by a new epoch"),
]
BREAKS_FAULTS = [
    ("swallowed-errors", "failing", "P7 fail: its failure is recorded"),
    ("swallowed-errors", "advancing", "P7 advance: its failure is recorded"),
    ("unbounded-queue", "slow", "P4: what waits for it is bounded: it lags"),
    ("new-ids", "twice", "A command that arrives again is not run again"),
    ("renumbered-field", "schema", "A field that was renamed keeps what it held"),
    ("giving-up", "schema", "An event that can't be read hides no other"),
    ("giving-up", "schema", "It is told, with its name and why"),
    ("giving-up", "schema", "The session goes on behind it"),
    ("other-policy", "failing", "P7 fail: a projection that fails is held back"),
    ("other-policy", "advancing", "P7 advance: a projection that fails goes on"),
    ("never-mended", "failing", f"P7 fail: {MENDED}"),
    ("never-mended", "advancing", f"P7 advance: {MENDED}"),
    ("waiting-publisher", "slow", "P4: nobody waits for a slow client"),
    ("forgetful-client", "slow", f"P5 fast client: {CAUGHT_UP}"),
    ("forgetful-client", "slow", f"P5 slow client: {CAUGHT_UP}"),
    ("new-ids", "twice", "Its client is told so"),
]


async def begin(guest: Guest, slug: str, fault: str = "none") -> None:
    assert (await guest.enter(slug)).status_code == 200
    assert (await guest.post(f"{slug}/reset", {"fault": fault})).status_code == 200


class TestCommandToProjection:
    ADD: Mapping[str, JSON] = {"command": "add", "noteId": "n1", "text": "a"}
    EDIT: Mapping[str, JSON] = {"command": "edit", "noteId": "n1", "text": "b"}
    REMOVE: Mapping[str, JSON] = {"command": "remove", "noteId": "n1"}

    async def test_its_checks_are_open_before_anything_happened(self, guest: Guest) -> None:
        await begin(guest, "projection")
        assert set((await guest.checks("projection/state")).values()) == {None}

    async def test_its_checks_hold(self, guest: Guest) -> None:
        await begin(guest, "projection")
        await guest.post("projection/submit", self.ADD)
        checks = await guest.checks("projection/submit", self.EDIT)
        assert set(checks.values()) == {True}

    async def test_a_command_that_is_refused_says_why(self, guest: Guest) -> None:
        await begin(guest, "projection")
        refused = await guest.post("projection/submit", {**self.ADD, "text": " "})
        assert (refused.status_code, refused.json()["error"]) == (
            400,
            "The handler refused it: The text is empty.",
        )

    @pytest.mark.parametrize(("fault", "broken"), BREAKS_PROJECTION)
    async def test_a_fault_breaks_its_check(self, guest: Guest, fault: str, broken: str) -> None:
        await begin(guest, "projection", fault)
        await guest.post("projection/submit", self.ADD)
        after_edit = await guest.broken("projection/submit", self.EDIT)
        after_removal = await guest.broken("projection/submit", self.REMOVE)
        assert broken in after_edit | after_removal

    @pytest.mark.parametrize(("kind", "name"), [("json", "board.json"), ("markdown", "board.md")])
    async def test_what_is_shown_can_be_kept_as_a_file(
        self, guest: Guest, kind: str, name: str
    ) -> None:
        await begin(guest, "projection")
        await guest.post("projection/submit", {**self.ADD, "text": "a|b"})
        file = (await guest.post("projection/export", {"format": kind})).json()
        assert file["name"] == name
        if kind == "json":
            kept = json.loads(file["text"])
            assert kept["events"][0]["payload"] == {"noteId": "n1", "text": "a|b"}
            assert {"session", "uiEvents", "timeline", "checks", "trace"} <= kept.keys()
        else:
            lines = file["text"].splitlines()
            assert "| ordinal | name | payload |" in lines
            assert "- holds: The events have the ordinals 1, 2, 3 … (events: 1)" in lines
            assert any("a\\|b" in line for line in lines)


class TestOrder:
    BURST: Mapping[str, JSON] = {"publishers": 3, "events": 10}

    async def test_its_checks_hold_also_after_a_restart(self, guest: Guest) -> None:
        await begin(guest, "ordering")
        await guest.post("ordering/publish", self.BURST)
        await guest.post("ordering/restart")
        assert set((await guest.checks("ordering/publish", self.BURST)).values()) == {True}

    @pytest.mark.parametrize(("fault", "broken"), BREAKS_ORDERING)
    async def test_a_fault_breaks_its_check(self, guest: Guest, fault: str, broken: str) -> None:
        await begin(guest, "ordering", fault)
        await guest.post("ordering/publish", self.BURST)
        assert broken in await guest.broken("ordering/restart")

    async def test_a_batch_that_is_told_to_nobody_is_found(self, guest: Guest) -> None:
        await begin(guest, "ordering", "swapped-pages")
        broken = await guest.broken("ordering/publish", {"publishers": 4, "events": 1})
        assert broken == {"Pages are told all of it, in the order of the log"}

    async def test_a_damaged_file_can_be_published_to(self, guest: Guest) -> None:
        await begin(guest, "ordering", "garbled-row")
        await guest.post("ordering/publish", self.BURST)
        await guest.post("ordering/restart")
        assert (await guest.post("ordering/publish", self.BURST)).status_code == 200


class TestRestart:
    async def test_what_was_answered_outlives_a_kill(self, guest: Guest) -> None:
        await begin(guest, "restart")
        await guest.post("restart/publish", {"events": 20})
        await guest.post("restart/kill", {"after": 10})
        assert set((await guest.checks("restart/start")).values()) == {True}

    async def test_an_answer_before_the_commit_is_found_out(self, guest: Guest) -> None:
        await begin(guest, "restart", "early-answers")
        await guest.post("restart/publish", {"events": 20})
        await guest.post("restart/kill", {"after": 10})
        broken = await guest.broken("restart/start")
        assert broken == {"P3 SQLite: what publish answered is there"}

    @pytest.mark.parametrize(("fault", "broken"), BREAKS_RESTART)
    async def test_a_fault_breaks_its_check(self, guest: Guest, fault: str, broken: str) -> None:
        await begin(guest, "restart", fault)
        await guest.post("restart/publish", {"events": 20})
        await guest.post("restart/kill", {"after": 10})
        assert broken in await guest.broken("restart/start")

    async def test_a_process_that_ends_by_itself_is_told(
        self, guest: Guest, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def fails(child: ChildProcess) -> None:
            raise LabError("The process ended with status -9; start it again.")

        await begin(guest, "restart")
        monkeypatch.setattr(ChildProcess, "finished", fails)
        told = await guest.post("restart/publish", {"events": 1})
        assert (told.status_code, "status -9" in told.json()["error"]) == (400, True)


class TestFaults:
    async def test_the_promises_hold(self, guest: Guest) -> None:
        await begin(guest, "faults")
        assert set((await guest.checks("faults/run", {"experiment": "all"})).values()) == {True}

    @pytest.mark.parametrize(("fault", "experiment", "broken"), BREAKS_FAULTS)
    async def test_a_fault_breaks_its_check(
        self, guest: Guest, fault: str, experiment: str, broken: str
    ) -> None:
        await begin(guest, "faults", fault)
        assert broken in await guest.broken("faults/run", {"experiment": experiment})


class TestBounds:
    """One visitor takes no more than a visit needs."""

    @pytest.mark.parametrize(
        ("limit", "path", "asked"),
        [
            ("projection.MOST_SHOWN", "projection/submit", TestCommandToProjection.ADD),
            ("ordering.MOST_EVENTS", "ordering/publish", {"publishers": 1, "events": 2}),
            ("reconnect.MOST_EVENTS", "reconnect/publish", {"events": 2}),
        ],
    )
    async def test_after_so_much_it_is_enough(
        self,
        limit: str,
        path: str,
        asked: Mapping[str, JSON],
        guest: Guest,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(f"systemlab.pages.{limit}", 2)
        await begin(guest, path.partition("/")[0])
        statuses = [(await guest.post(path, asked)).status_code for _ in range(3)]
        assert (statuses[0], statuses[-1]) == (200, 400)


class TestWhatIsAskedFor:
    @pytest.mark.parametrize(
        ("path", "asked"),
        [
            ("projection/submit", {"command": "add", "noteId": "\ud800", "text": "x"}),
            ("chat/check", {"messages": [{"id": "\ud800"}]}),
            ("reconnect/check", {"clients": [{**CLIENT, "base": -5}]}),
            ("reconnect/check", {"clients": [{**CLIENT, "base": True}]}),
            ("reconnect/check", {"clients": [{**CLIENT, "applied": [1.5]}]}),
        ],
    )
    async def test_that_can_not_be_is_told(
        self, path: str, asked: Mapping[str, JSON], guest: Guest
    ) -> None:
        await begin(guest, path.partition("/")[0])
        told = await guest.client.post(
            f"/api/{path}", content=json.dumps(asked), headers={"content-type": "application/json"}
        )
        assert (told.status_code, bool(told.json()["error"])) == (400, True)


class TestClientsOfThePage:
    """What pages 3 and 4 hold against the Hub; the clients themselves are tried in Chromium."""

    async def test_a_client_that_has_everything_holds(self, guest: Guest) -> None:
        await begin(guest, "reconnect")
        await guest.post("reconnect/publish", {"events": 2})
        board: JSON = {"n1": {"text": "changed by 2", "edits": 1}}
        seen: dict[str, JSON] = {
            "name": "A",
            "live": True,
            "base": 0,
            "early": 0,
            "applied": [1, 2],
        }
        checks = await guest.checks("reconnect/check", {"clients": [{**seen, "board": board}]})
        assert set(checks.values()) == {True}

    @pytest.mark.parametrize("applied", [[1, 1, 2], [2], [2, 1]])
    async def test_one_that_repeats_or_misses_something_does_not(
        self, guest: Guest, applied: list[int]
    ) -> None:
        await begin(guest, "reconnect")
        await guest.post("reconnect/publish", {"events": 2})
        seen: dict[str, JSON] = {"name": "A", "live": True, "base": 0, "early": 0, "board": {}}
        seen["applied"] = list[JSON](applied)
        broken = await guest.broken("reconnect/check", {"clients": [seen]})
        assert "A: each UI event once, in order, none missing" in broken
        assert "A: shows what a snapshot holds" in broken

    async def test_what_another_tab_has_just_published_is_not_missing(self, guest: Guest) -> None:
        await begin(guest, "reconnect")
        await guest.post("reconnect/publish", {"events": 2})
        board: JSON = {"n1": {"text": "text 1", "edits": 0}}
        seen: dict[str, JSON] = {"name": "A", "live": True, "base": 0, "early": 0}
        seen |= {"applied": [1], "board": board}
        checks = await guest.checks("reconnect/check", {"clients": [seen]})
        assert set(checks.values()) == {True}

    async def test_of_one_that_is_away_every_check_is_open(self, guest: Guest) -> None:
        await begin(guest, "reconnect")
        seen: dict[str, JSON] = {"name": "A", "live": False, "base": 0, "early": 0}
        seen |= {"applied": [], "board": {}}
        checks = await guest.checks("reconnect/check", {"clients": [seen]})
        assert list(checks.values()) == [None, None, None]

    @pytest.mark.parametrize(
        "shown",
        [
            {"id": "x", "text": "", "status": "complete"},
            {"id": "x", "text": "a", "status": "streaming"},
        ],
    )
    async def test_a_message_that_only_the_page_has_is_told(
        self, guest: Guest, shown: dict[str, JSON]
    ) -> None:
        await begin(guest, "chat")
        broken = await guest.broken("chat/check", {"messages": [shown]})
        assert broken == {"The page shows what the timeline holds"}


class TestEveryCheck:
    @pytest.mark.parametrize(
        ("slug", "action", "asked", "breaks"),
        [
            ("projection", "submit", TestCommandToProjection.ADD, BREAKS_PROJECTION),
            ("ordering", "publish", TestOrder.BURST, BREAKS_ORDERING),
            ("restart", "publish", {"events": 1}, BREAKS_RESTART),
            ("faults", "run", {"experiment": "all"}, BREAKS_FAULTS),
        ],
    )
    async def test_is_broken_by_a_fault_that_the_page_offers(
        self,
        slug: str,
        action: str,
        asked: Mapping[str, JSON],
        breaks: Sequence[tuple[str, ...]],
        guest: Guest,
    ) -> None:
        await begin(guest, slug)
        checks = await guest.checks(f"{slug}/{action}", asked)
        assert set(checks) == {broken for *_, broken in breaks}
        [page] = [page for page in PAGES if page.slug == slug]
        assert set(page.faults) == {fault for fault, *_ in breaks}
