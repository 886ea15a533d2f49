"""The contract of command records."""
# Names state the rules; a docstring gives a reason where there is more to say.
# ruff: noqa: D102

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sessionstream.errors import StoreError
from sessionstream.hydration.base import CommandStatus
from sessionstream.testing.stores.backend import StoreBackend, refused
from sessionstream.testing.stores.samples import notes_commit, ran, still_commit


class CommandRules(StoreBackend):
    """A command's record is kept by its id, within its session."""

    async def test_a_record_comes_back_equal(self, tmp_path: Path) -> None:
        record = replace(
            ran("Ä \0", CommandStatus.FAILED, 2**63 - 1),
            code="no_such_note",
            message="naïve",
            at=1_700_000_000.123456,
            principal="Zoë",
        )
        async with self.opened(tmp_path) as store:
            await store.commit([replace(still_commit("s", 0), commands=[record])])
            assert await store.command("s", record.command_id) == record
            assert await store.command("s", "unknown") is None
            assert await store.command("other", record.command_id) is None

    async def test_a_record_takes_the_place_of_its_earlier_state(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            await store.commit([replace(still_commit("s", 0), commands=[ran("a"), ran("b")])])
            done = ran("a", CommandStatus.COMPLETED, 1)
            await store.commit([replace(notes_commit("s"), commands=[done])])
            assert await store.command("s", "a") == done
            assert await store.command("s", "b") == ran("b")

    async def test_the_last_record_of_an_id_in_a_commit_counts(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            done = ran("a", CommandStatus.COMPLETED)
            await store.commit([replace(still_commit("s", 0), commands=[ran("a"), done])])
            assert await store.command("s", "a") == done

    async def test_an_id_is_the_sessions_own(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            mine, yours = ran("c"), ran("c", CommandStatus.FAILED)
            await store.commit(
                [
                    replace(still_commit("mine", 0), commands=[mine]),
                    replace(still_commit("yours", 0), commands=[yours]),
                ]
            )
            assert await store.command("mine", "c") == mine
            assert await store.command("yours", "c") == yours

    async def test_a_record_without_a_usable_id_or_name_is_refused(self, tmp_path: Path) -> None:
        wrong = {"no id": ran(""), "surrogate": ran("\ud800")}
        async with self.opened(tmp_path) as store:
            for text, record in wrong.items():
                with refused(StoreError, text, "'s'"):
                    await store.commit([replace(still_commit("s", 0), commands=[record])])
                assert await store.command("s", record.command_id) is None
            assert await store.sessions() == []

    async def test_no_text_of_a_handler_can_make_a_commit_fail(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            record = replace(ran("c"), code="\udcff", message="bad name: \udcff")
            await store.commit([replace(still_commit("s", 0), commands=[record])])
            stored = await store.command("s", "c")
            assert stored is not None
            assert stored.message.startswith("bad name: ")
