"""Whether somebody listens, without connecting: that would be a connection to be accepted."""

from __future__ import annotations

import socket


def wait_until_nobody_listens(port: int, host: str = "127.0.0.1") -> None:
    """Returns when a listener could take the port; the test's own timeout ends it.

    A connection that comes while an asyncio server is being closed can make the server complain
    on stderr (https://github.com/python/cpython/issues/109564).
    """
    while True:
        try:
            socket.create_server((host, port)).close()
        except OSError:
            continue
        return
