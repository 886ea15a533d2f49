"""What tests of applications, stores and transports share; needs no test framework itself."""

from sessionstream.testing.client import ScriptedClient
from sessionstream.testing.placeholders import any_text
from sessionstream.testing.received import Received, ReceivedSnapshot
from sessionstream.testing.scenario import Scenario
from sessionstream.testing.server import MemoryServer
from sessionstream.testing.steps import Steps
from sessionstream.testing.store_contract import DurableStoreContract, StoreContract

__all__ = [
    "DurableStoreContract",
    "MemoryServer",
    "Received",
    "ReceivedSnapshot",
    "Scenario",
    "ScriptedClient",
    "Steps",
    "StoreContract",
    "any_text",
]
