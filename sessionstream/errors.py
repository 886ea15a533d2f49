"""The error tree. Each branch answers the question "whose fault is it?".

    SessionStreamError
    ├── SessionIdError             the caller: an empty or malformed session id
    ├── CommandIdReusedError       the caller: a command's id that is another command's
    ├── OrdinalError               the caller: an ordinal that the session's log does not hold
    ├── SchemaError                the application's schema
    │   ├── UnknownNameError
    │   ├── DuplicateNameError
    │   ├── PayloadTypeError
    │   ├── PayloadValueError
    │   └── PayloadDecodeError
    ├── HandlerError               user code: a command handler
    ├── ProjectionError            user code: a projection; __cause__ is what it raised
    ├── StoreError                 the backend
    │   ├── StoreClosedError
    │   ├── StoreConflictError
    │   ├── StoreCorruptError
    │   ├── StoreFullError
    │   ├── StoreLockedError
    │   └── StoreVersionError
    ├── HubClosedError             the caller: the Hub no longer accepts work
    └── ProtocolError              the client

Errors keep their fields as attributes and build their text in ``__str__``, so
they survive pickling and can be logged field by field.
"""

from __future__ import annotations


class SessionStreamError(Exception):
    """Root of every error that this package raises on purpose."""


class SessionIdError(SessionStreamError):
    """A session id that is no string of 1 to 512 characters, or no valid Unicode."""

    def __init__(self, session_id: object) -> None:
        super().__init__(session_id)
        self.session_id = session_id

    def __str__(self) -> str:
        shown = repr(self.session_id)
        return (
            f"a session id is a string of 1 to 512 valid characters; got {shown[:80]}"
            f"{'…' if len(shown) > 80 else ''}"
        )


class OrdinalError(SessionStreamError):
    """An ordinal that the session's log does not hold: it goes from ``start`` to ``head``."""

    def __init__(self, session_id: str, ordinal: int, head: int, start: int = 0) -> None:
        super().__init__(session_id, ordinal, head, start)
        self.session_id = session_id
        self.ordinal = ordinal
        self.head = head
        self.start = start

    def __str__(self) -> str:
        compacted = f"; its log was compacted and begins after {self.start}" if self.start else ""
        return (
            f"session {self.session_id!r} has the ordinals {self.start} to {self.head}; "
            f"{self.ordinal} is not one of them{compacted}"
        )


class CommandIdReusedError(SessionStreamError):
    """A command's id is known in its session: as another command's, or another principal's.

    It does not say which, so that ids of others tell nothing.
    """

    def __init__(self, session_id: str, command_id: str) -> None:
        super().__init__(session_id, command_id)
        self.session_id = session_id
        self.command_id = command_id

    def __str__(self) -> str:
        return (
            f"the id {self.command_id[:80]!r} is that of another command of session "
            f"{self.session_id!r}; give each command an id of its own"
        )


class SchemaError(SessionStreamError):
    """The application's schema is at fault: a registration, a name or a payload."""


class UnknownNameError(SchemaError):
    """A name under which nothing is registered.

    Attributes:
        role: "command", "event", "UI event" or "entity".
        name: The name that was looked up.
        known: Every registered name of that role, sorted.
    """

    def __init__(self, role: str, name: str, known: tuple[str, ...]) -> None:
        super().__init__(role, name, known)
        self.role = role
        self.name = name
        self.known = known

    def __str__(self) -> str:
        if not self.known:
            listed = f"no {self.role} is registered"
        else:
            listed = "registered: " + ", ".join(self.known[:10])
            if len(self.known) > 10:
                listed += f" and {len(self.known) - 10} more"
        return f"unknown {self.role} {self.name!r}; {listed}"


class DuplicateNameError(SchemaError):
    """A name that is registered already, with both origins and what to do about it."""

    def __init__(
        self,
        role: str,
        name: str,
        existing: str,
        rejected: str,
        advice: str = "Give one of them another name",
    ) -> None:
        super().__init__(role, name, existing, rejected, advice)
        self.role = role
        self.name = name
        self.existing = existing
        self.rejected = rejected
        self.advice = advice

    def __str__(self) -> str:
        return (
            f"{self.role} {self.name!r} is registered already, as {self.existing}; "
            f"refused: {self.rejected}. {self.advice}"
        )


