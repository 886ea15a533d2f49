"""An observer that records."""

from __future__ import annotations

from sessionstream.observer import DeliveryRecord, ErrorRecord, PipelineRecord, Record


class RecordingObserver:
    """An `Observer` that keeps every record.

    Records are complete after ``await hub.aclose()`` or ``await hub.observers.flush()``.
    """

    def __init__(self) -> None:
        self.records: list[Record] = []

    def __call__(self, record: Record) -> None:
        """Keeps the record."""
        self.records.append(record)

    @property
    def pipeline(self) -> list[PipelineRecord]:
        """The records of commands and events."""
        return [record for record in self.records if isinstance(record, PipelineRecord)]

    @property
    def deliveries(self) -> list[DeliveryRecord]:
        """The records of fan-outs."""
        return [record for record in self.records if isinstance(record, DeliveryRecord)]

    @property
    def errors(self) -> list[ErrorRecord]:
        """The records of errors."""
        return [record for record in self.records if isinstance(record, ErrorRecord)]
