from __future__ import annotations

import pickle

import pytest

import sessionstream
from sessionstream import (
    DuplicateNameError,
    HandlerError,
    HubClosedError,
    OrdinalError,
    PayloadDecodeError,
    PayloadTypeError,
    ProjectionError,
    ProtocolError,
    SchemaError,
    SessionIdError,
    SessionStreamError,
    StoreError,
    StoreFullError,
    UnknownNameError,
)

ERRORS = [
    SessionStreamError("root"),
    SessionIdError(""),
    OrdinalError("s", 5, 3),
    SchemaError("wrong"),
    UnknownNameError("event", "A", ("B",)),
    DuplicateNameError("event", "A", "x", "y"),
    PayloadTypeError("event", "A", "x.Y", "x.Z"),
    PayloadDecodeError("x.Y", "why"),
    HandlerError("A", "why"),
    ProjectionError("timeline", "s", 3, "A"),
    StoreError("file.db", "why"),
    StoreFullError("file.db", "why"),
    HubClosedError("submit"),
    ProtocolError("bad", "why", "s"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
class TestEveryError:
    def test_it_survives_pickling_with_its_fields(self, error: SessionStreamError) -> None:
        copy = pickle.loads(pickle.dumps(error))
        assert type(copy) is type(error)
        assert vars(copy) == vars(error)
        assert str(copy) == str(error)

    def test_its_root_is_one(self, error: SessionStreamError) -> None:
        assert isinstance(error, SessionStreamError)


class TestTexts:
    def test_a_projection_error_names_its_event_and_its_cause(self) -> None:
        error = ProjectionError("timeline", "s", 3, "Said")
        error.__cause__ = ValueError("no")
        assert str(error) == (
            "the timeline projection of session 's' failed on event 3 (Said): ValueError: no"
        )

    def test_a_projection_error_without_a_cause_has_a_text(self) -> None:
        assert str(ProjectionError("ui", "s", 3, "Said")).endswith("event 3 (Said)")

    def test_a_payload_type_error_names_both_types(self) -> None:
        assert str(PayloadTypeError("event", "A", "x.Y", "x.Z")) == "event 'A' takes x.Y; got x.Z"

    def test_a_long_session_id_is_cut(self) -> None:
        assert len(str(SessionIdError("x" * 5000))) < 200

    def test_an_ordinal_error_names_the_range(self) -> None:
        assert "ordinals 0 to 3; 5 is not" in str(OrdinalError("s", 5, 3))


def test_every_error_is_a_public_name() -> None:
    for error in ERRORS:
        if not isinstance(error, StoreError):
            assert getattr(sessionstream, type(error).__name__) is type(error)
