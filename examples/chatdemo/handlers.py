"""What the chat does with its commands."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterable
from functools import partial
from itertools import chain, repeat
from typing import final
from uuid import uuid4

from chatdemo.engine import AnsweringEngine, EngineError
from chatdemo.v1 import chat_pb2 as pb
from chatdemo.v1.chat_sessionstream import ChatHandlers, ChatPublisher
from sessionstream import Command, CommandRefusedError, Session, StoreError, override

logger = logging.getLogger("chatdemo")

MAX_PROMPT_LENGTH = 4000

# A session has one task of this name: starting it again ends the one before.
INFERENCE = "inference"

_MESSAGE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@final
class Handlers(ChatHandlers):
    """Answers prompts with an engine; an answer outlives the command that began it.

    While the store fails, the end of an answer is tried again after each of the
    ``pauses``, in seconds; after the last it is given up.
    """

    def __init__(self, engine: AnsweringEngine, pauses: Iterable[float] = repeat(1.0)) -> None:
        self._engine = engine
        self._pauses = pauses
        self._answers: dict[str, str] = {}  # session id -> the answer being written there
        self._why_cancelled = pb.STOP_REASON_REQUESTED

    def shut_down(self) -> None:
        """From now on an answer that is cancelled was interrupted: nobody asked for it."""
        self._why_cancelled = pb.STOP_REASON_INTERRUPTED

    @override
    async def start_inference(
        self, command: Command[pb.StartInference], session: Session, publisher: ChatPublisher
    ) -> None:
        """Takes the message in and starts the answer; one that is running is stopped.

        Raises:
            CommandRefusedError: The prompt is empty or too long, or the id is none;
                nothing has changed.
        """
        prompt = checked_prompt(command.payload.prompt)
        message_id = _checked_id(command.payload.message_id or uuid4().hex)
        await publisher.publish(pb.UserMessageAccepted(message_id=message_id, text=prompt))
        answer_id = uuid4().hex
        session.tasks.start(INFERENCE, self._run(session, answer_id, prompt, publisher))
        self._answers[session.id] = answer_id

    @override
    async def stop_inference(
        self, command: Command[pb.StopInference], session: Session, publisher: ChatPublisher
    ) -> None:
        """Stops the answer, if it is the one that is meant; its task records that."""
        meant = command.payload.message_id
        if meant in ("", self._answers.get(session.id)):
            session.tasks.cancel(INFERENCE)

    async def _run(
        self, session: Session, message_id: str, prompt: str, publisher: ChatPublisher
    ) -> None:
        try:
            await self._answer(message_id, prompt, publisher)
        finally:
            if self._answers.get(session.id) == message_id:  # else the next one has begun
                del self._answers[session.id]

    async def _answer(self, message_id: str, prompt: str, publisher: ChatPublisher) -> None:
        doing = f"The {self._engine.name} engine reads {len(prompt)} characters."
        stopped = partial(pb.InferenceStopped, message_id=message_id)
        failed = partial(stopped, reason=pb.STOP_REASON_FAILED)
        try:
            await publisher.publish(pb.InferenceStarted(message_id=message_id))
            await publisher.publish(pb.InferenceTrace(message_id=message_id, detail=doing))
            async for chunk in self._engine.answer(prompt):
                await publisher.publish(pb.TokensDelta(message_id=message_id, chunk=chunk))
            await publisher.publish(pb.InferenceFinished(message_id=message_id))
        except asyncio.CancelledError:
            await self._end(publisher, stopped(reason=self._why_cancelled))
            raise
        except EngineError as error:
            await self._end(publisher, failed(detail=str(error)))
        except StoreError as error:
            logger.warning("answer %s can't go on: %s", message_id, error)
            await self._end(publisher, failed(detail="The store failed during the answer."))
        except Exception:  # the answer must end, whatever broke
            await self._end(publisher, failed(detail="The engine broke."))
            raise  # the Hub records what it was

    async def _end(self, publisher: ChatPublisher, end: pb.InferenceStopped) -> None:
        """Records why an answer ended. A stop in the meantime is too late; it ends a pause."""
        try:
            await self._record(publisher, end)
        except asyncio.CancelledError:
            await self._record(publisher, end)
            raise

    async def _record(self, publisher: ChatPublisher, end: pb.InferenceStopped) -> None:
        for attempt, seconds in enumerate(chain(self._pauses, (0.0,))):
            try:
                await publisher.publish(end)
            except StoreError as error:
                if attempt == 0:
                    logger.warning("the end of answer %s must wait: %s", end.message_id, error)
            else:
                return
            if self._why_cancelled == pb.STOP_REASON_INTERRUPTED:
                return  # the next start will record it
            await asyncio.sleep(seconds)


def checked_prompt(prompt: str) -> str:
    """Returns the prompt without outer white space.

    Raises:
        CommandRefusedError: Nothing is left of it, or too much. The text is a
            sentence for the person who wrote it.
    """
    prompt = prompt.strip()
    if not prompt:
        raise CommandRefusedError("bad_prompt", "The prompt is empty.")
    if len(prompt) > MAX_PROMPT_LENGTH:
        raise CommandRefusedError(
            "bad_prompt",
            f"The prompt has {len(prompt)} characters; {MAX_PROMPT_LENGTH} is the limit.",
        )
    return prompt


def _checked_id(message_id: str) -> str:
    if _MESSAGE_ID.fullmatch(message_id):
        return message_id
    raise CommandRefusedError(
        "bad_message_id", "A message's id has 1 to 64 letters, digits, hyphens and underscores."
    )
