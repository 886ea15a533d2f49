"""Where the package's own .proto files are."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent
# A wheel carries the files inside the package; a checkout has them beside it.
_CANDIDATES = (_PACKAGE / "_proto", _PACKAGE.parent / "proto")


def include_dir() -> Path:
    """Returns the directory to give to protoc as ``-I``.

    It holds ``sessionstream/v1/options.proto`` and ``transport.proto``.

    Raises:
        FileNotFoundError: The installation lacks them.
    """
    for candidate in _CANDIDATES:
        if (candidate / "sessionstream" / "v1" / "options.proto").is_file():
            return candidate
    raise FileNotFoundError(
        "sessionstream/v1/options.proto is missing from this installation; "
        "reinstall the sessionstream package"
    )
