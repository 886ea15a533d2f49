"""Commands with ids, for the tests of how a Hub takes them in."""

from __future__ import annotations

from sessionstream import CommandRecord, Hub
from sessionstream.transport.source import Receipt, Verdict
from tests.runtime.app import text


async def accept(
    hub: Hub,
    command_id: str = "c",
    *,
    name: str = "Say",
    expected: int | None = None,
    session_id: str = "s",
) -> Receipt:
    return await hub.accept(
        session_id, name, text(command_id), command_id=command_id, expected_ordinal=expected
    )


async def end_of(receipt: Receipt) -> CommandRecord:
    assert receipt.verdict is not Verdict.CONFLICT
    assert receipt.outcome is not None
    return await receipt.outcome


async def told(receipt: Receipt) -> tuple[str, str]:
    """The status and the code that a client is told in the end."""
    record = await end_of(receipt)
    return record.status.value, record.code
