from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Unpack

from sessionstream.hydration.base import HydrationStore
from sessionstream.hydration.memory import MemoryStore
from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.schema import SchemaRegistry
from sessionstream.testing import DurableStoreContract, StoreContract, StoreOptions


class TestMemoryStore(StoreContract):
    def open_store(
        self, directory: Path, registry: SchemaRegistry, **options: Unpack[StoreOptions]
    ) -> AbstractAsyncContextManager[HydrationStore]:
        return MemoryStore(**options)


class TestSQLiteStore(DurableStoreContract):
    def open_store(
        self, directory: Path, registry: SchemaRegistry, **options: Unpack[StoreOptions]
    ) -> AbstractAsyncContextManager[HydrationStore]:
        return SQLiteStore.open(directory / "store.db", registry, **options)


class TestSQLiteStoreWithNormalDurability(DurableStoreContract):
    def open_store(
        self, directory: Path, registry: SchemaRegistry, **options: Unpack[StoreOptions]
    ) -> AbstractAsyncContextManager[HydrationStore]:
        return SQLiteStore.open(directory / "store.db", registry, durability="normal", **options)
