"""Which classes a module has: what it can use, and what is the file's own."""

from __future__ import annotations

import ast
import re

import pytest

from tests.codegen.compiling import HEAD, generated

ROLE = "option (sessionstream.v1.message)"
KEY = "[(sessionstream.v1.field).key = true]"

COMMAND = f"message Do {{ {ROLE}.command = {{}}; }}\n"
EVENT = f"message Done {{ {ROLE}.event = {{}}; }}\n"
EPHEMERAL = f"message Doing {{ {ROLE}.event = {{ephemeral: true}}; }}\n"
UI_EVENT = f"message Seen {{ {ROLE}.ui_event = {{}}; }}\n"
ENTITY = f"message Held {{ {ROLE}.entity = {{}}; string id = 1 {KEY}; }}\n"
SHARED = HEAD.replace("acme", "shared") + (EVENT + UI_EVENT + ENTITY).replace(
    "message ", "message Shared"
)

# Whoever has something to show has a client that watches it.
SHOWS = {"UI", "UIEvent", "Client"}
SHOWING = SHOWS | {"UIProjection", "UIProjectionPartial"}
BUILDS = {"Entities", "Entity", "Client"}
KEEPING = BUILDS | {"TimelineView", "TimelineProjection", "TimelineProjectionPartial"}
PUBLISHES = {"Event", "Publisher"}
HANDLES = {"Command", "Handlers", "Client"}


def module(text: str, *, importing: bool) -> str:
    """Returns the module of a file that imports one event, one UI event and one entity, or not."""
    imported = 'import "shared.proto";\n' if importing else ""
    files = {"shared.proto": SHARED, "own.proto": HEAD + imported + text}
    return generated(files, only=["own.proto"])["own_sessionstream.py"]


def classes(text: str, *, importing: bool) -> set[str]:
    """Returns the suffixes of the module's own classes and unions."""
    return set(
        re.findall(
            r"^(?:class )?Own(\w+)(?:\(|:| = )", module(text, importing=importing), re.MULTILINE
        )
    )


class TestClasses:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            (COMMAND, HANDLES | PUBLISHES),
            (EVENT, PUBLISHES | SHOWING | KEEPING),
            (EPHEMERAL, PUBLISHES | SHOWING | {"TimelineView"}),
            (UI_EVENT, SHOWS),
            (ENTITY, BUILDS | {"TimelineView"}),
            (EPHEMERAL + ENTITY, PUBLISHES | SHOWING | BUILDS | {"TimelineView"}),
        ],
        ids=["commands", "events", "ephemeral", "ui-events", "entities", "ephemeral-and-entities"],
    )
    def test_what_is_imported_gives_those_that_the_file_can_use(
        self, text: str, expected: set[str]
    ) -> None:
        assert classes(text, importing=True) == expected

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            (COMMAND, HANDLES),
            (EVENT, PUBLISHES),
            (UI_EVENT, SHOWS),
            (ENTITY, BUILDS | {"TimelineView"}),
        ],
        ids=["commands", "events", "ui-events", "entities"],
    )
    def test_what_is_declared_gives_its_own(self, text: str, expected: set[str]) -> None:
        assert classes(text, importing=False) == expected


class TestDocstring:
    @pytest.mark.parametrize("text", [UI_EVENT, ENTITY])
    def test_it_says_whom_classes_without_a_projection_are_for(self, text: str) -> None:
        said = "for code of your own: this file has no events to project"
        assert said in " ".join(module(text, importing=False).split())
        assert said not in " ".join(module(EVENT + text, importing=False).split())

    @pytest.mark.parametrize("importing", [True, False])
    def test_it_names_all_that_the_module_has_once_in_its_order(self, *, importing: bool) -> None:
        """But for the partial projections, which stand below the others."""
        code = module(COMMAND + EVENT + UI_EVENT + ENTITY, importing=importing)
        docstring, _, below = code.partition("\n# isort")
        found = re.findall(
            r"^(?:class |def )?(Own\w+|SCHEMAS|register_schemas|install)\b", below, re.MULTILINE
        )
        assert re.findall(r"`(\w+)`", docstring.partition("order:")[2]) == [
            name for name in found if not name.endswith("Partial")
        ]

    def test_it_names_the_view_alone_where_no_entity_is_built(self) -> None:
        assert "- `OwnTimelineView`: reads the entities\n" in module(EPHEMERAL, importing=True)


class TestProjections:
    """Both say what to return, and what the event is."""

    @pytest.mark.parametrize(
        ("comment", "said"),
        [("// It is done.\n//\n// With more.\n", ["", "It is done.", ""]), ("", [])],
        ids=["with-a-comment", "without"],
    )
    def test_a_method_says_what_it_gives_and_what_the_event_is(
        self, comment: str, said: list[str]
    ) -> None:
        code = module(comment + EVENT + UI_EVENT + ENTITY, importing=False)
        assert docstring(code, "OwnUIProjection") == ["Gives the UI events of ``Done``.", *said]
        assert docstring(code, "OwnTimelineProjection") == [
            "Gives the entities that ``Done`` changes.",
            *said,
        ]


def docstring(code: str, projection: str) -> list[str]:
    """Returns the lines of the docstring of a projection's only method."""
    found = {node.name: node for node in ast.parse(code).body if isinstance(node, ast.ClassDef)}
    (method,) = (node for node in found[projection].body if isinstance(node, ast.FunctionDef))
    text = ast.get_docstring(method, clean=False) or ""
    return [line.strip() for line in text.split("\n")]
