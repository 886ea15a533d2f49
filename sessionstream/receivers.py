"""Who gets the UI events of a Hub: fan-outs of the application, and feeds of the transport."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, Union

from sessionstream.fanout import UIFanout
from sessionstream.transport.source import Rest, UIFeed
from sessionstream.types import UIBatch


@dataclass(frozen=True, slots=True)
class Reset:
    """What a session was is void; see `UIFeed.reset`."""

    ordinal: int = 0


Item = Union[UIBatch, Reset]
"""What is queued for a receiver."""


class Receiver(Protocol):
    """Takes what is queued for one fan-out or feed."""

    @property
    def target(self) -> object:
        """The fan-out or the feed."""

    @property
    def has_history(self) -> bool:
        """Whether it is told when what it has is void, or was dropped."""

    @property
    def is_prompt(self) -> bool:
        """Whether most calls of `take` leave nothing to wait for."""

    def take(self, session_id: str, item: Item) -> Rest | None:
        """Hands it on; returns what is left to do of that, if anything is."""


@dataclass(frozen=True, slots=True)
class FanoutReceiver:
    """A fan-out: knows of nothing but UI events."""

    target: UIFanout
    has_history: bool = False
    is_prompt: bool = False

    async def take(self, session_id: str, item: Item) -> None:
        """Hands a batch on."""
        if isinstance(item, UIBatch):
            await self.target.publish_ui(session_id, item.ordinal, item.events)


@dataclass(frozen=True, slots=True)
class FeedReceiver:
    """A feed: can fill gaps from the stored UI events, and load a session anew."""

    target: UIFeed
    has_history: bool = True
    is_prompt: bool = True

    def take(self, session_id: str, item: Item) -> Rest | None:
        """Hands a batch or a reset on."""
        if isinstance(item, UIBatch):
            return self.target.deliver(item)
        self.target.reset(session_id)
        return None
