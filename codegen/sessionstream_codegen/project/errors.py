"""What can go wrong with a new project."""

from __future__ import annotations


class ProjectError(Exception):
    """What the user has to put right; the text says how."""
