"""A store in one SQLite file, owned by one process."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Generator
from functools import partial
from types import TracebackType
from typing import TypeVar

from google.protobuf.message import Message

from sessionstream.errors import StoreClosedError, StoreError
from sessionstream.hydration.base import CommitBatch, Cursors, HydrationStore
from sessionstream.hydration.batch import MAX_ORDINAL, check_batch, check_page
from sessionstream.hydration.sqlite_connection import (
    Durability,
    SQLiteFile,
    SQLiteSettings,
    to_the_end,
)
from sessionstream.hydration.sqlite_rows import EntityRow, ErrorRow, EventRow, RowDecoder, encode
from sessionstream.hydration.sqlite_write import clear_timeline, delete_session, write_batch
from sessionstream.observer import ErrorRecord
from sessionstream.schema import SchemaRegistry
from sessionstream.types import Event, TimelineEntity, check_session_id

R = TypeVar("R")
