"""SV202 and SV203: events that reach nobody, or nobody who comes later."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from sessionstream.lint.facts import Facts, Installation
from sessionstream.lint.findings import Finding, found
from sessionstream.lint.source import Source

_BY_HAND = {
    "sessionstream.hub_setup.HubSetup.register_ui_projection",
    "sessionstream.hub_setup.HubSetup.register_timeline_projection",
}


def check(source: Source, facts: Facts) -> Iterator[Finding]:
    """Gives findings for each generated ``install`` that is called.

    Nothing is said in a file that registers projections by hand as well: what
    they do with an event is not known.
    """
    installs = [(call, found) for call in source.calls() if (found := facts.installation(call))]
    if not installs or any(facts.callee(call.func).names & _BY_HAND for call in source.calls()):
        return
    for call, installed in installs:
        yield from _judged(call, installed)


def _judged(call: ast.Call, installed: Installation) -> Iterator[Finding]:
    projected = installed.shown | installed.kept
    if lost := (installed.ui | installed.timeline) - projected:
        yield found(
            "SV202",
            call,
            f"no projection does anything with {_listed(lost)}: nobody gets to see it; "
            "override its method, or leave the event out of the schema",
        )
    if passing := (installed.shown & installed.timeline) - installed.kept:
        yield found(
            "SV203",
            call,
            f"clients are shown {_listed(passing)}, but the timeline keeps nothing of it: who "
            "connects later never sees it; override its method in the timeline projection, or "
            "mark the event as ephemeral",
        )


def _listed(events: Iterable[str]) -> str:
    return ", ".join(sorted(events))
