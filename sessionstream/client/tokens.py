"""What a client shows to be let in. No error and no log line shows it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Final, TypeAlias

Token: TypeAlias = str | Callable[[], Awaitable[str]] | None
"""A text, or an async function that gives one whenever one is needed."""

# What an HTTP header may carry as one word (RFC 9110): a line break would begin another.
_FIRST: Final = "!"
_LAST: Final = "~"


class UnusableTokenError(Exception):
    """The token function gives what can't be a token, and will the next time."""


def check_token(token: object) -> None:
    """Refuses what can't be sent as a token.

    Raises:
        TypeError: It is neither a text nor a function.
        ValueError: It is a text that no header can carry.
    """
    if token is None or callable(token):
        return
    if not isinstance(token, str):
        kind = type(token).__name__
        raise TypeError(f"token is a string or an async function that gives one; got one of {kind}")
    problem = _problem_of(token)
    if problem is not None:
        raise ValueError(f"token {problem}")


async def fresh_token(token: Token) -> str | None:
    """Returns the token to show now.

    Raises:
        UnusableTokenError: The function is not async, or gives no usable text.
        Exception: Whatever the function raises.
    """
    if token is None or isinstance(token, str):
        return token
    given: object = token()
    if not isawaitable(given):
        kind = type(given).__name__
        raise UnusableTokenError(f"the token function has to be async; it returned one of {kind}")
    found: object = await given
    if not isinstance(found, str):
        kind = type(found).__name__
        raise UnusableTokenError(f"the token function has to give a string; it gave one of {kind}")
    problem = _problem_of(found)
    if problem is not None:
        raise UnusableTokenError(f"the token function gave a token that {problem}")
    return found


def _problem_of(token: str) -> str | None:
    if not token:
        return "is empty; without one, pass None"
    for place, character in enumerate(token, 1):
        if not _FIRST <= character <= _LAST:
            return (
                f"has a space, a line break or a character that is not ASCII at position {place} "
                f"of {len(token)}; it goes without the word Bearer"
            )
    return None
