"""The distribution in an empty environment, as a project outside of this repository has it.

`make build` runs this module; it installs with pip.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CONSUMER = Path(__file__).parent / "consumer"
EXAMPLES = ("chatdemo", "systemlab")
TOOLS = ("mypy", "types-protobuf", "buf-bin")

pytestmark = [pytest.mark.packaging, pytest.mark.timeout(600)]


def run(*command: str | Path, cwd: Path, path: str = os.environ["PATH"]) -> str:
    """Runs a command and returns its output; a failure shows all that it said."""
    environment = {**os.environ, "PATH": path}
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def bin_of(environment: Path) -> Path:
    return environment / "bin"


def make_environment(folder: Path, *requirements: str) -> Path:
    venv.create(folder, with_pip=False)
    python = bin_of(folder) / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    run(*pip, *requirements, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sdist, and the wheel that is built from it."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    (wheel,) = dist.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Path:
    """An environment with the wheel and what it depends on, at its newest."""
    return make_environment(tmp_path_factory.mktemp("bare"), str(wheel))


@pytest.fixture(scope="module")
def developer(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Path:
    """An environment in which a project that uses the wheel is developed."""
    tools = [f"{name}=={version(name)}" for name in TOOLS]
    return make_environment(tmp_path_factory.mktemp("developer"), f"{wheel}[codegen]", *tools)


class TestDistributions:
    def test_the_wheel_carries_every_file_of_its_packages(self, wheel: Path) -> None:
        """Templates and the marks of typed packages included."""
        carried = set(zipfile.ZipFile(wheel).namelist())
        expected = {
            path.relative_to(folder).as_posix()
            for folder, package in (
                (ROOT, "sessionstream"),
                (ROOT / "codegen", "sessionstream_codegen"),
                (ROOT / "examples", "chatdemo"),
                (ROOT / "examples", "systemlab"),
            )
            for path in (folder / package).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        assert {"sessionstream/py.typed", "sessionstream_codegen/py.typed"} <= expected
        assert expected <= carried

    def test_the_wheel_carries_the_proto_files(self, wheel: Path) -> None:
        carried = set(zipfile.ZipFile(wheel).namelist())
        expected = {
            f"sessionstream/_proto/{path.relative_to(ROOT / 'proto').as_posix()}"
            for path in (ROOT / "proto").rglob("*.proto")
        }
        assert expected <= carried

    def test_the_wheel_installs_nothing_but_its_packages(self, wheel: Path) -> None:
        tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
        metadata = {name for name in tops if name.endswith(".dist-info")}
        assert tops - metadata == {"sessionstream", "sessionstream_codegen", *EXAMPLES}

    def test_the_sdist_carries_what_make_needs(self, dist: Path) -> None:
        (sdist,) = dist.glob("*.tar.gz")
        with tarfile.open(sdist) as archive:
            names = {name.partition("/")[2] for name in archive.getnames()}
        assert {"Makefile", "buf.yaml", "buf.gen.yaml", "tools/generate.py", "LICENSE"} <= names


class TestEmptyEnvironment:
    def test_every_public_name_is_there(self, bare: Path, tmp_path: Path) -> None:
        """Warnings are errors: the newest dependencies must load in silence."""
        code = "import sessionstream as s; print(all(hasattr(s, name) for name in s.__all__))"
        python = bin_of(bare) / "python"
        assert run(python, "-W", "error", "-c", code, cwd=tmp_path) == "True\n"

    def test_proto_path_prints_the_installed_include_directory(
        self, bare: Path, tmp_path: Path
    ) -> None:
        printed = Path(run(bin_of(bare) / "sessionstream", "proto-path", cwd=tmp_path).strip())
        assert printed.is_relative_to(bare)
        assert (printed / "sessionstream" / "v1" / "options.proto").is_file()

    def test_the_linter_says_what_it_needs(self, bare: Path, tmp_path: Path) -> None:
        (tmp_path / "app.py").write_text("")
        command: list[str | Path] = [bin_of(bare) / "sessionstream-lint", "app.py"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        said = 'the linter needs mypy; run: pip install "sessionstream[lint]"'
        assert (done.returncode, done.stderr) == (2, f"sessionstream-lint: {said}\n")


class TestEditableInstall:
    def test_proto_path_prints_the_checkouts_include_directory(self, tmp_path: Path) -> None:
        command = Path(sys.executable).parent / "sessionstream"
        assert run(command, "proto-path", cwd=tmp_path) == f"{ROOT / 'proto'}\n"


BUF_YAML = """\
version: v2
modules:
  - path: proto
  - path: third_party
