"""Who may do what: who a client is, which sessions it may see, which commands it may give.

An application decides that in up to three hooks, all async:

    async def authenticate(request: ConnectionRequest) -> Principal | None: ...
    async def authorize_subscribe(principal: Principal, session_id: str) -> bool: ...
    async def authorize_command(
        principal: Principal, session_id: str, name: str, message: Message
    ) -> bool: ...

    access = Access(authenticate=authenticate, authorize_subscribe=authorize_subscribe)

What a hook does not plainly allow is refused; see `gate.Gate`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from google.protobuf.message import Message

from sessionstream.arguments import check_amount, check_callable, check_text


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionRequest:
    """What is known of a client before it is known who it is.

    Its text shows neither headers nor query nor token, which hold secrets.

    Attributes:
        path: The path of the URL, percent-decoded.
        query: The query of the URL as it was sent, without the ``?``.
        headers: The values of each header, by its name in lower case.
        remote: The address of the peer, "" where it is unknown. Behind a proxy
            that is the proxy: headers which tell another are not believed.
        token: What the client sent in an ``authenticate`` frame; None in a handshake.
    """

    path: str
    query: str = field(default="", repr=False)
    headers: Mapping[str, Sequence[str]] = field(default_factory=dict, repr=False)
    remote: str = ""
    token: str | None = field(default=None, repr=False)

    def header(self, name: str) -> str | None:
        """Returns a header's value; None where there is none, or more than one."""
        values = self.headers.get(name.lower(), ())
        return values[0] if len(values) == 1 else None

    def bearer(self) -> str | None:
        """Returns the token of the frame, or that of ``Authorization: Bearer``; else None."""
        if self.token is not None:
            return self.token
        scheme, _, credentials = (self.header("authorization") or "").partition(" ")
        return credentials.strip() or None if scheme.lower() == "bearer" else None


@dataclass(frozen=True, slots=True)
class Principal:
    """Who a client is.

    Attributes:
        id: Names whoever it is: limits and `Rooms.revoke` go by it.
        expires_at: Until when that holds, in seconds since the Unix epoch; None
            for as long as the connection.
        claims: Whatever the hooks tell each other; nothing else reads it.
    """

    id: str
    expires_at: float | None = None
    claims: object = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_text("the id of a principal", self.id)
        if self.expires_at is not None:
            check_amount("expires_at", self.expires_at)


ANONYMOUS: Final = Principal("anonymous")
"""Who everybody is without a hook that says more."""

Authenticate: TypeAlias = Callable[[ConnectionRequest], Awaitable[Principal | None]]
AuthorizeSubscribe: TypeAlias = Callable[[Principal, str], Awaitable[bool]]
AuthorizeCommand: TypeAlias = Callable[[Principal, str, str, Message], Awaitable[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The hooks of an application; without one, everybody may.

    A hook may be called any number of times, also at once. ``authorize_command``
    gets the message that will be run, and must not change it.
    """

    authenticate: Authenticate | None = None
    authorize_subscribe: AuthorizeSubscribe | None = None
    authorize_command: AuthorizeCommand | None = None

    def __post_init__(self) -> None:
        for name in self.__slots__:
            hook = getattr(self, name)
            if hook is not None:
                check_callable(name, hook)
