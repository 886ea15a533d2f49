"""Scenarios of tests whose payloads have another role, or belong to another module."""

from __future__ import annotations

from everything.v1 import chat_pb2 as pb
from everything.v1 import chat_sessionstream as chat
from imports.shared.v1 import common_pb2 as shared_pb2
from imports.shared.v1 import common_sessionstream as shared

from sessionstream.testing import Scenario, ScriptedClient

ChatScenario = Scenario[chat.ChatCommand, chat.ChatEvent, chat.ChatUIEvent, chat.ChatEntity]
Turned = Scenario[chat.ChatCommand, chat.ChatEvent, chat.ChatEntity, chat.ChatUIEvent]
# E: Value of type variable "U" of "Scenario" cannot be "TimelineEntity[ChatMessage] |
#    TimelineEntity[Usage]"  [type-var]
# E: Value of type variable "T" of "Scenario" cannot be "Typing | ChatMessageRemoved |
#    ChatMessageStarted | ChatMessageAppended"  [type-var]
# E: Type argument "TimelineEntity[ChatMessage] | TimelineEntity[Usage]" of "Scenario" must be a
#    subtype of "UIEvent[Message]"  [type-var]
# E: Type argument "Typing | ChatMessageRemoved | ChatMessageStarted | ChatMessageAppended" of
#    "Scenario" must be a subtype of "TimelineEntity[Message]"  [type-var]
# P: Type "ChatEntity" cannot be assigned to type variable "U@Scenario"
#    [reportInvalidTypeArguments]
# P: Type "ChatUIEvent" cannot be assigned to type variable "T@Scenario"
#    [reportInvalidTypeArguments]


async def happens(scenario: ChatScenario) -> None:
    await scenario.given(pb.StartInference())
    # E: Argument 1 to "given" of "Steps" has incompatible type "StartInference"; expected
    #    "InferenceStarted | TokensDelta | Typing | MessageRemoved"  [arg-type]
    # P: Argument of type "StartInference" cannot be assigned to parameter "events" of type
    #    "ChatEvent" in function "given"  [reportArgumentType]
    await scenario.given(shared_pb2.Joined())
    # E: Argument 1 to "given" of "Steps" has incompatible type "Joined"; expected "InferenceStarted
    #    | TokensDelta | Typing | MessageRemoved"  [arg-type]
    # P: Argument of type "Joined" cannot be assigned to parameter "events" of type "ChatEvent" in
    #    function "given"  [reportArgumentType]
    await scenario.when(pb.ChatMessageUpdate())
    # E: Argument 1 to "when" of "Steps" has incompatible type "ChatMessageUpdate"; expected
    #    "StartInference | StopInference | InferenceStarted | TokensDelta | Typing | MessageRemoved"
    #    [arg-type]
    # P: Argument of type "ChatMessageUpdate" cannot be assigned to parameter "payload" of type
    #    "ChatCommand | ChatEvent" in function "when"  [reportArgumentType]
    await scenario.when(shared_pb2.Joined())
    # E: Argument 1 to "when" of "Steps" has incompatible type "Joined"; expected "StartInference |
    #    StopInference | InferenceStarted | TokensDelta | Typing | MessageRemoved"  [arg-type]
    # P: Argument of type "Joined" cannot be assigned to parameter "payload" of type "ChatCommand |
    #    ChatEvent" in function "when"  [reportArgumentType]
    await scenario.when(chat.ChatUI.typing(pb.Typing()))
    # E: Argument 1 to "when" of "Steps" has incompatible type
    #    "everything.v1.chat_sessionstream.Typing"; expected "StartInference | StopInference |
    #    InferenceStarted | TokensDelta | everything.v1.chat_pb2.Typing | MessageRemoved"
    #    [arg-type]
    # P: Argument of type "Typing" cannot be assigned to parameter "payload" of type "ChatCommand |
    #    ChatEvent" in function "when"  [reportArgumentType]
    scenario.when(pb.Typing())
    # E: Value of type "Coroutine[Any, Any, None]" must be used  [unused-coroutine]
    # P: Result of async function call is not used; use "await" or assign result to variable
    #    [reportUnusedCoroutine]


