"""Commands with ids: each is stored before it runs, runs once, and has its end stored."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass, field

from sessionstream.accepted import (
    Ending,
    Run,
    Submission,
    completed,
    failed,
    interrupted,
)
from sessionstream.commands import Commands
from sessionstream.commits import told
from sessionstream.errors import CommandRefusedError, HubClosedError, StoreClosedError
from sessionstream.hydration.base import CommandRecord, CommandStatus, HydrationStore
from sessionstream.lanes import Lane, UseLane
from sessionstream.observer import ErrorSource, error_record
from sessionstream.pipeline import Pipeline
from sessionstream.publishing import Publish, SessionPublisher
from sessionstream.sessions import Sessions
from sessionstream.tasks import ENDS_THE_PROCESS, BackgroundTasks, is_cancelled
from sessionstream.transport.source import Receipt, Verdict
from sessionstream.work import Note, Recorded, Recording

logger = logging.getLogger("sessionstream.commands")

# How long to wait, in seconds, before an end that could not be stored is tried again; twice as
# long each time.
FIRST_RETRY_SECONDS = 0.1
LAST_RETRY_SECONDS = 5.0


@dataclass(slots=True)
class Accepting:
    """Takes commands in. What was accepted runs in a task of its own, whoever leaves."""

    store: HydrationStore
    pipeline: Pipeline
    sessions: Sessions
    commands: Commands
    lane: UseLane
    publish: Publish
    # Guard: the event loop. By session and command id, from their arrival to their stored end.
    _runs: dict[tuple[str, str], Run] = field(default_factory=dict)
    _tasks: BackgroundTasks = field(default_factory=BackgroundTasks)
    _closing: asyncio.Event = field(default_factory=asyncio.Event)

    async def accept(self, submission: Submission) -> Receipt:
        """Returns when the submission's record is stored, or was found; see `Hub.accept`."""
        while (run := self._runs.get(submission.key)) is not None:
            # What comes of the other is the answer, unless nothing of it is stored.
            if await _is_stored(run):
                submission.check_same(run.submission.command.name, run.submission.principal)
                return await self._duplicate(run)
        run = self._runs[submission.key] = Run(submission)
        self._tasks.start(self._process(run), f"command {submission.command.name}")
        verdict, head = await asyncio.shield(run.verdict)
        outcome = None if verdict is Verdict.CONFLICT else Ending(run.end)
        return Receipt(verdict=verdict, head=head, outcome=outcome)

    async def _duplicate(self, run: Run) -> Receipt:
        with self.lane(run.submission.command.session_id) as lane:
            head = (await self.pipeline.states.of(lane)).head
        return Receipt(verdict=Verdict.DUPLICATE, head=head, outcome=Ending(run.end))

    def busy(self, session_id: str) -> bool:
        """Whether a command of the session is being taken in, or running."""
        return any(known == session_id for known, _ in self._runs)

    async def admitted(self, seconds: float) -> None:
        """Returns when it is known of each whether it is accepted, or after that time."""
        waiting = [run.verdict for run in self._runs.values()]
        if waiting:
            await asyncio.wait(waiting, timeout=seconds)

    async def drain(self, seconds: float) -> None:
        """Returns when the ends of all are stored, or after that time; tries no more than once."""
        self._closing.set()
        await self._tasks.drain(seconds)

    # -- one command -----------------------------------------------------------

    async def _process(self, run: Run) -> None:
        try:
            with self.lane(run.submission.command.session_id) as lane:
                await self._take_in(run, lane)
        except BaseException as error:
            self._end(run)
            if not run.verdict.done():
                left = is_cancelled(error)
                run.verdict.set_exception(HubClosedError("accept") if left else told(error))
            if not isinstance(error, Exception):
                raise
        else:
            self._end(run)

    def _end(self, run: Run) -> None:
        self._runs.pop(run.submission.key, None)

    async def _take_in(self, run: Run, lane: Lane) -> None:
        submission = run.submission
        known = await self.store.command(*submission.key)
        if known is not None:
            submission.check_same(known.name, known.principal)
        again = known is not None and submission.may_run_again(known)
        if known is not None and not again:
            head = (await self.pipeline.states.of(lane)).head
            ended = known.status is not CommandStatus.ACCEPTED
            run.end.set_result(known if ended else interrupted(known))
            run.verdict.set_result((Verdict.DUPLICATE, head))
            return
        expected = None if again else submission.expected  # it was accepted at that one
        recorded = await self._record(lane, submission.accepted(), expected=expected)
        if not isinstance(recorded, Recorded):
            self._end(run)
            run.verdict.set_result((Verdict.CONFLICT, recorded))
            return
        run.verdict.set_result((Verdict.ACCEPTED, recorded.record.ordinal))
        await self._carry_out(run, lane, recorded)

    async def _carry_out(self, run: Run, lane: Lane, recorded: Recorded) -> None:
        end = interrupted(recorded.record)
        try:
            ended = await self._handle(run, lane, recorded)
            end = await self._store_end(lane, ended, recorded.epoch)
        finally:
            self._end(run)
            run.end.set_result(end)

    async def _handle(self, run: Run, lane: Lane, recorded: Recorded) -> CommandRecord:
        command, record = run.submission.command, recorded.record
        publisher = SessionPublisher(command.session_id, self.publish)
        if self.commands.is_draining():  # its record took too long
            return interrupted(record)
        try:
            await self.commands.run(
                command, lambda: self.sessions.open(lane), publisher, record.command_id
            )
        except CommandRefusedError as error:
            return failed(record, str(error.code), str(error.message))
        except ENDS_THE_PROCESS:
            raise
        except BaseException as error:  # a handler's failure is its own
            if is_cancelled(error):
                raise
            if isinstance(error, HubClosedError) and self.commands.is_draining():
                return interrupted(record)
            self._tell(lane, recorded, error)
            return failed(record)
        return completed(record)

    def _tell(self, lane: Lane, recorded: Recorded, error: BaseException) -> None:
        name = recorded.record.name
        extra = {"session_id": lane.session_id}
        logger.error("command %s failed", name, exc_info=error, extra=extra)
        # A session that was deleted meanwhile does not come back for a record.
        if lane.state is not None and lane.state.epoch == recorded.epoch:
            record = error_record(lane.session_id, ErrorSource.COMMAND, name, 0, error)
            self.pipeline.accept(lane, Note(record))

    async def _store_end(self, lane: Lane, record: CommandRecord, epoch: str) -> CommandRecord:
        """Returns what is stored; where that fails until the Hub closes, what a restart finds."""
        delay = FIRST_RETRY_SECONDS
        while True:
            try:
                recorded = await self._record(lane, record, epoch=epoch)
                assert isinstance(recorded, Recorded)
            except Exception as error:  # the store's, of any kind
                logger.warning(
                    "the end of command %s is not stored: %s",
                    record.name,
                    error,
                    extra={"session_id": lane.session_id},
                )
                if self._closing.is_set() or isinstance(error, StoreClosedError):
                    return interrupted(record)
            else:
                return recorded.record
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), delay)
            delay = min(2 * delay, LAST_RETRY_SECONDS)

    async def _record(
        self, lane: Lane, record: CommandRecord, *, expected: int | None = None, epoch: str = ""
    ) -> Recorded | int:
        done: asyncio.Future[Recorded | int] = lane.loop.create_future()
        self.pipeline.accept(lane, Recording(record, done, expected, epoch))
        return await done


async def _is_stored(run: Run) -> bool:
    with suppress(Exception):  # told to whoever submitted it
        verdict, _ = await asyncio.shield(run.verdict)
        return verdict is not Verdict.CONFLICT
    return False
