"""The command ``sessionstream``: a file for each of its commands, and `main`, which runs them."""

from sessionstream.cli.main import main

__all__ = ["main"]
