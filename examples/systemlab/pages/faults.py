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

SWALLOWED: Final = "swallowed-errors"
UNBOUNDED: Final = "unbounded-queue"
NEW_IDS: Final = "new-ids"
RENUMBERED: Final = "renumbered-field"


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
        swallows = self.fault == SWALLOWED
        fail, advance = ProjectionPolicy.FAIL, ProjectionPolicy.ADVANCE
        return {
            "failing": lambda: failing.run(fail, self.recorder, is_broken=swallows),
            "advancing": lambda: failing.run(advance, self.recorder, is_broken=swallows),
            "slow": lambda: slow.run(self.recorder, is_broken=self.fault == UNBOUNDED),
            "twice": lambda: twice.run(self.recorder, is_broken=self.fault == NEW_IDS),
            "schema": lambda: schema.run(
                self.folder, self.recorder, is_broken=self.fault == RENUMBERED
            ),
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
        SWALLOWED: "The projection catches its own error and gives nothing instead.",
        UNBOUNDED: "No limit for what may wait for a client.",
        NEW_IDS: "The client gives a command a new id each time it sends it again.",
        RENUMBERED: "The newer schema gives the renamed field another number.",
    },
)
