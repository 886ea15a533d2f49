"""The picture of a file: which handler publishes, and which projection consumes what."""

from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from sessionstream_codegen import options
from sessionstream_codegen.reader import read
from sessionstream_codegen.targets.markdown.flow import flowchart

from tests.codegen.compiling import HEAD, request_for

ROLE = "option (sessionstream.v1.message)"
COMMAND = f"message Do {{ {ROLE}.command = {{}}; }}\n"
EVENT = f"message Did {{ {ROLE}.event = {{}}; }}\n"
SHOWN = f"message Shown {{ {ROLE}.ui_event = {{}}; }}\n"
ENTITY = (
    f"message Thing {{ {ROLE}.entity = {{}}; string id = 1 "
    "[(sessionstream.v1.field).key = true]; }\n"
)
ARROW = re.compile(r"  (\w+) (-->|-\. as it is \.->) (\w+)")
RUN = read(options.with_known_options(request_for({"a.proto": HEAD + COMMAND + EVENT})))
FILE = RUN.files["a.proto"]


def picture(text: str, **others: str) -> str:
    """The picture of ``a.proto``, which may import the others."""
    imports = "".join(f'import "{name}.proto";\n' for name in others)
    files = {f"{name}.proto": other for name, other in others.items()}
    request = request_for({**files, "a.proto": HEAD + imports + text})
    run = read(options.with_known_options(request))
    return flowchart(run.files["a.proto"], run)


def arrows(source: str) -> list[str]:
    """The arrows, by the ids of their ends."""
    found = (ARROW.fullmatch(line) for line in source.splitlines())
    return [f"{match[1]} {match[2]} {match[3]}" for match in found if match]


class TestArrows:
    def test_a_file_with_every_role_shows_the_whole_way(self) -> None:
        assert arrows(picture(COMMAND + EVENT + SHOWN + ENTITY)) == [
            "commands --> handlers",
            "handlers --> events",
            "events --> ui",
            "ui --> shown",
            "events --> timeline",
            "timeline --> entities",
        ]

    def test_an_ephemeral_event_never_reaches_the_timeline(self) -> None:
        ephemeral = f"message Typing {{ {ROLE}.event = {{ephemeral: true}}; }}\n"
        assert arrows(picture(ephemeral + SHOWN + ENTITY)) == ["ephemeral --> ui", "ui --> shown"]

    def test_an_event_that_passes_through_leads_to_its_ui_event(self) -> None:
        passed = (
            f'message Said {{ {ROLE}.event = {{}}; {ROLE}.ui_event = {{names: ["Heard"]}}; }}\n'
        )
        source = picture(EVENT + SHOWN + passed)
        assert arrows(source)[-1] == "events_1 -. as it is .-> shown_1"
        assert 'events_1("Said")' in source
        assert 'shown_1>"Heard"]' in source

    def test_what_other_files_give_stands_under_their_paths(self) -> None:
        other = f"{HEAD}{EVENT}{SHOWN}{ENTITY}".replace("acme.v1", "other.v1")
        own = f"message Own {{ {ROLE}.event = {{}}; }}\n"
        source = picture(COMMAND + own, other=other)
        assert arrows(source) == [
            "commands --> handlers",
            "handlers --> events",
            "handlers --> events_of",
            "events --> ui",
            "ui --> shown_of",
            "events --> timeline",
            "timeline --> entities_of",
        ]
        assert source.count('["other.proto"]') == 3

    def test_where_nothing_flows_there_is_none(self) -> None:
        assert picture(EVENT) == ""
        assert picture(SHOWN + ENTITY) == ""


class TestSize:
    def test_a_group_of_many_names_is_their_number(self) -> None:
        events = "".join(f"message E{n} {{ {ROLE}.event = {{}}; }}\n" for n in range(24))
        assert 'events_23("E23")' in picture(events + ENTITY)
        source = picture(events + EVENT + ENTITY)
        assert '  events("Events: 25")' in source
        assert "E23" not in source

    def test_passing_through_is_drawn_once_between_such_groups(self) -> None:
        both = f"{ROLE}.event = {{}}; {ROLE}.ui_event = {{}};"
        source = picture("".join(f"message E{n} {{ {both} }}\n" for n in range(400)))
        assert arrows(source)[-1] == "events -. as it is .-> shown"
        assert len(source.splitlines()) < 12


class TestLabels:
    def test_names_on_the_wire_are_shown_as_they_are(self) -> None:
        event = f'message A {{ {ROLE}.event = {{name: "a:b/c.d-e_f__"}}; }}\n'
        assert 'events_0("a:b/c.d-e_f__")' in picture(event + ENTITY)

    @given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1))
    def test_nothing_ends_its_label(self, name: str) -> None:
        """A prefix may hold anything: another target would have refused it."""
        file = replace(FILE, prefix=name)
        [label] = re.findall(r'handlers\[\["(.*)"\]\]', flowchart(file, RUN))
        assert re.fullmatch(r"(\w|[ .,:/()+-]|#\d+;)*", label)
        shown = re.sub(r"#(\d+);", lambda code: chr(int(code[1])), label)
        assert shown == f"{name}Handlers"
