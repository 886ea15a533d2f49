"""What a page's checks say: a rule, whether it holds, and what was looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TypeAlias, Union

JSON: TypeAlias = Union[bool, int, float, str, list["JSON"], dict[str, "JSON"], None]


@dataclass(frozen=True, slots=True)
class Check:
    """A rule over what was observed.

    ``holds`` is None while there is nothing to look at. ``detail`` tells what was
    looked at, or the first place where the rule is broken.
    """

    name: str
    holds: bool | None
    detail: str

    def as_json(self) -> dict[str, JSON]:
        """Returns it as the page gets it."""
        return asdict(self)


def check(name: str, problems: Sequence[str], looked_at: int, of_what: str) -> Check:
    """Returns a check that holds where there are no problems, and is open where nothing was seen.

    Args:
        name: The rule, as a sentence.
        problems: Each place where it is broken, in the order in which they came.
        looked_at: How many things were held against the rule.
        of_what: What these are, in the plural.
    """
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        return Check(name, False, f"{problems[0]}{more}")
    if looked_at == 0:
        return Check(name, None, f"no {of_what} yet")
    return Check(name, True, f"{of_what}: {looked_at}")
