"""One subscription of one connection: what becomes of batches, and what is read for it.

A subscription enters its session's room before anything of the session is
read, so that no batch falls between the two. Its *cursor* is the ordinal up to
which everything has been handed out, in a snapshot or as batches, of the life
of the session that its *epoch* names. What becomes of a batch stands in fates.py.

*fill* holds the batch and reads the UI events after the cursor; *reload* holds
it and reads a snapshot. Both, like the first load and the end of lagging, are
over when what was held follows on the cursor and nothing that is known of lies
between; what was held too long and dropped makes a gap that is read again.

    a load gives     and then
    snapshot         it is sent, the cursor is its ordinal
    UI events        they are sent, the cursor moves
    UI events, but   a snapshot is read instead, after a snapshot once more; where
    with a gap       that is no newer, nothing can fill the gap: the client is told that
                     it has all there is up to its end, and what follows is read
    position         the cursor is the head: only what follows is wanted
"""

from __future__ import annotations

from sessionstream.transport.fates import FATES, Fate, State, kind_of
from sessionstream.transport.info import SubscriptionInfo
from sessionstream.transport.requests import (
    Announce,
    Ask,
    Impossible,
    Next,
    Outcome,
    Reason,
    Replay,
    Show,
    Skip,
    Step,
    SubscribeMode,
    Subscribing,
    Tell,
)
from sessionstream.transport.shared import Page, SharedBatch, SharedSnapshot
from sessionstream.types import Position


