"""What a session is about to gain: events and what the projections made of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from google.protobuf.message import Message

from sessionstream.causes import Cause
from sessionstream.hydration.base import CommandRecord, Passed
from sessionstream.observer import ErrorRecord
from sessionstream.timeline import Key, TimelineDraft
from sessionstream.types import Event, Session, UIBatch, UIEvent
from sessionstream.work import Outcome, Recorded, Recording, Work


@dataclass(slots=True)
class Output:
    """The UI events of one event."""

    event: Event[Message]
    batch: UIBatch


@dataclass(slots=True)
class Draft:
    """What one transaction is about to add to a session; thrown away if the commit fails."""

    session: Session
    # The ordinal of the last event below the draft.
    base: int
    timeline: TimelineDraft
    ui_cursor: int
    epoch: str = ""
    # The ordinal of the last event that had UI events, drafted ones included.
    shown: int = 0
    # The timeline at `ui_cursor`, while the UI projection is held back; None where it has to be
    # replayed, after a restart or because the timeline was held back too.
    ui_timeline: TimelineDraft | None = None
    # Whether the entities are stored with the events, or may wait for a later commit.
    write_entities: bool = False
    replace_timeline: bool = False
    # See `LaneState.outdated`.
    outdated: bool = False
    # What the timeline was made with, where it was folded anew.
    projections: tuple[str, ...] | None = None
    events: list[Event[Message]] = field(default_factory=list)
    outputs: list[Output] = field(default_factory=list)
    errors: list[ErrorRecord] = field(default_factory=list)
    commands: list[CommandRecord] = field(default_factory=list)
    # What a projection that was behind has run through by now.
    passed: list[Passed] = field(default_factory=list)
    # Whether there is a commit of it; there may be nothing to store.
    stored: bool = False
    # The entities that each event changed; kept only while somebody observes.
    touched: dict[int, tuple[Key, ...]] | None = None
    # Where events came from, by their `id`, and when the transaction began, by `time.monotonic`;
    # likewise.
    causes: dict[int, Cause] = field(default_factory=dict)
    sealed_at: float | None = None
    # What was asked for, with what it came to; told once the draft is committed.
    answers: list[tuple[Work, Outcome]] = field(default_factory=list)

    @property
    def head(self) -> int:
        """The ordinal of the last event, drafted ones included."""
        return self.base + len(self.events)

    def show(self, event: Event[Message], ui_events: tuple[UIEvent[Message], ...]) -> None:
        """Adds the UI events of an event, if there are any."""
        if not ui_events:
            return
        batch = UIBatch(
            session_id=event.session_id,
            epoch=self.epoch,
            ordinal=event.ordinal,
            previous_ordinal=self.shown,
            events=ui_events,
        )
        self.outputs.append(Output(event, batch))
        self.shown = event.ordinal or self.shown

    def record(self, work: Recording) -> Recorded | int:
        """Adds a command's record, if it is to be stored here."""
        if work.expected not in (None, self.head):
            return self.head
        record = replace(work.record, ordinal=self.head)
        if work.epoch in ("", self.epoch):
            self.commands.append(record)
        return Recorded(record, self.epoch)

    @property
    def in_step(self) -> bool:
        """Whether both projections have seen every event, and the timeline is what they make."""
        head = self.base + len(self.events)
        return self.ui_cursor == head == self.timeline.ordinal and not self.outdated