class PayloadTypeError(SchemaError):
    """A payload whose type is not the registered one. Both types are named."""

    def __init__(self, role: str, name: str, expected: str, got: str) -> None:
        super().__init__(role, name, expected, got)
        self.role = role
        self.name = name
        self.expected = expected
        self.got = got

    def __str__(self) -> str:
        return f"{self.role} {self.name!r} takes {self.expected}; got {self.got}"


class PayloadValueError(SchemaError):
    """A payload of the right type with a value that can't be stored, or shown to clients."""

    def __init__(self, role: str, name: str, reason: str) -> None:
        super().__init__(role, name, reason)
        self.role = role
        self.name = name
        self.reason = reason

    def __str__(self) -> str:
        return f"the payload of {self.role} {self.name!r} is refused: {self.reason}"


class PayloadDecodeError(SchemaError):
    """Bytes or JSON that are not a message of the expected type."""

    def __init__(self, expected: str, reason: str) -> None:
        super().__init__(expected, reason)
        self.expected = expected
        self.reason = reason

    def __str__(self) -> str:
        return f"not a {self.expected}: {self.reason}"


class HandlerError(SessionStreamError):
    """A registered command without a usable handler."""

    def __init__(self, command: str, reason: str) -> None:
        super().__init__(command, reason)
        self.command = command
        self.reason = reason

    def __str__(self) -> str:
        return f"command {self.command!r}: {self.reason}"


class CommandRefusedError(SessionStreamError):
    """A handler refuses its command; raise it to tell the client why.

    Of everything else that a handler raises a remote client learns only that
    the command failed. ``code`` is a word for programs, ``message`` a sentence
    for people; both are sent as they are.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return self.message


class ProjectionError(SessionStreamError):
    """A projection failed on an event. ``__cause__`` is what it raised.

    The event itself is stored. ``ordinal`` is that of the event on which the
    projection stands: the published one, or an earlier one that holds it back.
    """

    def __init__(self, projector: str, session_id: str, ordinal: int, event_name: str) -> None:
        super().__init__(projector, session_id, ordinal, event_name)
        self.projector = projector
        self.session_id = session_id
        self.ordinal = ordinal
        self.event_name = event_name

    def __str__(self) -> str:
        cause = self.__cause__
        why = f": {type(cause).__name__}: {cause}" if cause is not None else ""
        return (
            f"the {self.projector} projection of session {self.session_id!r} failed on "
            f"event {self.ordinal} ({self.event_name}){why}"
        )


class StoreError(SessionStreamError):
    """The backend failed or was used wrongly.

    Attributes:
        location: Where the store is: a file's path, or "memory".
        reason: What went wrong, and what to do about it.
    """

    def __init__(self, location: str, reason: str) -> None:
        super().__init__(location, reason)
        self.location = location
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.location}: {self.reason}"


class StoreClosedError(StoreError):
    """The store was closed, or never opened."""


class StoreConflictError(StoreError):
    """A commit does not follow the session's stored head: two owners, or a lost lane."""


class StoreCorruptError(StoreError):
    """The file is no store, or a row of it can't be read."""


class StoreFullError(StoreError):
    """The disk, or the limit set on the store's size, is full."""


class StoreLockedError(StoreError):
    """Another process, or another store of this one, owns the file."""


class StoreVersionError(StoreError):
    """The file was written by a newer release."""


class HubClosedError(SessionStreamError):
    """The Hub no longer accepts this, or cut it off after the time that closing allows."""

    def __init__(self, operation: str, outcome: str = "refused") -> None:
        super().__init__(operation, outcome)
        self.operation = operation
        self.outcome = outcome

    def __str__(self) -> str:
        return f"the Hub is closed; {self.operation} was {self.outcome}"


class ProtocolError(SessionStreamError):
    """A client broke the protocol. ``code`` is the error frame's code."""

    def __init__(self, code: str, message: str, session_id: str = "") -> None:
        super().__init__(code, message, session_id)
        self.code = code
        self.message = message
        self.session_id = session_id

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"
