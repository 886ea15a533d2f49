"""What is published: the events of chats, each with the entity that it leaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice

from chatdemo.v1 import chat_pb2 as pb
from chatdemo.v1 import chat_sessionstream as chat
from google.protobuf.message import Message

QUESTION = "What is in the box that came this morning, and who has sent it?"
CHUNK = "twenty bytes of text"
CHUNKS_PER_ANSWER = 20


@dataclass(frozen=True, slots=True)
class Step:
    """An event, and the message of the chat as it stands after it."""

    name: str
    payload: Message
    message: pb.ChatMessage


def question(number: int) -> Step:
    """A person's message; one of the same number replaces it."""
    message_id = f"question-{number:023d}"
    return Step(
        chat.USER_MESSAGE_ACCEPTED.name,
        pb.UserMessageAccepted(message_id=message_id, text=QUESTION),
        pb.ChatMessage(
            message_id=message_id,
            role=pb.CHAT_ROLE_USER,
            text=QUESTION,
            status=pb.CHAT_STATUS_COMPLETE,
        ),
    )


def answer(number: int, chunks: int) -> Iterator[Step]:
    """An answer: its beginning, its chunks, its end."""
    message_id = f"answer-{number:025d}"
    message = pb.ChatMessage(
        message_id=message_id, role=pb.CHAT_ROLE_ASSISTANT, status=pb.CHAT_STATUS_STREAMING
    )
    yield _step(chat.INFERENCE_STARTED.name, pb.InferenceStarted(message_id=message_id), message)
    for _ in range(chunks):
        message.text += CHUNK
        delta = pb.TokensDelta(message_id=message_id, chunk=CHUNK)
        yield _step(chat.TOKENS_DELTA.name, delta, message)
    message.status = pb.CHAT_STATUS_COMPLETE
    yield _step(chat.INFERENCE_FINISHED.name, pb.InferenceFinished(message_id=message_id), message)


def conversation(events: int) -> list[Step]:
    """Returns the first so many events of a chat that goes on for ever."""

    def turns() -> Iterator[Step]:
        number = 0
        while True:
            yield from chain([question(number)], answer(number, CHUNKS_PER_ANSWER))
            number += 1

    return list(islice(turns(), events))


def _step(name: str, payload: Message, message: pb.ChatMessage) -> Step:
    copy = pb.ChatMessage()
    copy.CopyFrom(message)
    return Step(name, payload, copy)
