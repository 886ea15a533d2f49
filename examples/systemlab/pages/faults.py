"""Page 6: what holds when something fails."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from sessionstream import ProjectionPolicy, override
from systemlab.asking import Asked
from systemlab.checking import JSON
from systemlab.exercise import Action, Exercise, Page
from systemlab.experiments import failing, schema, slow, twice
from systemlab.experiments.report import Report

NEW_IDS: Final = "new-ids"


class FaultsExercise(Exercise):
    """Experiments, each with a runtime of its own."""

    @override
    async def open(self) -> None:
        """Nothing was tried yet."""
        self._reports: dict[str, Report] = {}

    @property
    @override
    def actions(self) -> Mapping[str, Action]:
        """Runs one experiment, all of them, or shows what was found."""
        return {"run": self._run, "state": self._state}

    async def _run(self, asked: Asked) -> dict[str, JSON]:
        experiments = self._experiments()
        chosen = asked.choice("experiment", ["all", *experiments])
        for name, experiment in experiments.items():
            if chosen in ("all", name):
                self._reports[name] = await experiment()
        return await self._state(asked)

    def _experiments(self) -> Mapping[str, Callable[[], Awaitable[Report]]]:
        recorder, fault = self.recorder, self.fault
        return {
            "failing": lambda: failing.run(ProjectionPolicy.FAIL, recorder, fault),
            "advancing": lambda: failing.run(ProjectionPolicy.ADVANCE, recorder, fault),
            "slow": lambda: slow.run(recorder, fault),
            "twice": lambda: twice.run(recorder, is_broken=fault == NEW_IDS),
            "schema": lambda: schema.run(self.folder, recorder, fault),
        }

    async def _state(self, asked: Asked) -> dict[str, JSON]:
        reports: dict[str, JSON] = {
            name: list[JSON](report.lines) for name, report in self._reports.items()
        }
        checks = [each for report in self._reports.values() for each in report.checks]
        return {"reports": reports, "checks": [each.as_json() for each in checks]}


FAULTS: Final = Page(
    slug="faults",
    number=6,
    title="Faults",
    summary="A projection that fails, a slow client, a command that comes twice, an old file.",
    exercise=FaultsExercise,
    faults={
        failing.SWALLOWED: "The projection catches its own error and gives nothing instead.",
        failing.OTHER_POLICY: "The Hub is given the other policy than the one that is meant.",
        failing.NEVER_MENDED: "Nobody mends the projection.",
        slow.UNBOUNDED: "No limit for what may wait for a client.",
        slow.WAITING: "The publisher waits until every client has what it published.",
        slow.LOSSY: "A client forgets the last thing that it was told.",
        NEW_IDS: "The client gives a command a new id each time it sends it again.",
        schema.RENUMBERED: "The newer schema gives the renamed field another number.",
        schema.GIVES_UP: "The newer release stops at what it can't read, and begins a new session.",
    },
)
