"""Spans of what the runtime does, for OpenTelemetry; needs the extra ``opentelemetry``.

| span | kind | parent | from, to |
|---|---|---|---|
| `process COMMAND` | consumer | the span in which it was submitted | until its handler ends |
| `publish EVENT` | producer | its command, or a span around it there | until its commit ends |
| `commit` | internal | the event | its transaction, which may carry other events |
| `deliver FANOUT` | internal | the event | from the commit until the fan-out has taken it |
| `SOURCE error` | internal | the event | when a projection or a fan-out failed on it |

The application's own spans inside a handler are children of the span in which the
command was submitted, as that of the command is: it is made from records, after
the fact. Spans have no payloads, no texts of errors and, unless asked for, no
ids of sessions.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from sessionstream.exporters.attributes import (
    FANOUT,
    Attributes,
    of_command,
    of_error,
    of_event,
    of_its_end,
)
from sessionstream.exporters.outcomes import Outcome, outcome_of
from sessionstream.observer import (
    DeliveryRecord,
    ErrorRecord,
    PipelineRecord,
    PipelineStage,
    Record,
)

try:
    from opentelemetry import trace
    from opentelemetry.context import Context, get_current
except ImportError as error:  # pragma: no cover
    raise ImportError(
        "sessionstream.exporters.opentelemetry needs opentelemetry-api: "
        "pip install 'sessionstream[opentelemetry]'"
    ) from error

# How many commands, and how many events, are remembered for what follows from them.
MAX_REMEMBERED: Final = 8192

K = TypeVar("K")
V = TypeVar("V")


def record_context() -> object:
    """Returns the caller's OpenTelemetry context; give it to ``Hub(record_context=…)``.

    With it a command is a child of the span in which it was submitted: that of
    an HTTP request, or of the WebSocket on which its frame came.
    """
    return get_current()


class OpenTelemetryExporter:
    """An `Observer` that makes spans; one may serve several Hubs.

    Give it and `record_context` to the Hub. What is exported, and how much of
    it, is decided by the provider, as it is for all spans of the application::

        exporter = OpenTelemetryExporter()
        Hub(registry, observers=[exporter], record_context=record_context)

    Where records were dropped, spans are missing; one of a command whose end
    was dropped ends when it is forgotten, without an outcome.

    Args:
        tracer_provider: Makes the tracer; the global one if not given.
        session_ids: Whether spans name their session, as
            ``messaging.message.conversation_id``.
        without: Names of events that get no spans, such as each token of an answer.
    """

    def __init__(
        self,
        tracer_provider: trace.TracerProvider | None = None,
        *,
        session_ids: bool = False,
        without: Collection[str] = (),
    ) -> None:
        self._tracer = trace.get_tracer("sessionstream", tracer_provider=tracer_provider)
        self._session_ids = session_ids
        self._without = frozenset(without)
        # Guard: the lock. By the number of a run; by the session and the ordinal of an event.
        self._lock = threading.Lock()
        self._commands = _Remembered[int, _Command](MAX_REMEMBERED)
        self._events = _Remembered[tuple[str, int], Context](MAX_REMEMBERED)

    def __call__(self, record: Record) -> None:
        """Takes a record; may be called on several threads."""
        with self._lock:
            match record:
                case PipelineRecord(stage=PipelineStage.COMMAND_STARTED):
                    self._command(record)
                case PipelineRecord() if (outcome := outcome_of(record)) is not None:
                    self._end(record, outcome)
                case PipelineRecord() if record.name not in self._without:
                    self._event(record)
                case DeliveryRecord():
                    self._delivery(record)
                case ErrorRecord():
                    self._error(record)
                case _:
                    pass

    def _command(self, record: PipelineRecord) -> _Command:
        span = self._tracer.start_span(
            f"process {record.name}",
            context=self._parent(record, record.parent_run),
            kind=trace.SpanKind.CONSUMER,
            attributes=of_command(record, session_ids=self._session_ids),
            start_time=_nanoseconds(_begin(record)),
        )
        command = _Command(span, _asked_in(record).span_id)
        forgotten = self._commands.put(record.run, command)
        if forgotten is not None and forgotten.span.is_recording():
            forgotten.span.end()
        return command

    def _end(self, record: PipelineRecord, outcome: Outcome) -> None:
        span = (self._commands.get(record.run) or self._command(record)).span
        span.set_attributes(of_its_end(record))
        if outcome is Outcome.FAILED:
            span.set_status(trace.StatusCode.ERROR)
        span.end(_nanoseconds(record.occurred_at))

    def _event(self, record: PipelineRecord) -> None:
        parent = self._parent(record, record.run)
        span = self._tracer.start_span(
            f"publish {record.name}",
            context=parent,
            kind=trace.SpanKind.PRODUCER,
            attributes=of_event(record, session_ids=self._session_ids),
            start_time=_nanoseconds(_begin(record)),
        )
        if not span.is_recording():  # not sampled, and so is nothing that follows from it
            return
        inside = trace.set_span_in_context(span, parent)
        if record.commit_began_at is not None:
            self._child(inside, "commit", record.commit_began_at, record.occurred_at)
        span.end(_nanoseconds(record.occurred_at))
        if record.ordinal:
            self._events.put((record.session_id, record.ordinal), inside)

    def _delivery(self, record: DeliveryRecord) -> None:
        event = self._events.get((record.session_id, record.ordinal))
        if event is not None:
            name, attributes = f"deliver {record.fanout}", Attributes({FANOUT: record.fanout})
            self._child(event, name, record.began_at, record.occurred_at, attributes)

    def _error(self, record: ErrorRecord) -> None:
        event = self._events.get((record.session_id, record.ordinal))
        if event is not None:
            name, at = f"{record.source.value} error", record.occurred_at
            self._child(event, name, at, at, of_error(record), trace.StatusCode.ERROR)

    def _child(
        self,
        parent: Context,
        name: str,
        begin: float,
        end: float,
        attributes: Attributes | None = None,
        status: trace.StatusCode = trace.StatusCode.UNSET,
    ) -> None:
        span = self._tracer.start_span(
            name, context=parent, attributes=attributes, start_time=_nanoseconds(begin)
        )
        span.set_status(status)
        span.end(_nanoseconds(end))

    def _parent(self, record: PipelineRecord, run: int) -> Context:
        """Returns the innermost of the command that it belongs to and the application's spans."""
        around = record.context if isinstance(record.context, Context) else Context()
        command = self._commands.get(run)
        if command is None or _asked_in(record).span_id != command.asked_in:
            return around
        return trace.set_span_in_context(command.span, around)


@dataclass(frozen=True, slots=True)
class _Command:
    """A command's span, and the id of the one in which the command was submitted."""

    span: trace.Span
    asked_in: int


class _Remembered(Generic[K, V]):
    """The values that were used last."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._values: OrderedDict[K, V] = OrderedDict()

    def put(self, key: K, value: V) -> V | None:
        """Keeps a value; returns the one that is forgotten for it."""
        self._values[key] = value
        return self._values.popitem(last=False)[1] if len(self._values) > self._limit else None

    def get(self, key: K) -> V | None:
        """Returns a value, which is then the last to be forgotten."""
        if key not in self._values:
            return None
        self._values.move_to_end(key)
        return self._values[key]


def _asked_in(record: PipelineRecord) -> trace.SpanContext:
    """The span around the submission or the publishing; an invalid one where there was none."""
    around = record.context if isinstance(record.context, Context) else Context()
    return trace.get_current_span(around).get_span_context()


def _begin(record: PipelineRecord) -> float:
    return record.occurred_at if record.began_at is None else record.began_at


def _nanoseconds(seconds: float) -> int:
    return int(seconds * 1e9)