class Subscription:
    """Decides about one session on one connection; says what to do as `Step` values.

    It lives from one subscribe to the next: subscribing again makes another
    one with another ``generation``, so that what was loaded for the old one is
    recognised and ignored.
    """

    def __init__(self, asked: Subscribing, generation: int, max_replayed: int) -> None:
        self.session_id = asked.session_id
        self.asked = asked
        self.generation = generation
        self.state = State.ASKED
        self.epoch = asked.epoch
        self.cursor = asked.since
        self.head = 0  # the client was told, or will be, that it has all up to here
        self.held: list[SharedBatch] = []
        self._lost: SharedBatch | None = None  # the last one that was held, and dropped
        self._max_replayed = max_replayed
        self._shown = 0  # the last event that is known to have had UI events
        self._replayed = 0  # batches, in this load
        self._is_first_load = True
        self._is_after_snapshot = False  # in this load
        self._is_void = False  # what was read is of a life that is over
        # A snapshot is being read once more, since nothing fills the gap up to here.
        self._gap_end: int | None = None
        self._is_patient = False  # in this load: no newer snapshot saves from reading all of it
        self._must_tell = False  # the client can't know that it misses nothing
        self._outcome = Outcome.SNAPSHOT_SENT
        self._reason = Reason.AS_REQUESTED

    def info(self) -> SubscriptionInfo:
        """Returns how it stands now."""
        return SubscriptionInfo(
            session_id=self.session_id,
            state=self.state,
            epoch=self.epoch,
            cursor=self.cursor,
        )

    def begin(self) -> list[Step]:
        """Takes note that it is allowed, and has entered the room."""
        self.state = State.LOADING
        if self.asked.mode is SubscribeMode.SNAPSHOT:
            return [Next(Ask.SNAPSHOT)]
        if self.asked.mode is SubscribeMode.LIVE:
            self._outcome = Outcome.LIVE_ONLY
            return [Next(Ask.POSITION)]
        self._outcome = Outcome.RESUMED
        return [Next(Ask.HISTORY, self.cursor)]

    # -- what is fanned out ------------------------------------------------------

    def passes(self, batch: SharedBatch) -> bool:
        """Whether a batch is to be sent now; takes it then, and only then.

        The short form of `offer`, for what nearly always happens.
        """
        if self.state is not State.LIVE:
            return False
        if batch.ordinal == 0:
            return True
        cursor = self.cursor
        if batch.ordinal > cursor >= batch.previous_ordinal and batch.epoch == self.epoch:
            self.cursor = batch.ordinal
            return True
        return False

    def offer(self, batch: SharedBatch) -> tuple[Fate, list[Step]]:
        """Takes a batch; with `Fate.SEND` it is to be sent now."""
        fate = FATES[self.state][kind_of(batch, self.epoch, self.cursor)]
        if fate is Fate.SEND and batch.ordinal:
            self.cursor = batch.ordinal
        if fate in (Fate.HOLD, Fate.FILL, Fate.RELOAD):
            self.held.append(batch)
        if fate is Fate.FILL:
            return fate, self._load(Next(Ask.HISTORY, self.cursor))
        if fate is Fate.RELOAD:
            return fate, self._load(Next(Ask.SNAPSHOT))
        return fate, []

    def drop_held(self) -> None:
        """Drops what is held: it is too much. It is read again when the load is over."""
        self._lost = self.held[-1]
        self.held.clear()

    def reset(self) -> list[Step]:
        """Takes note that the session is another now: a snapshot is needed."""
        self.held.clear()
        self._lost = None
        if self.state is State.LIVE:
            return self._load(Next(Ask.SNAPSHOT))
        self._is_void = self.state is not State.ASKED
        return []

    def lag(self, cursor: int) -> None:
        """Takes note that what was to be sent after ``cursor`` is not: its queue was dropped."""
        if self.state is State.LIVE:
            self.state = State.LAGGING
            self.cursor = cursor

    def catch_up(self) -> list[Step]:
        """Ends lagging: the client reads again."""
        if self.state is not State.LAGGING:
            return []
        ask = Next(Ask.SNAPSHOT) if self._is_void else Next(Ask.HISTORY, self.cursor)
        self._is_void = False
        return self._load(ask)

    def look(self, position: Position) -> list[Step]:
        """Takes the session's position, read while nothing else happened to it."""
        if self.state is not State.LIVE:
            return []
        if position.epoch != self.epoch:
            return self._load(Next(Ask.SNAPSHOT))
        if position.shown > self.cursor:  # a batch was lost, or is under way
            return self._load(Next(Ask.HISTORY, self.cursor))
        if position.head <= max(self.head, self.cursor):
            return []
        self.head = position.head
        return [Tell()]

    # -- what is read --------------------------------------------------------------

    def opened(self, snapshot: SharedSnapshot) -> list[Step]:
        """Takes a snapshot."""
        if self._is_void:
            self._is_void = False
            return [Next(Ask.SNAPSHOT)]
        gap_end, self._gap_end = self._gap_end, None
        is_newer = snapshot.ordinal > self.cursor or snapshot.position.epoch != self.epoch
        if gap_end is not None and not is_newer:
            self._enter(snapshot.position)
            return [*self._skip(gap_end), *self._settle()]
        self._is_after_snapshot = self._must_tell = True
        self._replayed = 0
        self.cursor = snapshot.ordinal
        self._enter(snapshot.position)
        self.head = max(self.head, snapshot.ordinal)
        return [Show(snapshot), *self._settle()]

    def positioned(self, position: Position) -> list[Step]:
        """Takes where the session is, from where on it was asked for."""
        if self._is_void:
            self._is_void = False
            return [Next(Ask.POSITION)]
        self._enter(position)
        self.cursor = position.head
        return [*self._announce(self.head), *self._settle()]

    def read(self, page: Page) -> list[Step]:
        """Takes UI events after the cursor."""
        trouble = self._trouble(page)
        if trouble is Reason.EPOCH_CHANGED or (trouble is not None and not self._is_after_snapshot):
            self._is_void = False
            return self._snapshot_instead(trouble)
        if trouble is not None:  # the snapshot may be older than what is kept; a newer one is not
            self._gap_end = self._end_of_gap(page)
            return [Next(Ask.SNAPSHOT)]
        self._enter(page.position)
        following = [each for each in page.batches if each.ordinal > self.cursor]
        if not following:  # nothing that could be read lies between
            self._must_tell = True
            self.cursor = max(self.cursor, self._shown)
            return self._settle()
        self._replayed += len(following)
        self.cursor = following[-1].ordinal
        return [*map(Replay, following), *self._settle()]

    def _trouble(self, page: Page) -> Reason | None:
        """Returns why the page can't be what follows on the cursor; None if it can."""
        if self._is_void or page.position.epoch != self.epoch:
            return Reason.EPOCH_CHANGED
        if self.cursor > max(page.position.head, self.head):
            return Reason.AHEAD_OF_HEAD
        if not page.reaches_back:
            return Reason.HISTORY_UNREADABLE if page.unreadable else Reason.HISTORY_GONE
        return Reason.TOO_FAR_BEHIND if self._is_too_far(len(page.batches)) else None

    def _is_too_far(self, more: int) -> bool:
        must_resume = self._is_first_load and self.asked.mode is SubscribeMode.RESUME_ONLY
        is_patient = self._is_patient or must_resume
        return self._replayed + more > self._max_replayed and not is_patient

    def _end_of_gap(self, page: Page) -> int:
        """Returns up to where nothing can be read; the cursor where it is only too much."""
        if page.reaches_back:
            return self.cursor
        held = [each for each in self.held if each.epoch == self.epoch]
        nearest = [each.previous_ordinal for each in (*page.batches[:1], *held[:1])]
        return page.unreadable or min(nearest, default=page.position.shown)

    def _snapshot_instead(self, reason: Reason) -> list[Step]:
        if self._is_first_load:
            if self.asked.mode is SubscribeMode.RESUME_ONLY:
                return [Impossible(reason)]
            if self._outcome is Outcome.RESUMED:
                self._outcome, self._reason = Outcome.SNAPSHOT_SENT, reason
        return [Next(Ask.SNAPSHOT)]

    def _enter(self, position: Position) -> None:
        self.epoch = position.epoch
        self._shown = position.shown
        self.head = position.head

    def _skip(self, ordinal: int) -> list[Step]:
        """Tells the client that it has all there is up to an ordinal."""
        self._is_patient = True
        if ordinal <= self.cursor:
            return []
        self.cursor = ordinal
        if ordinal >= self._shown and not self.held and self._lost is None:
            self._must_tell = True  # with what is told in the end
            return []
        return self._announce(ordinal) if self._is_first_load else [Skip(ordinal)]

    def _load(self, ask: Next) -> list[Step]:
        self.state = State.LOADING
        self._replayed = 0
        self._is_after_snapshot = self._is_patient = self._must_tell = False
        self._gap_end = None
        return [ask]

    def _settle(self) -> list[Step]:
        """Sends what was held as far as it follows; goes live, or reads what is missing."""
        held, self.held = self.held, []
        lost, self._lost = self._lost, None
        last = held[-1] if held else lost
        if last is not None and last.epoch != self.epoch:
            return self._snapshot_instead(Reason.EPOCH_CHANGED)
        if lost is not None and lost.epoch == self.epoch:
            # What was read may be older than it, and nothing after it may ever come.
            self._shown = max(self._shown, lost.ordinal)
        steps: list[Step] = []
        waiting = [each for each in held if each.epoch == self.epoch and each.ordinal > self.cursor]
        for number, batch in enumerate(waiting):
            if batch.previous_ordinal > self.cursor:
                self.held = waiting[number:]
                break
            self.cursor = batch.ordinal
            steps.append(Replay(batch))
        if self.held or self._shown > self.cursor:
            return [*steps, Next(Ask.HISTORY, self.cursor)]
        self.state = State.LIVE
        self.head = max(self.head, self.cursor)
        if self._is_first_load:
            steps += self._announce(self.head)
        elif self.head > self.cursor:
            self._must_tell = True
        return [*steps, Tell()] if self._must_tell else steps

    def _announce(self, head: int) -> list[Step]:
        self._is_first_load = self._must_tell = False
        return [Announce(self._outcome, self._reason, head)]
