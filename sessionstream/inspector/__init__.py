"""What a running Hub does, kept for those who look into it: records, in a bounded memory."""

from sessionstream.inspector.recorder import Entry, Recorder

__all__ = ["Entry", "Recorder"]
