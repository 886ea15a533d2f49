"""Waits for the signals that ask a process to end."""

from __future__ import annotations

import asyncio
import signal
from types import FrameType
from typing import Final

END_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


async def until_signalled() -> signal.Signals:
    """Returns the first SIGTERM or SIGINT that the process gets.

    From then on both have the system's own effect: a second one ends the
    process at once, whatever it is doing. What was acknowledged is stored by then.
    Cancelling the call puts back the handlers that were there before.

    Raises:
        ValueError: This is not the main thread, the only one that can tell.
    """
    loop = asyncio.get_running_loop()
    came: asyncio.Future[signal.Signals] = loop.create_future()

    def tell(number: int) -> None:
        if not came.done():
            came.set_result(signal.Signals(number))

    def handle(number: int, frame: FrameType | None) -> None:
        end_at_once_from_now_on()
        loop.call_soon_threadsafe(tell, number)

    before = {each: signal.signal(each, handle) for each in END_SIGNALS}
    try:
        return await came
    except asyncio.CancelledError:
        for each, handler in before.items():
            if signal.getsignal(each) is handle:
                signal.signal(each, signal.SIG_DFL if handler is None else handler)
        raise


def end_at_once_from_now_on() -> None:
    """Gives SIGTERM and SIGINT the system's own effect: they end the process, without a word."""
    for each in END_SIGNALS:
        signal.signal(each, signal.SIG_DFL)
