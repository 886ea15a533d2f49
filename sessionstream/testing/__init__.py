"""What tests of applications, stores and transports share; needs no test framework itself."""

from sessionstream.testing.store_contract import DurableStoreContract, StoreContract

__all__ = ["DurableStoreContract", "StoreContract"]
