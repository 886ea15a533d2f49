from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from pathlib import Path

from sessionstream.hydration.base import HydrationStore
from sessionstream.hydration.memory import MemoryStore
from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.schema import SchemaRegistry
from sessionstream.testing import StoreContract


class TestMemoryStore(StoreContract):
    durable = False

    def open_store(
        self, directory: Path, registry: SchemaRegistry
    ) -> AbstractAsyncContextManager[HydrationStore]:
        return MemoryStore()


class TestSQLiteStore(StoreContract):
    def open_store(
        self, directory: Path, registry: SchemaRegistry
    ) -> AbstractAsyncContextManager[HydrationStore]:
        return SQLiteStore.open(directory / "store.db", registry)


class TestSQLiteStoreWithNormalDurability(StoreContract):
    def open_store(
        self, directory: Path, registry: SchemaRegistry
    ) -> AbstractAsyncContextManager[HydrationStore]:
        return SQLiteStore.open(directory / "store.db", registry, durability="normal")
