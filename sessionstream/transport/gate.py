"""Asks the hooks of `access.Access`, and takes everything but a plain yes for a no."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Hashable
from functools import partial
from inspect import isawaitable
from typing import Final

from google.protobuf.message import Message

from sessionstream.transport.access import (
    ANONYMOUS,
    Access,
    Authenticate,
    ConnectionRequest,
    Principal,
)
from sessionstream.transport.revocations import Revocations

logger = logging.getLogger("sessionstream.transport")

_FAILED: Final = object()


class Gate:
    """Applies the hooks, fail-closed.

    ``revocations`` are told whom the application has revoked.

    None, False, a value of another type, an exception, and no answer in time
    refuse. The last three are logged; a client learns none of it. Only
    cancelling the caller raises.
    """

    def __init__(
        self, access: Access, timeout: float, clock: Callable[[], float] = time.time
    ) -> None:
        """Makes a gate of the hooks.

        Args:
            access: The hooks.
            timeout: How long a hook may take, in seconds.
            clock: Tells the time in seconds since the Unix epoch.
        """
        self._access = access
        self._timeout = timeout
        self._clock = clock
        self.revocations = Revocations()

    @property
    def knows_principals(self) -> bool:
        """Whether a hook says who a client is; else everybody is the same."""
        return self._access.authenticate is not None

    @property
    def shows_all(self) -> bool:
        """Whether everybody may see every session: no hook says something else."""
        return self._access.authorize_subscribe is None

    def owner(self, principal: Principal | None, place: Hashable) -> Hashable:
        """Returns by what limits go: the principal, or the place of one who can't be told apart."""
        if principal is None or not self.knows_principals:
            return "", place
        return principal.id

    def was_revoked(self, principal: Principal, mark: int, session_id: str | None = None) -> bool:
        """Whether it was revoked since the mark, or one of its sessions was."""
        if session_id is not None and self.revocations.has_since(mark, (principal.id, session_id)):
            return True
        return self.revocations.has_since(mark, principal.id)

    async def authenticate(self, request: ConnectionRequest) -> Principal | None:
        """Returns who the client is; None where it is nobody, or its time is over.

        The hook is asked again where whom it names was revoked meanwhile.
        """
        hook = self._access.authenticate
        if hook is None:
            return ANONYMOUS
        while True:
            mark = self.revocations.mark
            principal = await self._named(hook, request)
            if principal is None or not self.revocations.has_since(mark, principal.id):
                return principal

    async def _named(self, hook: Authenticate, request: ConnectionRequest) -> Principal | None:
        answer = await self._ask("authenticate", partial(hook, request))
        if answer is None or answer is _FAILED:
            return None
        if not isinstance(answer, Principal):
            _log_wrong_type("authenticate", "a Principal or None", answer)
            return None
        is_over = answer.expires_at is not None and answer.expires_at <= self._clock()
        return None if is_over else answer

    async def may_subscribe(self, principal: Principal, session_id: str) -> bool:
        """Whether the principal may see the session."""
        hook = self._access.authorize_subscribe
        return hook is None or await self.allows(
            "authorize_subscribe", partial(hook, principal, session_id)
        )

    async def may_command(
        self, principal: Principal, session_id: str, name: str, message: Message
    ) -> bool:
        """Whether the principal may give the session this command."""
        hook = self._access.authorize_command
        return hook is None or await self.allows(
            "authorize_command", partial(hook, principal, session_id, name, message)
        )

    async def allows(self, name: str, hook: Callable[[], object]) -> bool:
        """Whether a call of the hook of this name plainly says yes."""
        answer = await self._ask(name, hook)
        if answer is not _FAILED and not isinstance(answer, bool):
            _log_wrong_type(name, "True or False", answer)
        return answer is True

    async def _ask(self, name: str, hook: Callable[[], object]) -> object:
        limit = asyncio.timeout(self._timeout)
        answer: object = _FAILED
        try:
            async with limit:
                asked = hook()
                if not isawaitable(asked):
                    logger.error("the hook %s is not async; refused: write `async def`", name)
                    return _FAILED
                answer = await asked
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            # The hook awaited something that was cancelled; nobody cancelled us.
            logger.exception("the hook %s was cancelled; refused", name)
        except Exception:  # a border: whatever it is, it allows nothing
            if not limit.expired():
                logger.exception("the hook %s failed; refused", name)
        if limit.expired():  # also one that answers in spite of having been cancelled
            logger.error("the hook %s took longer than %g s; refused", name, self._timeout)
            return _FAILED
        return answer


def _log_wrong_type(name: str, wanted: str, answer: object) -> None:
    logger.error("the hook %s returns %s; got a %s; refused", name, wanted, type(answer).__name__)
