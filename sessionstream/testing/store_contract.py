"""The contract of every `HydrationStore`, as tests; a backend joins it in three lines."""

from __future__ import annotations

from sessionstream.testing.store_lifetime import ConcurrencyRules, LifetimeRules
from sessionstream.testing.store_log import ConflictRules, LogRules
from sessionstream.testing.store_sessions import SessionRules
from sessionstream.testing.store_timeline import ErrorRules, TimelineRules


class StoreContract(
    LogRules,
    ConflictRules,
    TimelineRules,
    ErrorRules,
    SessionRules,
    ConcurrencyRules,
    LifetimeRules,
):
    """Tests a store for what the Hub relies on.

    Subclass it in a test module. pytest, with pytest-asyncio, runs the tests::

        class TestSQLiteStore(StoreContract):
            def open_store(self, directory, registry):
                return SQLiteStore.open(directory / "store.db", registry)

    A store that forgets when it is closed sets ``durable = False``. For the
    values of failed assertions, put
    ``pytest.register_assert_rewrite("sessionstream.testing")`` into the
    ``conftest.py``, before any import of it. Without pytest-asyncio's mode
    ``auto``, mark the class with ``@pytest.mark.asyncio``.
    """
