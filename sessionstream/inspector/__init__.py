"""What a running application does, for those who look after it: records, and a page."""

from sessionstream.inspector.app import Authorize, InspectorApp
from sessionstream.inspector.recorder import Recorded, Recorder

__all__ = ["Authorize", "InspectorApp", "Recorded", "Recorder"]
