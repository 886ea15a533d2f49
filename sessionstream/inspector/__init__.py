"""What a running Hub does, kept for those who look into it: records, in a bounded memory."""

from sessionstream.inspector.recorder import Recorded, Recorder

__all__ = ["Recorded", "Recorder"]
