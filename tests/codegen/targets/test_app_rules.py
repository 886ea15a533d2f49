"""What keeps files from being one app; texts are whole, with their places."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from sessionstream_codegen.generate import generate

from tests.codegen.compiling import request_for

IMPORT = 'import "sessionstream/v1/options.proto";'
ROLE = "option (sessionstream.v1.message)"


def source(package: str, name: str) -> str:
    """A file with an event, whose name stands on line 6."""
    head = f'syntax = "proto3";\npackage {package};\n{IMPORT}\n\n'
    return f'{head}message Did {{\n  {ROLE}.event = {{name: "{name}"}};\n}}\n'


def errors(files: Mapping[str, str], parameter: str) -> list[str]:
    return generate(request_for(files, parameter=parameter)).error.splitlines()


class TestPlace:
    FILES: Mapping[str, str] = {"acme/chat/v1/chat.proto": source("acme.chat.v1", "Did")}
    NOTE = "acme/chat/v1/chat.proto:1:1: note: that module is generated from this file"

    @pytest.mark.parametrize(
        ("app", "why"),
        [
            (
                "acme/chat",
                "acme/chat.py would hide the folder acme/chat, which holds "
                "acme/chat/v1/chat_sessionstream.py; choose another path, as in app=acme/chat/app",
            ),
            (
                "acme/chat/v1/chat_pb2",
                "acme/chat/v1/chat_pb2.py is the path of a generated module; choose another path",
            ),
            (
                "acme/chat/v1/chat_sessionstream",
                "acme/chat/v1/chat_sessionstream.py is the path of a generated module; "
                "choose another path",
            ),
            (
                "acme/chat/v1/chat_pb2/desk",
                "acme/chat/v1/chat_pb2.py is a generated module, and no folder; "
                "choose another path",
            ),
        ],
    )
    def test_one_that_gets_in_the_way_of_a_module_is_refused(self, app: str, why: str) -> None:
        said = f"error: [SS404] app={app} can't be used: {why}"
        assert errors(self.FILES, f"app={app}") == [said, self.NOTE]

    @pytest.mark.parametrize(
        ("app", "why"),
        [
            ("typing", "it would hide the module typing, or be hidden by it"),
            (
                "sessionstream/desk",
                "it would hide the module sessionstream, or be hidden by it",
            ),
            ("acme/__init__", '"__init__" is a name of Python\'s own'),
            ("acme/_", 'no class can be named after "_"'),
            ("acme/_2", 'no class can be named after "_2"'),
        ],
    )
    def test_one_that_python_has_no_use_for_is_refused(self, app: str, why: str) -> None:
        said = f"error: [SS404] app={app} can't be used: {why}; choose another path"
        assert errors(self.FILES, f"app={app}") == [said]

    @pytest.mark.parametrize("app", ["desk", "acme/desk", "acme/chat/desk", "acme/chats"])
    def test_any_other_is_taken(self, app: str) -> None:
        assert errors(self.FILES, f"app={app}") == []

    def test_a_module_of_the_users_is_none_of_ours(self) -> None:
        """A file without roles gives no module that ends in _sessionstream."""
        files = {**self.FILES, "acme/plain.proto": 'syntax = "proto3"; package acme;'}
        assert errors(files, "app=acme/plain_sessionstream") == []


class TestNamesOfFiles:
    FILES: Mapping[str, str] = {
        "acme/chatRoom.proto": source("acme.a", "A"),
        "acme/chat_room.proto": source("acme.b", "B"),
    }

    def test_two_that_are_one_in_snake_case_are_refused(self) -> None:
        assert errors(self.FILES, "app=desk") == [
            "acme/chat_room.proto:1:1: error: [SS403] in the app module acme/chat_room.proto and "
            "acme/chatRoom.proto would both be acme_chat_room; give one of them another name than "
            '"ChatRoom" with option (sessionstream.v1.file).name',
            "acme/chatRoom.proto:1:1: note: this file has the name as well",
        ]

    def test_without_an_app_nothing_is_said(self) -> None:
        assert errors(self.FILES, "") == []


class TestNamesOnTheWire:
    """Two packages know nothing of each other; in an app they are in one registry."""

    FILES: Mapping[str, str] = {
        "chat.proto": source("acme.chat", "Opened"),
        "desk.proto": source("acme.desk", "Opened"),
    }

    @pytest.mark.parametrize("parameter", ["app=acme/x", "app=acme/x,target=markdown"])
    def test_one_that_two_files_of_an_app_claim_is_refused(self, parameter: str) -> None:
        assert errors(self.FILES, parameter) == [
            'desk.proto:6:3: error: [SS302] the name "Opened" of the event acme.desk.Did is taken '
            "by the event acme.chat.Did; give one of them another name",
            "chat.proto:6:3: note: it is taken here",
        ]

    @pytest.mark.parametrize("parameter", ["", "target=markdown"])
    def test_without_an_app_they_may_be_two_applications(self, parameter: str) -> None:
        assert errors(self.FILES, parameter) == []
