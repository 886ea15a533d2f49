"""Sessions over plain HTTP and Server-Sent Events, beside the WebSocket, for ASGI servers."""

from sessionstream.transport.http.app import SessionStreamApp
from sessionstream.transport.http.settings import HTTPSettings

__all__ = ["HTTPSettings", "SessionStreamApp"]
