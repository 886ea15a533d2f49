"""Stand-ins for what surrounds a Hub and a transport, which record or can be stopped."""

from sessionstream.testing.fakes.fanout import Batch, RecordingFanout
from sessionstream.testing.fakes.feed import RecordingFeed
from sessionstream.testing.fakes.observer import RecordingObserver
from sessionstream.testing.fakes.source import MemorySource
from sessionstream.testing.fakes.store import GatedStore

__all__ = [
    "Batch",
    "GatedStore",
    "MemorySource",
    "RecordingFanout",
    "RecordingFeed",
    "RecordingObserver",
]
