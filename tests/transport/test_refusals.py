"""What the errors of a Hub mean to a client."""

from __future__ import annotations

import pytest

from sessionstream.errors import (
    CommandIdReusedError,
    HandlerError,
    HubClosedError,
    PayloadTypeError,
    PayloadValueError,
    ProjectionError,
    ProtocolError,
    SessionIdError,
    SessionStreamError,
    StoreFullError,
    UnknownNameError,
)
from sessionstream.transport.refusals import refusal


class TestARefusal:
    @pytest.mark.parametrize(
        ("error", "code"),
        [
            (UnknownNameError("command", "Say", ("Other",)), "unknown_command"),
            (PayloadTypeError("command", "Say", "a", "b"), "bad_payload"),
            (PayloadValueError("command", "Say", "too deep"), "bad_payload"),
            (HandlerError("Say", "none is registered"), "no_handler"),
            (SessionIdError(""), "protocol_error"),
            (CommandIdReusedError("s", "c"), "command_id_reused"),
            (StoreFullError("/var/db", "the disk is full"), "unavailable"),
            (HubClosedError("accept"), "unavailable"),
        ],
    )
    def test_each_error_has_its_code_and_no_text_of_ours(
        self, error: SessionStreamError, code: str
    ) -> None:
        problem = refusal(error)
        assert problem is not None
        assert problem.code == code
        for secret in ("/var/db", "Other", "Hub", "registered"):
            assert secret not in problem.message

    def test_what_a_payload_holds_is_told(self) -> None:
        problem = refusal(PayloadValueError("command", "Say", "it is too deep"))
        assert problem is not None
        assert "it is too deep" in problem.message

    def test_any_other_error_is_no_refusal(self) -> None:
        assert refusal(ProjectionError("UI", "s", 1, "Said")) is None

    def test_an_error_of_the_protocol_is_what_it_says(self) -> None:
        error = ProtocolError("command_denied", "no")
        assert refusal(error) is error