async def should_come(scenario: ChatScenario) -> None:
    await scenario.then_published(pb.StopInference())
    # E: Argument 1 to "then_published" of "Steps" has incompatible type "StopInference"; expected
    #    "InferenceStarted | TokensDelta | Typing | MessageRemoved"  [arg-type]
    # P: Argument of type "StopInference" cannot be assigned to parameter "events" of type
    #    "ChatEvent" in function "then_published"  [reportArgumentType]
    await scenario.then_shown(pb.ChatMessageUpdate())
    # E: Argument 1 to "then_shown" of "Steps" has incompatible type "ChatMessageUpdate"; expected
    #    "Typing | ChatMessageRemoved | ChatMessageStarted | ChatMessageAppended"  [arg-type]
    # P: Argument of type "ChatMessageUpdate" cannot be assigned to parameter "ui_events" of type
    #    "ChatUIEvent" in function "then_shown"  [reportArgumentType]
    await scenario.then_shown(shared.PersonJoined(shared_pb2.Joined()))
    # E: Argument 1 to "then_shown" of "Steps" has incompatible type "PersonJoined"; expected
    #    "Typing | ChatMessageRemoved | ChatMessageStarted | ChatMessageAppended"  [arg-type]
    # P: Argument of type "PersonJoined" cannot be assigned to parameter "ui_events" of type
    #    "ChatUIEvent" in function "then_shown"  [reportArgumentType]
    await scenario.until_shown(chat.ChatEntities.usage(pb.Usage(day=1)))
    # E: Argument 1 to "until_shown" of "Steps" has incompatible type "TimelineEntity[Usage]";
    #    expected "Typing | ChatMessageRemoved | ChatMessageStarted | ChatMessageAppended"
    #    [arg-type]
    # P: Argument of type "TimelineEntity[Usage]" cannot be assigned to parameter "expected" of type
    #    "ChatUIEvent" in function "until_shown"  [reportArgumentType]
    await scenario.then_timeline(pb.Usage(day=1))
    # E: Argument 1 to "then_timeline" of "Steps" has incompatible type "Usage"; expected
    #    "TimelineEntity[ChatMessage] | TimelineEntity[Usage]"  [arg-type]
    # P: Argument of type "Usage" cannot be assigned to parameter "entities" of type "ChatEntity" in
    #    function "then_timeline"  [reportArgumentType]
    await scenario.then_timeline(shared.CommonEntities.person(shared_pb2.Person(person_id="p-1")))
    # E: Argument 1 to "then_timeline" of "Steps" has incompatible type "TimelineEntity[Person]";
    #    expected "TimelineEntity[ChatMessage] | TimelineEntity[Usage]"  [arg-type]
    # P: Argument of type "TimelineEntity[Person]" cannot be assigned to parameter "entities" of
    #    type "ChatEntity" in function "then_timeline"  [reportArgumentType]
    await scenario.then_changed(chat.ChatUI.typing(pb.Typing()))
    # E: Argument 1 to "then_changed" of "Steps" has incompatible type "Typing"; expected
    #    "TimelineEntity[ChatMessage] | TimelineEntity[Usage]"  [arg-type]
    # P: Argument of type "Typing" cannot be assigned to parameter "entities" of type "ChatEntity"
    #    in function "then_changed"  [reportArgumentType]
    scenario.then_shown()
    # E: Value of type "Coroutine[Any, Any, None]" must be used  [unused-coroutine]
    # P: Result of async function call is not used; use "await" or assign result to variable
    #    [reportUnusedCoroutine]


async def connects(page: ScriptedClient[chat.ChatUIEvent, chat.ChatEntity]) -> str:
    await page.expect_shown(pb.Typing())
    # E: Argument 1 to "expect_shown" of "ScriptedClient" has incompatible type
    #    "everything.v1.chat_pb2.Typing"; expected "everything.v1.chat_sessionstream.Typing |
    #    ChatMessageRemoved | ChatMessageStarted | ChatMessageAppended"  [arg-type]
    # P: Argument of type "Typing" cannot be assigned to parameter "ui_event" of type "ChatUIEvent"
    #    in function "expect_shown"  [reportArgumentType]
    await page.until_shown(shared.PersonJoined(shared_pb2.Joined()))
    # E: Argument 1 to "until_shown" of "ScriptedClient" has incompatible type "PersonJoined";
    #    expected "Typing | ChatMessageRemoved | ChatMessageStarted | ChatMessageAppended"
    #    [arg-type]
    # P: Argument of type "PersonJoined" cannot be assigned to parameter "expected" of type
    #    "ChatUIEvent" in function "until_shown"  [reportArgumentType]
    await page.expect_snapshot("session-1", pb.Usage(day=1))
    # E: Argument 2 to "expect_snapshot" of "ScriptedClient" has incompatible type "Usage"; expected
    #    "TimelineEntity[ChatMessage] | TimelineEntity[Usage]"  [arg-type]
    # P: Argument of type "Usage" cannot be assigned to parameter "entities" of type "ChatEntity" in
    #    function "expect_snapshot"  [reportArgumentType]
    return (await page.next_shown()).ui_event.payload.text
    # E: Item "Typing" of "Typing | MessageRemoved | ChatMessageUpdate" has no attribute "text"
    #    [union-attr]
    # E: Item "MessageRemoved" of "Typing | MessageRemoved | ChatMessageUpdate" has no attribute
    #    "text"  [union-attr]
    # P: Cannot access attribute "text" for class "Typing"  [reportAttributeAccessIssue]
    # P: Cannot access attribute "text" for class "MessageRemoved"  [reportAttributeAccessIssue]


async def opens(scenario: ChatScenario) -> None:
    other: ScriptedClient[shared.CommonUIEvent, shared.CommonEntity] = await scenario.connect()
    # E: Incompatible types in assignment (expression has type "ScriptedClient[Typing |
    #    ChatMessageRemoved | ChatMessageStarted | ChatMessageAppended, TimelineEntity[ChatMessage]
    #    | TimelineEntity[Usage]]", variable has type "ScriptedClient[PersonJoined,
    #    TimelineEntity[Person]]")  [assignment]
    # P: Type "ScriptedClient[ChatUIEvent, ChatEntity]" is not assignable to declared type
    #    "ScriptedClient[CommonUIEvent, CommonEntity]"  [reportAssignmentType]
    await other.ping()
    ChatScenario(chat.install)
    # E: Argument 1 to "Scenario" has incompatible type "def install(hub: Hub, *, handlers:
    #    ChatHandlers, ui: ChatUIProjection | None = ..., timeline: ChatTimelineProjection | None =
    #    ...) -> None"; expected "Callable[[Hub], object]"  [arg-type]
    # P: Argument of type "(hub: Hub, *, handlers: ChatHandlers, ui: ChatUIProjection | None = None,
    #    timeline: ChatTimelineProjection | None = None) -> None" cannot be assigned to parameter
    #    "install" of type "(Hub) -> object" in function "__init__"  [reportArgumentType]
