"""What a skeleton does: it copies what agrees, and raises where nothing does."""

from __future__ import annotations

import textwrap

from sessionstream_codegen.options import with_known_options
from sessionstream_codegen.reader import read
from sessionstream_codegen.scaffolding.stubs import stub_files

from tests.codegen.compiling import HEAD, request_for

KEY = "[(sessionstream.v1.field).key = true]"


def message(name: str, role: str, fields: str) -> str:
    return f"message {name} {{ option (sessionstream.v1.message).{role} = {{}}; {fields} }}\n"


def event(name: str, fields: str) -> str:
    return message(name, "event", fields)


def ui_event(name: str, fields: str) -> str:
    return message(name, "ui_event", fields)


def entity(name: str, fields: str, key: str = "string id") -> str:
    return message(name, "entity", f"{key} = 1 {KEY}; {fields}")


def bodies(cls: str, text: str, head: str = HEAD) -> dict[str, str]:
    """Returns the bodies of the methods of a scaffolded class of ``a.proto``."""
    run = read(with_known_options(request_for({"a.proto": head + text})))
    found = {}
    for stub in stub_files(run.files["a.proto"], run):
        named = {key: symbol.local_name for key, symbol in stub.symbols.items()}
        for method in (m for c in stub.classes for m in c.methods if c.name == cls):
            code = method.code(named)
            found[method.name] = textwrap.dedent(code[code.index('"""\n') + 4 :])
    return found


def stored(text: str, head: str = HEAD) -> dict[str, str]:
    return bodies("StoredEntities", text, head)


def live(text: str) -> dict[str, str]:
    return bodies("LiveEvents", text)


def raises(name: str, file: str = "projections.py") -> str:
    return f'raise NotImplementedError("write {name} in {file}")'


class TestEntities:
    def test_what_agrees_is_copied_into_the_entity_of_the_key(self) -> None:
        found = stored(
            event("TaskRenamed", "string id = 1; string title = 2; int32 size = 3;")
            + entity("Task", "string title = 2; string size = 3;")
        )
        assert (
            found["task_renamed"]
            == """\
payload = event.payload
# Not copied, as no field agrees: size.
task = view.task.get(payload.id) or pb.Task()
task.id = payload.id
task.title = payload.title
yield AEntities.task(task)"""
        )

    def test_without_the_key_nothing_is_known(self) -> None:
        """Nor where it is of another type, one of many, or one of several."""
        fields = ("string title = 2;", "int64 id = 1;", "repeated string id = 1;")
        for index, field in enumerate((*fields, "oneof which { string id = 1; string no = 2; }")):
            found = stored(event("Renamed", field) + entity("Task", "string title = 2;"))
            assert found == {"renamed": raises("renamed")}, index

    def test_a_field_that_is_not_set_leaves_the_entity_as_it_was(self) -> None:
        fields = "optional string title = 2; Step step = 3; bool done = 4;"
        found = stored(
            event("TaskChanged", f"string id = 1; {fields}")
            + entity("Task", fields)
            + "message Step {}\n"
        )
        assert (
            found["task_changed"]
            == """\
payload = event.payload
task = view.task.get(payload.id) or pb.Task()
task.id = payload.id
if payload.HasField("title"):
    task.title = payload.title
if payload.HasField("step"):
    task.step.CopyFrom(payload.step)
task.done = payload.done
yield AEntities.task(task)"""
        )

    def test_presence_is_that_of_the_syntax(self) -> None:
        """In editions a field has it unless it is implicit; one that is required is always set."""
        fields = (
            "string explicit = 2; string implicit = 3 [features.field_presence = IMPLICIT];"
            "string required = 4 [features.field_presence = LEGACY_REQUIRED];"
        )
        found = stored(
            event("TaskChanged", f"string id = 1; {fields}") + entity("Task", fields),
            HEAD.replace('syntax = "proto3"', 'edition = "2023"'),
        )
        assert found["task_changed"].splitlines()[3:-1] == [
            'if payload.HasField("explicit"):',
            "    task.explicit = payload.explicit",
            "task.implicit = payload.implicit",
            "task.required = payload.required",
        ]

    def test_lists_and_maps_are_replaced(self) -> None:
        fields = "repeated string tags = 2; map<string, Step> plan = 3;"
        found = stored(
            event("TaskChanged", f"string id = 1; {fields}")
            + entity("Task", fields)
            + "message Step {}\n"
        )
        assert found["task_changed"].splitlines()[3:-1] == [
            "task.tags.clear()",
            "task.tags.extend(payload.tags)",
            "task.plan.clear()",
            "task.plan.MergeFrom(payload.plan)",
        ]

    def test_of_a_oneof_the_one_that_is_set_is_copied(self) -> None:
        """Into a oneof of the same name: elsewhere the others would stay."""
        oneof = "oneof paid { string card = 2; int64 cents = 3; }"
        changed = event("TaskChanged", f"string id = 1; {oneof}")
        assert stored(changed + entity("Task", oneof))["task_changed"].splitlines()[3:-1] == [
            'if payload.HasField("card"):',
            "    task.card = payload.card",
            'if payload.HasField("cents"):',
            "    task.cents = payload.cents",
        ]
        assert (
            "# Not copied, as no field agrees: card, cents."
            in (
                stored(changed + entity("Task", "string card = 2; int64 cents = 3;"))[
                    "task_changed"
                ]
            )
        )

    def test_fields_that_code_cannot_name_are_reached_by_their_names(self) -> None:
        """Keywords, and what Python would rename inside of a class."""
        fields = "string class = 2; repeated string __raw = 3; optional string self = 4;"
        found = stored(
            event("TaskChanged", f"string from = 1; {fields}")
            + entity("Task", fields, key="string from")
        )
        assert (
            found["task_changed"]
            == """\
payload = event.payload
task = view.task.get(getattr(payload, "from")) or pb.Task()
setattr(task, "from", getattr(payload, "from"))
setattr(task, "class", getattr(payload, "class"))
getattr(task, "__raw").clear()
getattr(task, "__raw").extend(getattr(payload, "__raw"))
if payload.HasField("self"):
    task.self = payload.self
yield AEntities.task(task)"""
        )

    def test_no_variable_hides_what_the_method_has(self) -> None:
        found = stored(event("Opened", "string id = 1;") + entity("Session", ""))
        assert "session_ = view.session.get(payload.id) or pb.Session()" in found["opened"]

    def test_long_lines_are_broken_as_ruff_breaks_them(self) -> None:
        key = "string the_identifier_of_the_evaluation_that_is_running"
        name = "TheEvaluationOfAnExperimentThatRunsForVeryLong"
        found = stored(event("Started", f"{key} = 1;") + entity(name, "", key=key))
        assert found["started"].splitlines()[1:5] == [
            "the_evaluation_of_an_experiment_that_runs_for_very_long = (",
            "    view.the_evaluation_of_an_experiment_that_runs_for_very_long.get(",
            "        payload.the_identifier_of_the_evaluation_that_is_running",
            "    )",
        ]


