"""User files with handlers in them, written in every way that Python allows."""

from __future__ import annotations

import textwrap

from hypothesis import strategies as st

TOPS = [
    "",
    "#!/usr/bin/env python\n",
    "# -*- coding: utf-8 -*-\n",
    "# A comment.\n\n",
    "\n\n",
    "\f\n",
]
DOCS = [
    "",
    '"""A docstring."""\n',
    '"""Two\nlines."""; A = 1\n',
    "'''class Mine(ChatHandlers):'''\n\n",
]
FUTURES = ["", "from __future__ import annotations\n"]
OTHERS = [
    "import os\n",
    "import os, sys as system; TEXT = '''\nimport re\n'''\n",
    "from typing import (\n    Any,\n    Generic,  # kept\n)\n",
    "try:\n    from typing import override\nexcept ImportError:\n"
    "    from typing_extensions import override\n",
    "import json \\\n\n",
    "from sessionstream import Command\n",
    "from sessionstream import Event as Command\n",
    "import sessionstream as session\n",
    "if True:\n    from sessionstream import Session\n    # The end of the block.\n",
    "Command = override = None\n",
    "def helper(pb, Session=None):\n    return Session\n",
    "größe = 'ß'\n",
    "x = 1; y = 2;\n",
    "class Other:\n    pass\n",
    "# A comment of the next line.\n",
    "\n",
    "\f\n",
]
BASES = [
    ("from everything.v1.chat_sessionstream import ChatHandlers\n", "ChatHandlers"),
    ("from everything.v1.chat_sessionstream import ChatHandlers as Base\n", "Base"),
    ("from everything.v1.chat_sessionstream import *\n", "ChatHandlers"),
    ("from everything.v1 import chat_sessionstream\n", "chat_sessionstream.ChatHandlers"),
    ("from everything.v1 import chat_sessionstream as view\n", "view.ChatHandlers"),
    ("import everything.v1.chat_sessionstream as chat\n", "chat.ChatHandlers"),
    (
        "import everything.v1.chat_sessionstream\n",
        "everything.v1.chat_sessionstream.ChatHandlers",
    ),
    ("from .v1 import chat_pb2 as pb, chat_sessionstream as chat\n", "chat.ChatHandlers"),
    ("from .v1.chat_sessionstream import ChatHandlers, ChatPublisher\n", "ChatHandlers"),
    (
        "try:\n    from everything.v1.chat_sessionstream import ChatHandlers\n"
        "except ImportError:\n    raise\n",
        "ChatHandlers",
    ),
]
MEMBERS = [
    "pass\n",
    "...\n",
    '"""A docstring\n\nclass X:\n    pass\n"""\n',
    "x = 1; y = '''\n  z''';\n",
    "x = 1 \\\n\n",
    "async def start_inference(self, command, session, publisher): return  None\n",
    "def stop_inference(self, command, session, publisher):\n    return None\n    # Its end.\n",
    "stop_inference = start_inference = None\n",
    "stop_inference: object = property(lambda self: None)\n",
    "if True:\n    def start_inference(self): ...\n",
    "class Inner:\n    pb = 3\n",
    "pb = session = None\n",
    "@property\ndef size(self):\n    return 1\n",
    "# Commented out.\n",
    "\n",
    "größe = 1\n",
]
TAILS = [
    "",
    "# The end.\n",
    "\n\n\n",
    "x = 3\n",
    "    \n",
    "def main():\n    import os\n    # Its end.\n\n\nif __name__ == '__main__':\n    main()\n",
    "import re\n",
]
INDENTS = ["    ", "  ", "\t", "      "]


@st.composite
def classes(draw: st.DrawFn, base: str) -> str:
    """One class that derives from the base, or one and another that derives from it."""
    indent = draw(st.sampled_from(INDENTS))
    members = draw(st.lists(st.sampled_from(MEMBERS), max_size=4))
    if not any(member.strip() and not member.startswith("#") for member in members):
        members.append("pass\n")
    body = textwrap.indent("".join(members).replace("    ", indent), indent)
    decorators = draw(st.sampled_from(["", "@(lambda cls: cls)\n", "# On it.\n"]))
    name = draw(st.sampled_from(["Mine", "Käse", "Handlers"]))
    head = draw(st.sampled_from([f"({base})", f"(\n    {base},\n)", f"({base}, object)"]))
    first = f"{decorators}class {name}{head}:\n{body}"
    kind = draw(st.sampled_from(["alone", "derived", "in a block", "in a function"]))
    if kind == "derived":
        return f"{first}\n\nclass Last({name}):\n    pass\n"
    if kind == "in a block":
        return f"if True:\n{textwrap.indent(first, indent)}{indent}z = 3\n"
    if kind == "in a function":
        return f"def make():\n{textwrap.indent(first, indent)}{indent}return {name}\n"
    return first


@st.composite
def user_files(draw: st.DrawFn) -> str:
    """A file that Python imports."""
    others = st.lists(st.sampled_from(OTHERS), max_size=4).map("".join)
    statement, base = draw(st.sampled_from(BASES))
    parts = [draw(st.sampled_from(some)) for some in (TOPS, DOCS, FUTURES)]
    parts += [draw(others), statement, draw(others)]
    if draw(st.booleans()):
        parts.append(draw(classes(base)))
        parts.append(draw(others))
    parts.append(draw(st.sampled_from(TAILS)))
    text = "".join(parts)
    if draw(st.booleans()):
        text = text.rstrip("\n")
    newline = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    return draw(st.sampled_from(["", "\ufeff"])) + text.replace("\n", newline)
