"""What tests of applications, stores and transports share; needs no test framework itself."""

from sessionstream.testing.clients.client import ScriptedClient
from sessionstream.testing.clients.received import Received, ReceivedSnapshot
from sessionstream.testing.clients.server import MemoryServer
from sessionstream.testing.comparing.placeholders import any_text
from sessionstream.testing.scenarios.scenario import Scenario
from sessionstream.testing.scenarios.steps import Steps
from sessionstream.testing.stores.backend import StoreOptions
from sessionstream.testing.stores.contract import DurableStoreContract, StoreContract

__all__ = [
    "DurableStoreContract",
    "MemoryServer",
    "Received",
    "ReceivedSnapshot",
    "Scenario",
    "ScriptedClient",
    "Steps",
    "StoreContract",
    "StoreOptions",
    "any_text",
]