class TestBeginnings:
    """Which events make an entity, and which change one that is there."""

    ENTITY = entity("Task", "string title = 2; bool done = 3;")
    ADDED = event("TaskAdded", "string id = 1; string title = 2;")
    TICKED = event("TaskTicked", "string id = 1; bool done = 2;")
    NEW = "task = view.task.get(payload.id) or pb.Task()"

    def test_one_that_only_changes_it_passes_over_what_is_not_there(self) -> None:
        """It would make half of an entity that was removed."""
        found = stored(self.ADDED + self.TICKED + self.ENTITY)
        assert self.NEW in found["task_added"]
        assert (
            found["task_ticked"]
            == """\
payload = event.payload
task = view.task.get(payload.id)
# Else it was removed, or was never there.
if task is not None:
    task.done = payload.done
    yield AEntities.task(task)"""
        )

    def test_one_with_all_fields_makes_it_whatever_its_name(self) -> None:
        changed = event("TaskSaved", "string id = 1; string title = 2; bool done = 3;")
        found = stored(changed + self.TICKED + self.ENTITY)
        assert self.NEW in found["task_saved"]
        assert self.NEW not in found["task_ticked"]

    def test_where_none_is_known_to_each_does(self) -> None:
        """An entity that nothing makes is never seen. What removes it makes nothing."""
        removed = event("TaskRemoved", "string id = 1; string title = 2; bool done = 3;")
        found = stored(self.TICKED + removed + self.ENTITY)
        assert self.NEW in found["task_ticked"]

    def test_one_that_changes_nothing_known_is_to_be_written(self) -> None:
        found = stored(self.ADDED + event("TaskBumped", "string id = 1;") + self.ENTITY)
        assert found["task_bumped"] == raises("task_bumped")

    def test_of_two_entities_each_is_looked_for(self) -> None:
        added = event("RoomAdded", "string room_id = 1;") + event(
            "UserAdded", "string user_id = 1;"
        )
        found = stored(
            event("Moved", "string room_id = 1; string user_id = 2; int32 at = 3;")
            + added
            + entity("User", "int32 at = 2; int32 of = 3;", key="string user_id")
            + entity("Room", "int32 at = 2; int32 of = 3;", key="string room_id")
        )
        assert "if user is not None:\n    user.at = payload.at\n" in found["moved"]
        assert "if room is not None:\n    room.at = payload.at\n" in found["moved"]