"""


def generate_with_buf(project: Path, environment: Path) -> None:
    include = run(bin_of(environment) / "sessionstream", "proto-path", cwd=project).strip()
    shutil.copytree(include, project / "third_party")
    (project / "buf.yaml").write_text(BUF_YAML)
    activated = f"{bin_of(environment)}{os.pathsep}{os.environ['PATH']}"
    run("buf", "generate", "proto", cwd=project, path=activated)


def generate_with_protoc(project: Path, environment: Path) -> None:
    tools = bin_of(environment)
    include = run(tools / "sessionstream", "proto-path", cwd=project).strip()
    plugins = [
        f"--plugin=protoc-gen-{name}={tools}/protoc-gen-{name}"
        for name in ("mypy", "sessionstream")
    ]
    outs = ["--python_out=.", "--mypy_out=quiet:.", "--sessionstream_out=version=false:."]
    arguments = ["-Iproto", f"-I{include}", *plugins, *outs, "deploy/v1/deploy.proto"]
    run(tools / "python", "-m", "grpc_tools.protoc", *arguments, cwd=project)


@pytest.fixture(scope="module", params=[generate_with_buf, generate_with_protoc])
def project(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, developer: Path
) -> Path:
    """The consumer project, moved out of this repository, its code generated there."""
    folder = tmp_path_factory.mktemp("project")
    generated = shutil.ignore_patterns("*_pb2.py*", "*_sessionstream.py", "__pycache__", ".mypy*")
    shutil.copytree(CONSUMER, folder, ignore=generated, dirs_exist_ok=True)
    (folder / "proto" / "deploy" / "v1").mkdir(parents=True)
    (folder / "deploy" / "v1" / "deploy.proto").rename(folder / "proto/deploy/v1/deploy.proto")
    request.param(folder, developer)
    return folder


class TestProjectOutside:
    def test_it_generates_the_code_that_is_generated_here(self, project: Path) -> None:
        for name in ("deploy_sessionstream.py", "deploy_pb2.pyi"):
            here, there = (base / "deploy" / "v1" / name for base in (CONSUMER, project))
            assert there.read_bytes() == here.read_bytes()

    def test_its_code_passes_mypy_strict(self, project: Path, developer: Path) -> None:
        cache = f"--cache-dir={developer / 'mypy-cache'}"
        run(bin_of(developer) / "python", "-m", "mypy", "--strict", cache, cwd=project)

    def test_what_scaffold_writes_passes_mypy_strict(self, project: Path, developer: Path) -> None:
        """The files that a user begins with, in a folder beside the finished ones."""
        arguments = ["scaffold", "-Iproto", "proto/deploy/v1/deploy.proto", "--out", "begun"]
        run(bin_of(developer) / "sessionstream", *arguments, cwd=project)
        cache = f"--cache-dir={developer / 'mypy-cache'}"
        run(bin_of(developer) / "python", "-m", "mypy", "--strict", cache, "begun", cwd=project)
        assert {path.name for path in (project / "begun").iterdir()} == {
            "handlers.py",
            "projections.py",
        }

    def test_it_runs(self, project: Path, developer: Path) -> None:
        printed = run(bin_of(developer) / "python", "-W", "error", "-m", "deploy", cwd=project)
        assert printed.splitlines()[-1] == "deployment d-1: DEPLOYMENT_STATE_DONE"
