"""The contract of every `HydrationStore`, as tests; a backend joins it in three lines."""

from __future__ import annotations

from sessionstream.testing.stores.commands import CommandRules
from sessionstream.testing.stores.dead_letters import DeadLetterRules
from sessionstream.testing.stores.keeping import KeepingRules
from sessionstream.testing.stores.lifetime import ConcurrencyRules, LifetimeRules
from sessionstream.testing.stores.log import ConflictRules, LogRules
from sessionstream.testing.stores.reopening import ReopeningRules
from sessionstream.testing.stores.retention import CompactionRules, RetentionRules
from sessionstream.testing.stores.sessions import SessionRules
from sessionstream.testing.stores.timeline import ErrorRules, TimelineRules
from sessionstream.testing.stores.ui_history import UIConflictRules, UIHistoryRules


class StoreContract(
    LogRules,
    ConflictRules,
    TimelineRules,
    ErrorRules,
    DeadLetterRules,
    SessionRules,
    RetentionRules,
    CompactionRules,
    UIHistoryRules,
    UIConflictRules,
    CommandRules,
    KeepingRules,
    ConcurrencyRules,
    LifetimeRules,
):
    """Tests a store for what the Hub relies on.

    Subclass it in a test module. pytest, with pytest-asyncio, runs the tests::

        class TestMyStore(StoreContract):
            def open_store(self, directory, registry, **options):
                return MyStore(directory / "store", registry, **options)

    ``options`` are `StoreOptions`. One that keeps its contents when it is
    closed joins `DurableStoreContract` instead. For the values of failed
    assertions, put ``pytest.register_assert_rewrite("sessionstream.testing")``
    into the ``conftest.py``, before any import of it. Without pytest-asyncio's
    mode ``auto``, mark the class with ``@pytest.mark.asyncio``.
    """


class DurableStoreContract(StoreContract, ReopeningRules):
    """Tests a store whose contents outlive it: all of `StoreContract`, and opening it again."""