class TestSubjects:
    """Which of several entities an event is about."""

    def test_it_is_the_one_with_which_it_shares_the_most(self) -> None:
        """Of a message's author it has the key alone: that is a reference."""
        found = stored(
            event("Posted", "string note_id = 1; string user_id = 2; string text = 3;")
            + entity("User", "string name = 2;", key="string user_id")
            + entity("Note", "string user_id = 2; string text = 3;", key="string note_id")
        )
        assert "AEntities.note(" in found["posted"]
        assert "AEntities.user(" not in found["posted"]

    def test_as_many_of_two_are_two(self) -> None:
        found = stored(
            event("Joined", "string room_id = 1; string user_id = 2;")
            + entity("User", "", key="string user_id")
            + entity("Room", "", key="string room_id")
        )
        assert "AEntities.user(" in found["joined"]
        assert "AEntities.room(" in found["joined"]

    def test_one_key_is_of_the_entity_that_the_event_is_named_after(self) -> None:
        entities = entity("Task", "") + entity("ChatMessage", "")
        found = stored(
            event("MessagePosted", "string id = 1;") + event("Moved", "string id = 1;") + entities
        )
        assert "AEntities.chat_message(" in found["message_posted"]
        assert "AEntities.task(" not in found["message_posted"]
        assert found["moved"] == raises("moved")

    def test_what_was_removed_gets_a_tombstone(self) -> None:
        found = stored(
            event("MessageDeleted", "string id = 1;")
            + event("LineRemoved", "string id = 1; int32 line = 2;")
            + entity("ChatMessage", "")
        )
        tombstone = "yield AEntities.chat_message.tombstone(event.payload.id)"
        assert found["message_deleted"] == tombstone
        assert found["line_removed"] == raises("line_removed")


class TestUIEvents:
    def test_the_one_that_the_event_fills_is_built(self) -> None:
        found = live(
            event("Counted", "int64 day = 1; int64 tokens = 2; string by = 3;")
            + ui_event("DayShown", "int64 day = 1; int64 tokens = 2;")
        )
        assert (
            found["counted"]
            == """\
payload = event.payload
yield AUI.day_shown(pb.DayShown(day=payload.day, tokens=payload.tokens))"""
        )

    def test_a_sole_field_needs_no_variable(self) -> None:
        found = live(event("Said", "string text = 1;") + ui_event("Shown", "string text = 1;"))
        assert found["said"] == "yield AUI.shown(pb.Shown(text=event.payload.text))"

    def test_what_may_not_be_set_is_copied_apart(self) -> None:
        fields = "string id = 1; optional string text = 2; string class = 3; Step step = 4;"
        found = live(event("Said", fields) + ui_event("Shown", fields) + "message Step {}\n")
        assert (
            found["said"]
            == """\
payload = event.payload
shown = pb.Shown(id=payload.id)
if payload.HasField("text"):
    shown.text = payload.text
setattr(shown, "class", getattr(payload, "class"))
if payload.HasField("step"):
    shown.step.CopyFrom(payload.step)
yield AUI.shown(shown)"""
        )

    def test_nothing_is_built_that_the_event_fills_in_part_or_not_at_all(self) -> None:
        found = live(
            event("Said", "string text = 1;")
            + ui_event("Shown", "string text = 1; string by = 2;")
            + ui_event("Blinked", "")
        )
        assert found["said"] == raises("said")

    def test_of_several_the_fullest_is_built_if_there_is_one(self) -> None:
        said = event("Said", "string id = 1; string text = 2;")
        shown = ui_event("Shown", "string id = 1; string text = 2;")
        touched = ui_event("Touched", "string id = 1;")
        assert "AUI.shown(" in live(said + touched + shown)["said"]
        assert live(said + shown + shown.replace("Shown", "Seen"))["said"] == raises("said")

    def test_one_that_is_another_event_says_that_this_one_happened(self) -> None:
        passing = event("Typing", "string id = 1;").replace(
            "string", "option (sessionstream.v1.message).ui_event = {}; string"
        )
        assert live(passing + event("Said", "string id = 1;"))["said"] == raises("said")


class TestHandlers:
    """What is published is kept for good: a guess is shown, and never made."""

    def test_the_event_that_the_command_fills_is_shown(self) -> None:
        found = bodies(
            "Handlers",
            message("Say", "command", "string text = 1;") + event("Said", "string text = 1;"),
        )
        assert found["say"] == (
            "# await publisher.said(pb.Said(text=command.payload.text))\n"
            + raises("say", "handlers.py")
        )

    def test_without_one_there_is_nothing_to_show(self) -> None:
        found = bodies(
            "Handlers",
            message("Say", "command", "string text = 1;")
            + event("Said", "string id = 1; string text = 2;"),
        )
        assert found["say"] == raises("say", "handlers.py")


class TestNames:
    def test_no_class_hides_the_one_that_it_uses(self) -> None:
        head = f'{HEAD}option (sessionstream.v1.file).name = "Stored";\n'
        text = event("TaskOpened", "string id = 1;") + entity("Task", "")
        assert "StoredEntities.task(" in bodies("KeptEntities", text, head)["task_opened"]
