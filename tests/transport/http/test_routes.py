"""Which resource a path names."""

from __future__ import annotations

from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessionstream.transport.http.problems import ProblemCode, ProblemError
from sessionstream.transport.http.routes import Resource, Route, route

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
MOUNTS = st.sampled_from(["", "/live", "/api/v1", "/sessions/x", "/größe", "/a b"])


def scope(raw: str, mount: str = "", *, has_raw: bool = True) -> dict[str, object]:
    """What uvicorn and Starlette make of a request for the encoded path below a mount."""
    given = {"path": unquote(mount + raw), "root_path": unquote(mount)}
    return {**given, "raw_path": (mount + raw).encode()} if has_raw else dict(given)


class TestTheRoutes:
    def test_there_are_four(self) -> None:
        assert route(scope("/ws")) == Route(Resource.SOCKET)
        assert route(scope("/sessions/s/snapshot")) == Route(Resource.SNAPSHOT, "s")
        assert route(scope("/sessions/s/events")) == Route(Resource.EVENTS, "s")
        assert route(scope("/sessions/s/commands/Say")) == Route(Resource.COMMAND, "s", "Say")

    @pytest.mark.parametrize(
        "path",
        [
            "",
            "/",
            "/ws/",
            "/sessions",
            "/sessions/s",
            "/sessions/s/snapshot/",
            "/sessions/s/commands",
            "/sessions/s/commands/Say/again",
            "/sessions/a/b/snapshot",
            "/x/sessions/s/snapshot",
            "sessions/s/snapshot",
            "/SESSIONS/s/snapshot",
        ],
    )
    def test_anything_else_is_not_found(self, path: str) -> None:
        with pytest.raises(ProblemError) as caught:
            route(scope(path))
        assert caught.value.code == ProblemCode.NOT_FOUND

    @pytest.mark.parametrize("segment", ["%ff", "%C3", "a%80b"])
    def test_an_id_that_is_no_utf_8_is_refused(self, segment: str) -> None:
        with pytest.raises(ProblemError) as caught:
            route(scope(f"/sessions/{segment}/snapshot"))
        assert caught.value.code == ProblemCode.BAD_REQUEST

    def test_a_path_of_many_segments_costs_no_more_than_its_length(self) -> None:
        with pytest.raises(ProblemError):
            route(scope("/a" * 1_000_000))

    def test_the_query_is_no_part_of_the_path(self) -> None:
        with_query = scope("/sessions/s/snapshot") | {"raw_path": b"/sessions/s/snapshot?a=/b"}
        assert route(with_query) == Route(Resource.SNAPSHOT, "s")


class TestIds:
    @given(TEXTS, TEXTS, MOUNTS)
    def test_every_id_and_name_comes_out_as_it_was_encoded(
        self, session_id: str, name: str, mount: str
    ) -> None:
        raw = f"/sessions/{quote(session_id, safe='')}/commands/{quote(name, safe='')}"
        found = route(scope(raw, quote(mount)))
        assert found == Route(Resource.COMMAND, session_id, name)

    @given(TEXTS.filter(lambda text: "/" not in text), MOUNTS)
    def test_without_the_raw_path_every_id_but_one_with_a_slash_does(
        self, session_id: str, mount: str
    ) -> None:
        raw = f"/sessions/{quote(session_id, safe='')}/events"
        found = route(scope(raw, quote(mount), has_raw=False))
        assert found == Route(Resource.EVENTS, session_id)

    def test_a_server_that_leaves_the_mount_out_of_the_path_is_understood(self) -> None:
        """The older reading of ASGI's ``root_path``."""
        found = route(
            {
                "path": "/sessions/a/b/events",
                "root_path": "/live",
                "raw_path": b"/sessions/a%2Fb/events",
            }
        )
        assert found == Route(Resource.EVENTS, "a/b")

    def test_what_a_proxy_took_away_may_stand_in_the_mount(self) -> None:
        """What Starlette makes of a mount in an application that has a root path itself."""
        found = route(
            {
                "path": "/live/sessions/a/b/events",
                "root_path": "/proxy/live",
                "raw_path": b"/live/sessions/a%2Fb/events",
            }
        )
        assert found == Route(Resource.EVENTS, "a/b")

    @pytest.mark.parametrize("mount", ["", "/x", "/x/sessions", "/sessions", "/", "x"])
    def test_a_mount_that_is_not_in_the_path_is_no_matter(self, mount: str) -> None:
        path = "/sessions/s/events"
        found = route({"path": path, "root_path": mount, "raw_path": path.encode()})
        assert found == Route(Resource.EVENTS, "s")

    def test_where_a_middleware_changed_the_path_alone_that_counts(self) -> None:
        changed = {"path": "/sessions/s/events", "root_path": "", "raw_path": b"/old/s"}
        assert route(changed) == Route(Resource.EVENTS, "s")
