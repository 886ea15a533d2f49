"""What a client raises.

SessionStreamError
└── ClientError
    ├── CommandError             a command was not run to its end
    │   ├── CommandRejectedError    it was not run: not known, not allowed, too large …
    │   ├── CommandConflictError    it was not run: the session has another last event
    │   └── CommandFailedError      its handler failed; a CommandRefusedError too
    ├── CommandTimeoutError      a TimeoutError too: nobody knows whether it was run
    ├── SubscriptionError        a session can't be watched
    ├── ConnectError             there is no connection to be had
    ├── AccessError              the server does not let the client in, or not any more
    ├── ServerFrameError         the server sent what is no frame
    └── ClientClosedError        the client was closed
"""

from __future__ import annotations

from sessionstream.client.urls import without_secrets
from sessionstream.errors import CommandRefusedError, SessionStreamError


class ClientError(SessionStreamError):
    """Root of what a client raises on purpose."""


class CommandError(ClientError):
    """A command was not run, or failed.

    Attributes:
        session_id: The session.
        name: The command.
        code: A word for programs.
        message: A sentence for people.
    """

    def __init__(self, session_id: str, name: str, code: str, message: str) -> None:
        # Not by `super`: another base may come next, which takes other arguments.
        SessionStreamError.__init__(self, session_id, name, code, message)
        self.session_id = session_id
        self.name = name
        self.code = code
        self.message = message

    def __str__(self) -> str:
        said = f": {self.message}" if self.message else ""
        return f"command {self.name!r} of session {self.session_id!r}: {self.code}{said}"


class CommandRejectedError(CommandError):
    """The server does not run the command.

    Where it was sent before the connection was lost, it may have been run then.
    """


class CommandConflictError(CommandError):
    """The command was not run: the session's last event is another than expected, ``head``."""

    def __init__(self, session_id: str, name: str, code: str, message: str, head: int) -> None:
        super().__init__(session_id, name, code, message)
        self.args = (session_id, name, code, message, head)
        self.head = head

    def __str__(self) -> str:
        return f"{super().__str__()} (the session's last event is {self.head})"


class CommandFailedError(CommandError, CommandRefusedError):
    """The command was run and failed, or was interrupted by the end of the server.

    Where its handler raised a `CommandRefusedError`, code and message are that one's.
    """


class CommandTimeoutError(ClientError, TimeoutError):
    """A command has no outcome yet. It may be run, now or later."""

    def __init__(self, session_id: str, name: str, seconds: float) -> None:
        super().__init__(session_id, name, seconds)
        self.session_id = session_id
        self.name = name
        self.seconds = seconds

    def __str__(self) -> str:
        return (
            f"command {self.name!r} of session {self.session_id!r} has no outcome "
            f"after {self.seconds:g} s; it may be run all the same"
        )


class SubscriptionError(ClientError):
    """A session can't be watched, or not any more.

    ``code`` is a word for programs, as ``subscribe_denied``.
    """

    def __init__(self, session_id: str, code: str, message: str) -> None:
        super().__init__(session_id, code, message)
        self.session_id = session_id
        self.code = code
        self.message = message

    def __str__(self) -> str:
        said = f": {self.message}" if self.message else ""
        return f"session {self.session_id!r} can't be watched: {self.code}{said}"


class ConnectError(ClientError):
    """There is no connection to the server at ``url``, and why.

    The URL is kept without user, password and query, where secrets may be.
    """

    def __init__(self, url: str, reason: str) -> None:
        self.url = without_secrets(url)
        super().__init__(self.url, reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"no connection to {self.url}: {self.reason}"


class AccessError(ClientError):
    """The server does not let the client in, or has revoked that it may."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"the server does not let this client in: {self.reason}"


class ServerFrameError(ClientError):
    """The server sent what is no frame. The client connects anew; nobody else sees this."""

    def __init__(self, got: str) -> None:
        super().__init__(got)
        self.got = got

    def __str__(self) -> str:
        return f"the server sent {self.got} instead of a frame"


class ClientClosedError(ClientError):
    """The client was closed before this was done."""

    def __init__(self, operation: str) -> None:
        super().__init__(operation)
        self.operation = operation

    def __str__(self) -> str:
        return f"the client is closed; {self.operation} ended"
