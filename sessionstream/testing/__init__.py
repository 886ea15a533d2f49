"""What tests of applications, stores and transports share; needs no test framework itself."""

from sessionstream.testing.store_contract import StoreContract

__all__ = ["StoreContract"]
