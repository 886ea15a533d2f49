"""Payloads that are changed after they were published."""

import asyncio
from collections.abc import AsyncIterator

from chatdemo.v1 import chat_pb2 as pb
from chatdemo.v1.chat_sessionstream import ChatHandlers, ChatPublisher
from sessionstream import Command, EventPublisher, Hub, Session, override


class Handlers(ChatHandlers):
    _last = pb.TokensDelta()

    @override
    async def start_inference(
        self, command: Command[pb.StartInference], session: Session, publisher: ChatPublisher
    ) -> None:
        started = pb.InferenceStarted()
        started.message_id = "a"
        await publisher.publish(started)
        started.message_id = "b"  # E: SV303 started is changed after it was published
        await publisher.tokens_delta(self._last)
        self._last.chunk += "b"  # E: SV303 self._last
        self._last = pb.TokensDelta()
        self._last.chunk = "c"

    @override
    async def stop_inference(
        self, command: Command[pb.StopInference], session: Session, publisher: ChatPublisher
    ) -> None:
        one, other = pb.TokensDelta(), pb.TokensDelta()
        await publisher.publish_all([one, other])
        other.CopyFrom(one)  # E: SV303
        one.ClearField("chunk")  # E: SV303
        setattr(one, "chunk", "a")  # E: SV303
        del one.chunk  # E: SV303


async def in_a_task(publisher: EventPublisher) -> None:
    payload = pb.ChatMessageUpdate()
    task = asyncio.create_task(publisher.publish("A", payload))
    payload.message.text = "a"  # E: SV303
    await task


async def by_the_hub(hub: Hub) -> None:
    payload = pb.TokensDelta()
    await hub.publish("s", "A", payload=payload)
    payload.Clear()  # E: SV303


async def in_branches(publisher: ChatPublisher, known: bool) -> None:
    payload = pb.TokensDelta()
    if known:
        await publisher.publish(payload)
        return
    payload.chunk = "a"
    if payload.chunk:
        await publisher.publish(payload)
    else:
        payload.chunk = "b"
    payload.chunk = "c"
    try:
        await publisher.publish(payload)
    except OSError:
        payload.chunk = "d"  # E: SV303
    finally:
        payload.chunk = "e"  # E: SV303


async def that_end(publisher: ChatPublisher, known: bool) -> None:
    payload, other = pb.TokensDelta(), pb.TokensDelta()
    if known:
        await publisher.publish(payload)
        return
    payload.chunk = "a"
    try:
        await publisher.publish(other)
    except OSError:
        other.chunk = "b"  # E: SV303
        raise


async def used_again(publisher: ChatPublisher, chunks: AsyncIterator[str]) -> None:
    payload = pb.TokensDelta()
    async for chunk in chunks:
        payload.chunk = chunk
        await publisher.publish(payload)
    payload = pb.TokensDelta()
    payload.chunk = "a"
    await publisher.publish(payload)
    payload.chunk = "b"
    if payload.chunk:
        await publisher.publish(payload)


async def in_a_loop(publisher: ChatPublisher, chunks: list[str]) -> None:
    payload, empty = pb.TokensDelta(), pb.TokensDelta()
    for chunk in chunks:
        if not chunk:
            await publisher.publish(empty)
            continue
        empty.chunk = chunk
        await publisher.publish(payload)
        if chunk == "a":
            break
    payload.chunk = "a"  # E: SV303
    while True:
        fresh = pb.TokensDelta(chunk="a")
        fresh.chunk = "b"
        await publisher.publish(fresh)


async def other_messages(publisher: ChatPublisher) -> None:
    payload, noted = pb.TokensDelta(), list[str]()
    await publisher.publish(payload)
    noted.append(payload.chunk)
    payload.SerializeToString()
    payload_2 = pb.TokensDelta()
    payload_2.chunk = "a"
