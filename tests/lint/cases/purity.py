"""Projections that would give something else the next time."""

import datetime as dt
import os
import random
import secrets
import sqlite3
import time
import uuid
from collections.abc import Iterable
from pathlib import Path
from random import choice
from time import time as now

import requests

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from chatdemo.v1 import chat_pb2 as pb
from chatdemo.v1.chat_sessionstream import (
    ChatEntities,
    ChatEntity,
    ChatTimelineProjectionPartial,
    ChatTimelineView,
    ChatUI,
    ChatUIEvent,
    ChatUIProjectionPartial,
)
from sessionstream import (
    Event,
    Hub,
    SchemaRegistry,
    Session,
    TimelineEntity,
    TimelineView,
    UIEvent,
    override,
)

clock = now


class Live(ChatUIProjectionPartial):
    @override
    def tokens_delta(
        self, event: Event[pb.TokensDelta], session: Session, view: ChatTimelineView
    ) -> Iterable[ChatUIEvent]:
        print("delta")  # E: SV201 the projection tokens_delta does input or output by print(…)
        time.time()  # E: SV201 the projection tokens_delta reads the clock by time.time(…)
        now()  # E: SV201
        clock()  # E: SV201
        dt.datetime.now(dt.UTC)  # E: SV201
        dt.date.today()  # E: SV201
        dt.datetime(2020, 1, 1)
        time.gmtime()  # E: SV201
        time.gmtime(event.ordinal)
        Timestamp().GetCurrentTime()  # E: SV201
        Timestamp().ToDatetime()
        return self._chunk(event.payload)

    def _chunk(self, delta: pb.TokensDelta) -> Iterable[ChatUIEvent]:
        marked = f"{delta.chunk}{uuid.uuid4()}"  # E: SV201 the projection tokens_delta, through _chunk, takes a random value
        yield ChatUI.chat_message_appended(pb.ChatMessageUpdate(chunk=marked))

    def unused(self) -> float:
        return time.time()


class Stored(ChatTimelineProjectionPartial):
    def tokens_delta(self, event, session, view):  # type: ignore[no-untyped-def]
        yield from sorted([], key=lambda one: random.random())  # E: SV201

    @override
    def inference_started(
        self, event: Event[pb.InferenceStarted], session: Session, view: ChatTimelineView
    ) -> Iterable[ChatEntity]:
        requests.get("http://localhost")  # E: SV201
        choice([1, 2])  # E: SV201
        secrets.token_hex()  # E: SV201
        os.environ["HOME"]  # E: SV201
        os.environ.get("HOME")  # E: SV201
        os.getenv("HOME")  # E: SV201
        Path("a").exists()  # E: SV201
        Path("a").with_suffix(".b")
        os.path.join("a", "b")
        generator = random.Random(event.ordinal)
        generator.random()
        random.Random(3).choice([1, 2])
        time.strftime("%Y")  # E: SV201
        time.strftime("%Y", time.gmtime(0))
        hash("a")  # E: SV201
        if not random.Random(event.ordinal):
            raise requests.HTTPError("no") from sqlite3.Error("no")
        time.sleep(1)  # E: SV201 the projection inference_started blocks
        with open("a") as file:  # E: SV201
            text = file.read()
        yield ChatEntities.chat_message(pb.ChatMessage(text=text, detail=_label()))
        list(map(_stamped, ["a"]))


def _label() -> str:
    return str(random.Random().randint(1, 2))  # E: SV201


def _stamped(text: str) -> str:
    return f"{text}{now()}"  # E: SV201


def plain(event: Event[Message], session: Session, view: TimelineView) -> list[UIEvent[Message]]:
    time.monotonic()  # E: SV201 the projection plain
    return []


class Projection:
    def project(self, event, session, view):  # type: ignore[no-untyped-def]
        return [time.time()]  # E: SV201


def bare(event, session, view):  # type: ignore[no-untyped-def]
    return [time.time()]  # E: SV201


def install(hub: Hub, registry: SchemaRegistry) -> None:
    def inner(
        event: Event[Message], session: Session, view: TimelineView
    ) -> list[TimelineEntity[Message]]:
        os.urandom(3)  # E: SV201
        return []

    hub.register_ui_projection(lambda event, session, view: [print(event)] and [])  # E: SV201
    hub.register_timeline_projection(inner)
    hub.register_timeline_projection(bare)
    hub.register_ui_projection(Projection())
    registry.register_upcaster("A", pb.StopInference, pb.StartInference, upcast)


def upcast(old: pb.StopInference) -> pb.StartInference:
    return pb.StartInference(prompt=str(now()))  # E: SV201 the projection upcast


def elsewhere() -> float:
    return time.time()
