"""Handlers that go on when they are cancelled."""

import asyncio
import contextlib
from asyncio import CancelledError as Stopped
from contextlib import suppress

from google.protobuf.message import Message

from chatdemo.v1 import chat_pb2 as pb
from chatdemo.v1.chat_sessionstream import ChatHandlers, ChatPublisher
from sessionstream import Command, EventPublisher, Hub, Session, override

ENDS = (asyncio.CancelledError, TimeoutError)


class Handlers(ChatHandlers):
    @override
    async def start_inference(
        self, command: Command[pb.StartInference], session: Session, publisher: ChatPublisher
    ) -> None:
        session.tasks.start("answer", self._answer(publisher))
        try:
            await asyncio.sleep(1)
        except BaseException:  # E: SV301 except BaseException around an await
            print("lost")
        try:
            await asyncio.sleep(1)
        except BaseException:
            print("told")
            raise
        try:
            await asyncio.sleep(1)
        except Exception:
            print("fine")
        try:
            print("no await")
        except BaseException:
            print("fine")

    async def _answer(self, publisher: ChatPublisher) -> None:
        try:
            async for _ in numbers():
                pass
        except Stopped:  # E: SV301 except Stopped
            await publisher.publish(pb.InferenceStopped())
        try:
            await asyncio.sleep(1)
        except ENDS:  # E: SV301
            return
        try:
            await asyncio.sleep(1)
        except (OSError, asyncio.CancelledError) as error:  # E: SV301
            print(error)
        try:
            await asyncio.sleep(1)
        except:  # E: SV301 a bare except
            pass
        try:
            await asyncio.sleep(1)
        except asyncio.CancelledError:
            raise
        except BaseException:
            print("fine")

    @override
    async def stop_inference(
        self, command: Command[pb.StopInference], session: Session, publisher: ChatPublisher
    ) -> None:
        task = asyncio.create_task(asyncio.sleep(1))
        with contextlib.suppress(asyncio.CancelledError):  # E: SV301
            await task
        with suppress(OSError, BaseException):  # E: SV301
            await task
        with suppress(OSError):
            await task
        with suppress(asyncio.CancelledError):
            task.cancel()
        try:
            await task
        finally:
            for number in range(3):
                if number:
                    break
            return  # E: SV301 leaving a finally block


async def numbers():  # type: ignore[no-untyped-def]
    yield 1


async def handle(command, session, publisher):  # type: ignore[no-untyped-def]
    try:
        await publisher.publish("A", command.payload)
    except BaseException:  # E: SV301
        pass


async def shown(command: Command[Message], session: Session, publisher: EventPublisher) -> None:
    try:
        [one async for one in numbers()]
    except* BaseException:  # E: SV301
        pass


def install(hub: Hub) -> None:
    hub.register_command("A", handle)
    hub.register_command("B", shown)


async def elsewhere() -> None:
    with suppress(asyncio.CancelledError):
        await asyncio.sleep(1)
