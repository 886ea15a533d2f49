"""What is said of each kind of change; `test_breaking_real` shows that it is so."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sessionstream_codegen.breaking import allowances, compare
from sessionstream_codegen.comparing import clients as breaking_clients
from sessionstream_codegen.comparing import stored as breaking_stored
from sessionstream_codegen.roles import Role
from sessionstream_codegen.targets.lock.file import Lock, LockedKey, LockedName

from tests.codegen.comparing.breaking_changes import APP, CHANGES, Change, named
from tests.codegen.comparing.releases import lock_of

WARNINGS = {"SS504", "SS513", "SS514", "SS534"}


@pytest.fixture(params=CHANGES, ids=lambda change: change.said)
def change(request: pytest.FixtureRequest) -> Change:
    found = request.param
    assert isinstance(found, Change)
    return found


class TestCompare:
    def test_it_finds_what_each_change_breaks(self, change: Change) -> None:
        findings = compare(lock_of(change.old), lock_of(change.new))
        assert tuple(f"{one.code} {one.name}" for one in findings) == change.found

    def test_what_breaks_is_an_error_and_what_needs_a_look_a_warning(self, change: Change) -> None:
        findings = compare(lock_of(change.old), lock_of(change.new))
        assert all(one.is_error is (one.code not in WARNINGS) for one in findings)

    def test_every_code_is_in_the_table_of_changes(self) -> None:
        described = f"{breaking_clients.__doc__}{breaking_stored.__doc__}"
        changed = {code.split()[0] for change in CHANGES for code in change.found}
        assert changed == set(re.findall(r"SS\d{3}", described))

    def test_every_code_can_be_allowed(self) -> None:
        for code in sorted({code.split()[0] for change in CHANGES for code in change.found}):
            assert [str(one) for one in allowances([f"{code.lower()}:a:b"])] == [f"{code}:a:b"]

    def test_findings_are_sorted_by_role_and_name(self) -> None:
        findings = compare(lock_of(APP), Lock(()))
        assert [one.code for one in findings] == ["SS511", "SS501", "SS521", "SS531"]


class TestTexts:
    """Each says what changed, why that breaks, and what to do."""

    @pytest.mark.parametrize(
        ("said", "text"),
        [
            (
                "an event has another name",
                'a.proto: error: [SS501] the event "Noted" is gone\n'
                "  why: a stored one can't be read: it is recorded as an error, and its session's "
                "timeline lacks what it gave when it is made anew or read as it was at an earlier "
                "event\n"
                '  remedy: add "Noted" to the aliases of the event "Written"',
            ),
            (
                "an event became a UI event alone",
                'a.proto: error: [SS501] the event "Noted" is gone: acme.v1.Noted is no event any '
                "more, but a UI event\n"
                "  why: a stored one can't be read: it is recorded as an error, and its session's "
                "timeline lacks what it gave when it is made anew or read as it was at an earlier "
                "event\n"
                '  remedy: keep acme.v1.Noted as the event "Noted"; it need not be published',
            ),
            (
                "another field is the key",
                'a.proto: error: [SS533] the entity "Note" has the key string text = 2 instead of '
                "string id = 1\n"
                "  why: stored entities were written with the old key: new events don't find "
                "them, and make others beside them, or find them with another value in the key "
                "field, or with none\n"
                "  remedy: keep the key, or clear the stored timelines before the new release "
                "opens them (HydrationStore.clear_timeline): they are made anew from the log",
            ),
            (
                "a command is not idempotent any more",
                'a.proto: warning: [SS513] the command "Write" is not idempotent any more\n'
                "  why: who sends it again because no answer came, as was allowed, may have it "
                "done twice\n"
                "  remedy: keep its handler idempotent, or declare a new command for what it does "
                "now",
            ),
        ],
    )
    def test_a_finding_reads_as_three_lines(self, said: str, text: str) -> None:
        change = named(said)
        [finding] = compare(lock_of(change.old), lock_of(change.new))
        assert str(finding) == text


names = st.sampled_from(["A", "B", "C", "a.b", "a:b/c", "D", "E"])
payloads = st.sampled_from(["p.A", "p.B", "p.C"])
keys = st.builds(
    LockedKey,
    name=st.sampled_from(["id", "key"]),
    number=st.integers(1, 3),
    type=st.sampled_from(["string", "int32", "int64", "fixed64"]),
)


@st.composite
def locks(draw: st.DrawFn, role: Role) -> list[LockedName]:
    """Names of one role, none of them claimed twice."""
    claimed = draw(st.lists(names, unique=True))
    aliased = role in {Role.COMMAND, Role.EVENT}
    found = []
    while claimed:
        count = draw(st.integers(1, 3)) if aliased else 1
        (name, *aliases), claimed = claimed[:count], claimed[count:]
        found.append(
            LockedName(
                role=role,
                name=name,
                payload=draw(payloads),
                proto=draw(st.sampled_from(["a.proto", "b.proto"])),
                aliases=tuple(aliases),
                idempotent=role is Role.COMMAND and draw(st.booleans()),
                ephemeral=role is Role.EVENT and draw(st.booleans()),
                key=draw(keys) if role is Role.ENTITY else None,
            )
        )
    return found


any_lock = st.tuples(*(locks(role) for role in Role)).map(
    lambda parts: Lock(tuple(found for part in parts for found in part))
)


class TestAnyLock:
    @given(any_lock)
    def test_nothing_breaks_where_nothing_changed(self, lock: Lock) -> None:
        assert compare(lock, lock) == []

    @given(any_lock, any_lock)
    def test_names_that_are_added_break_nothing(self, lock: Lock, other: Lock) -> None:
        taken = {(role, name) for role in Role for name in lock.known(role)}
        added = [
            locked
            for locked in other.names
            if not {(locked.role, name) for name in (locked.name, *locked.aliases)} & taken
        ]
        assert compare(lock, Lock((*lock.names, *added))) == []

    @given(any_lock, any_lock)
    def test_each_name_is_judged_whatever_the_locks_are(self, old: Lock, new: Lock) -> None:
        """Nothing is found of names that mean what they meant, and each loss is."""
        found = {(one.role, one.name) for one in compare(old, new)}
        for role in Role:
            for name, was in old.known(role).items():
                if name not in new.known(role) and not was.ephemeral:
                    assert (role, name) in found
                if new.known(role).get(name) == was:
                    assert (role, name) not in found
