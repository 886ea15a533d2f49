"""The browser's runtime under Node, its types, and that it is shipped."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from sessionstream import browser
from tests import node

HERE = Path(__file__).parent
MODULES = sorted(browser.folder().glob("*.js"))

# The declarations are written by hand: what the modules are has to fit what they promise.
AGREES = """\
import type * as promised from "./js/sessionstream.d.ts";
import * as commands from "./js/pending.js";
import * as stream from "./js/stream.js";
export const error: typeof promised.CommandError = commands.CommandError;
export const connection: typeof promised.SessionStream = stream.SessionStream;
"""

# What a page must not be able to write.
MISUSED = """\
import { SessionStream } from "@sessionstream/browser";
const stream = new SessionStream("/ws");
stream.command("s", "Do", {}, { expectedOrdinal: 5 });
stream.subscribe("s", { initial: 0 });
stream.state = { state: "live" };
const retryAt: number = stream.state.retryAt;
"""


class TestBehaviour:
    @pytest.mark.parametrize("path", sorted(HERE.glob("*.test.js")), ids=lambda path: path.name)
    def test_under_node(self, path: Path) -> None:
        """Each file has its own rules; they run without sockets and without time."""
        done = node.run("--test", "--test-reporter=tap", path)
        assert done.returncode == 0, done.stdout
        assert re.search(r"^# pass [1-9]", done.stdout, re.MULTILINE), done.stdout


class TestTypes:
    def test_the_modules_are_sound(self, tmp_path: Path) -> None:
        included = (f"{browser.folder()}/*", f"{HERE}/*.js")
        options = {"allowJs": True, "checkJs": True, "types": ["node"]}
        assert node.tsc(tmp_path, *included, **options) == []

    def test_the_modules_are_what_the_declarations_promise(self, tmp_path: Path) -> None:
        (tmp_path / "js").symlink_to(browser.folder())
        (tmp_path / "agrees.ts").write_text(AGREES)
        assert node.tsc(tmp_path, "agrees.ts", allowJs=True, checkJs=True) == []

    def test_misuse_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "page.ts").write_text(MISUSED)
        said = node.tsc(tmp_path, "page.ts", noUnusedLocals=False)
        lines = [int(found[1]) for line in said if (found := re.match(r"page\.ts\((\d+),", line))]
        assert lines == [3, 4, 5, 6], said


class TestThePackage:
    def test_its_modules_need_no_other(self) -> None:
        for module in MODULES:
            imported = re.findall(r'from "([^"]+)"', module.read_text("utf-8"))
            assert all((browser.folder() / name).is_file() for name in imported), module.name

    def test_its_entry_is_there_with_its_types(self) -> None:
        package = json.loads((browser.folder() / "package.json").read_text("utf-8"))
        entry = package["exports"]["."]
        assert {(browser.folder() / path).is_file() for path in entry.values()} == {True}
