"""What a running application does, for those who look after it: records, and a page."""

from sessionstream.inspector.app import Authorize, InspectorApp
from sessionstream.inspector.recorder import Reading, Recorded, Recorder

__all__ = ["Authorize", "InspectorApp", "Reading", "Recorded", "Recorder"]
