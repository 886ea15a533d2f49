"""A new project as a stranger has it: made by the wheel, set up by make, open in a browser.

`make build` runs this module; it installs with pip.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.chromium import launched
from tests.test_packaging import ROOT, bin_of, make_environment

# pip finds no package with these: what runs then needs no network.
OFFLINE = {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}

pytestmark = [pytest.mark.packaging, pytest.mark.timeout(900)]

expect.set_options(timeout=30_000)


def run(*command: str | Path, cwd: Path, env: Mapping[str, str] | None = None) -> str:
    """Runs a command and returns its output; a failure shows all that it said."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module", autouse=True)
def _outside_of_make() -> Iterator[None]:
    """`make build` runs this module: its flags would reach the new project's make."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = ["build", "--no-isolation", "--wheel", "--outdir", str(folder), str(ROOT)]
    run(sys.executable, "-m", *command, cwd=folder)
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Path:
    """Made by an installed wheel, in a folder with a space in its name, and set up."""
    maker = make_environment(tmp_path_factory.mktemp("maker"), f"{wheel}[codegen]")
    place = tmp_path_factory.mktemp("a place")
    # No tool of any environment is on PATH, and no buf.
    bare = {"PATH": os.defpath}
    said = run(bin_of(maker) / "sessionstream", "new", "to do", cwd=place, env=bare)
    assert "cd 'to do'" in said
    run("make", "setup", cwd=place / "to do")
    return place / "to do"


class TestTheProject:
    def test_takes_sessionstream_from_the_wheel_that_made_it(
        self, project: Path, wheel: Path
    ) -> None:
        assert f"SESSIONSTREAM := {wheel}\n" in (project / "local.mk").read_text()
        assert "/local.mk" in (project / ".gitignore").read_text().splitlines()

    def test_passes_its_checks_without_a_network_once_it_is_set_up(self, project: Path) -> None:
        assert " passed" in run("make", "check", cwd=project, env=OFFLINE)

    def test_generates_what_it_came_with(self, project: Path) -> None:
        git = ["git", "-c", "user.name=a", "-c", "user.email=a@b.example"]
        run("git", "init", "-q", "-b", "main", cwd=project)
        run("git", "add", "--all", cwd=project)
        run(*git, "commit", "-q", "-m", "Begin", cwd=project)
        run("make", "gen", cwd=project, env=OFFLINE)
        assert run("git", "status", "--porcelain", cwd=project) == ""
        run("make", "breaking", cwd=project, env=OFFLINE)

    def test_says_what_a_clone_needs_where_no_index_has_sessionstream(
        self, project: Path, tmp_path: Path
    ) -> None:
        """Git ignores local.mk."""
        for name in ("Makefile", "pyproject.toml"):
            shutil.copy(project / name, tmp_path)
        bare = OFFLINE | {"PYTHON": sys.executable, "SESSIONSTREAM": ""}
        done = subprocess.run(
            ["make", "test"],
            cwd=tmp_path,
            env={**os.environ, **bare},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode != 0
        assert "make setup SESSIONSTREAM=FOLDER-WHEEL-OR-URL" in done.stderr

    def test_passes_pyright(self, project: Path) -> None:
        run(Path(sys.executable).parent / "pyright", cwd=project)

    def test_grows_as_its_readme_says(self, project: Path, tmp_path: Path) -> None:
        """A command and an event more: scaffold adds their methods, and mypy is content."""
        copy = tmp_path / "grown"
        shutil.copytree(project, copy, symlinks=True, ignore=shutil.ignore_patterns(".venv"))
        (copy / ".venv").symlink_to(project / ".venv")
        proto = copy / "proto/to_do/v1/checklist.proto"
        proto.write_text(
            proto.read_text()
            + "\n// Renames an item.\nmessage RenameItem {\n"
            + "  option (sessionstream.v1.message).command = {};\n\n  string item_id = 1;\n}\n"
            + "\n// An item was renamed.\nmessage ItemRenamed {\n"
            + "  option (sessionstream.v1.message).event = {};\n\n  string item_id = 1;\n}\n"
        )
        said = run("make", "scaffold", cwd=copy, env=OFFLINE)
        assert "Handlers.rename_item" in said
        assert "LiveList.item_renamed" in said
        assert "StoredList.item_renamed" in said
        run("make", "types", cwd=copy, env=OFFLINE)


@contextmanager
def serving(project: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """``make dev``, in a group of its own; gives it out when it has printed the URL."""
    with subprocess.Popen(
        ["make", "dev", f"PORT={port}"],
        cwd=project,
        env={**os.environ, **OFFLINE},
        text=True,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith(f"http://127.0.0.1:{port}/"), line
            yield process
        finally:
            os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


def opened(chromium: Browser, url: str, *, width: int = 1280, dark: bool = False) -> Page:
    context = chromium.new_context(
        viewport={"width": width, "height": 740}, color_scheme="dark" if dark else "light"
    )
    page = context.new_page()
    page.goto(url)
    expect(page.locator("#connection")).to_have_text("Live")
    return page


def server(project: Path) -> list[str]:
    return [str(project / ".venv/bin/python"), "-m", "to_do"]


def add(page: Page, text: str) -> None:
    page.locator("#text").fill(text)
    page.keyboard.press("Enter")


class TestThePage:
    """Screenshots go to ``--basetemp``; look at them after a change to the page."""

    def test_two_windows_show_the_same_and_a_killed_server_loses_nothing(
        self, chromium: Browser, project: Path, port: int, tmp_path: Path
    ) -> None:
        url = f"http://127.0.0.1:{port}/"
        with serving(project, port):
            wide, dark = opened(chromium, url), opened(chromium, url, width=360, dark=True)
            for text in ("milk", "<b>bread</b>", "x" * 150):
                add(wide, text)
                expect(dark.locator("#items .text").last).to_have_text(text)
            dark.locator("#items input").first.check()
            expect(wide.locator("#items input").first).to_be_checked()
            expect(wide.locator("#count")).to_have_text("1 of 3 done")
            assert dark.evaluate("document.documentElement.scrollWidth") == 360
            wide.screenshot(path=tmp_path / "wide.png")
            dark.screenshot(path=tmp_path / "dark.png")
        expect(wide.locator("#connection")).to_have_text("Reconnecting…")
        add(wide, "eggs")
        wide.locator("#items .remove").first.click()
        expect(wide.locator("#waiting")).to_have_text("2 changes wait for the connection.")
        wide.screenshot(path=tmp_path / "waiting.png")
        with serving(project, port):
            expect(wide.locator("#connection")).to_have_text("Live")
            expect(wide.locator(".pending")).to_have_count(0)
            for page in (wide, dark):
                expect(page.locator("#items .text")).to_have_text(
                    ["<b>bread</b>", "x" * 150, "eggs"]
                )

    def test_what_is_refused_is_said_on_the_page(
        self, chromium: Browser, project: Path, port: int
    ) -> None:
        with serving(project, port):
            page = opened(chromium, f"http://127.0.0.1:{port}/", width=360)
            add(page, " ")
            expect(page.locator("#problem")).to_have_text("The item is empty.")
            add(page, "x" * 201)
            expect(page.locator("#problem")).to_have_text("An item has at most 200 characters.")
            add(page, "x")
            expect(page.locator("#problem")).to_be_hidden()
            page.goto(f"http://127.0.0.1:{port}/?list={'x' * 513}")
            expect(page.locator("#connection")).to_have_text("Can't be opened")
            expect(page.locator("#problem")).to_contain_text("a text of 1 to 512")
            assert page.evaluate("document.documentElement.scrollWidth") == 360

    def test_a_list_may_have_any_name(self, chromium: Browser, project: Path, port: int) -> None:
        with serving(project, port):
            for name in ("..", ".", "a/b %", "?&=+#"):
                query = urlencode({"list": name})
                page = opened(chromium, f"http://127.0.0.1:{port}/?{query}")
                expect(page.locator("h1")).to_have_text(name)
                add(page, "milk")
                expect(page.locator("#items .text")).to_have_text("milk")

    def test_a_window_without_a_network_says_so_and_catches_up(
        self, chromium: Browser, project: Path, port: int
    ) -> None:
        with serving(project, port):
            url = f"http://127.0.0.1:{port}/?list=offline"
            near, far = opened(chromium, url), opened(chromium, url)
            far.context.set_offline(True)
            expect(far.locator("#connection")).to_have_text("Offline, trying again")
            add(far, "tea")
            expect(far.locator("#waiting")).to_have_text("1 change waits for the connection.")
            add(near, "salt")
            expect(near.locator(".pending")).to_have_count(0)
            far.context.set_offline(False)
            for page in (near, far):
                expect(page.locator("#items .text")).to_have_text(["salt", "tea"])
            expect(far.locator("#waiting")).to_be_empty()

    def test_a_window_is_asked_before_it_loses_what_was_not_sent(
        self, chromium: Browser, project: Path, port: int
    ) -> None:
        with serving(project, port):
            page = opened(chromium, f"http://127.0.0.1:{port}/")
        expect(page.locator("#connection")).to_have_text("Reconnecting…")
        add(page, "eggs")
        with page.expect_event("dialog") as dialog:
            page.close(run_before_unload=True)
        assert dialog.value.type == "beforeunload"
        dialog.value.dismiss()

    def test_a_second_server_ends_with_one_line_that_says_why(
        self, project: Path, port: int
    ) -> None:
        with serving(project, port):
            for arguments, said in (
                (["--port", "0"], "end that process, or take another file: make dev DB="),
                (["--port", str(port), "--db", ".data/b.db"], "make dev PORT=0 takes a free one"),
            ):
                done = subprocess.run(
                    [*server(project), *arguments],
                    cwd=project,
                    capture_output=True,
                    text=True,
                    check=False,
                )
                assert done.returncode == 1
                assert said in done.stderr
                assert done.stderr.count("\n") == 1

    def test_a_server_that_is_told_to_end_closes_in_good_order(self, project: Path) -> None:
        with subprocess.Popen(
            [*server(project), "--port", "0"],
            cwd=project,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            process.send_signal(signal.SIGTERM)
            _, errors = process.communicate()
        assert (process.returncode, errors) == (0, "")
