"""The linter: mistakes in the use of sessionstream that a type checker lets pass.

It runs inside mypy, so that it judges types and not spelling: in a user's
ordinary run as a plugin, and by itself as ``sessionstream lint``. The rules
read Python's own syntax tree, and ask `Facts` for what mypy knows of it.
Nothing but the files ``mypy_….py`` and ``running.py`` needs mypy.
"""
