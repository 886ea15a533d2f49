"""Changes of a small schema, each with what `sessionstream breaking` has to say of it."""

from __future__ import annotations

from dataclasses import dataclass

EVENT = "option (sessionstream.v1.message).event"
UI = "option (sessionstream.v1.message).ui_event"
COMMAND = "option (sessionstream.v1.message).command"
ENTITY = "option (sessionstream.v1.message).entity"
KEY = "[(sessionstream.v1.field).key = true]"

FIELDS = "string id = 1; string text = 2; int64 number = 3; int32 n = 4;"
NOTED = f"message Noted {{ {EVENT} = {{}}; {FIELDS} }}\n"
NOTE = f"message Note {{ {ENTITY} = {{}}; string id = 1 {KEY}; string text = 2; }}\n"
NOTICE = f"message Notice {{ {UI} = {{}}; string id = 1; }}\n"
WRITE = f"message Write {{ {COMMAND} = {{idempotent: true}}; string text = 1; }}\n"
APP = NOTED + NOTE + NOTICE + WRITE
OTHER_FIELDS = "string body = 1; string title = 9;"


@dataclass(frozen=True, kw_only=True)
class Change:
    """A change of `APP`: this text in place of that. ``found`` are codes and names."""

    said: str
    take: str
    put: str
    found: tuple[str, ...] = ()
    first: str = ""
    """What had been put in place of ``take`` before, where that is not `APP`."""

    @property
    def old(self) -> str:
        return APP.replace(self.take, self.first) if self.first else APP

    @property
    def new(self) -> str:
        assert self.take in APP, self.take
        return APP.replace(self.take, self.put)


CHANGES = (
    Change(said="nothing changed", take=NOTED, put=NOTED),
    Change(
        said="an event was added",
        take=NOTED,
        put=f"{NOTED}message Added {{ {EVENT} = {{}}; string id = 1; }}\n",
    ),
    Change(said="an event was removed", take=NOTED, put="", found=("SS501 Noted",)),
    Change(
        said="an event has another name",
        take=f"{EVENT} = {{}}",
        put=f'{EVENT} = {{name: "Written"}}',
        found=("SS501 Noted",),
    ),
    Change(
        said="an event has another name, the old one is an alias",
        take=f"{EVENT} = {{}}",
        put=f'{EVENT} = {{name: "Written", aliases: "Noted"}}',
    ),
    Change(
        said="an alias of an event was removed",
        take=f"{EVENT} = {{}}",
        first=f'{EVENT} = {{aliases: "Jotted"}}',
        put=f"{EVENT} = {{}}",
        found=("SS501 Jotted",),
    ),
    Change(
        said="an event became a UI event alone",
        take=f"{EVENT} = {{}}",
        put=f"{UI} = {{}}",
        found=("SS501 Noted",),
    ),
    Change(
        said="the message of an event was renamed, with an alias",
        take=f"message Noted {{ {EVENT} = {{}}",
        put=f'message Written {{ {EVENT} = {{aliases: "Noted"}}',
        found=("SS502 Noted",),
    ),
    Change(
        said="an alias leads to another event",
        take=f"message Noted {{ {EVENT} = {{}}",
        first=f'message Noted {{ {EVENT} = {{aliases: "Jotted"}}',
        put=f"message Jotted {{ {EVENT} = {{}}; }}\nmessage Noted {{ {EVENT} = {{}}",
        found=("SS502 Jotted",),
    ),
    Change(
        said="an event became ephemeral",
        take=f"{EVENT} = {{}}",
        put=f"{EVENT} = {{ephemeral: true}}",
        found=("SS503 Noted",),
    ),
    Change(
        said="an ephemeral event is stored",
        take=f"{EVENT} = {{}}",
        first=f"{EVENT} = {{ephemeral: true}}",
        put=f"{EVENT} = {{}}",
        found=("SS504 Noted",),
    ),
    Change(
        said="an ephemeral event was removed",
        take=NOTED,
        first=NOTED.replace("{}", "{ephemeral: true}"),
        put="",
    ),
    Change(said="a command was removed", take=WRITE, put="", found=("SS511 Write",)),
    Change(
        said="a command has another name, the old one is an alias",
        take=f"{COMMAND} = {{",
        put=f'{COMMAND} = {{name: "Jot", aliases: "Write", ',
    ),
    Change(
        said="a command's name was given to another one",
        take=WRITE,
        put=WRITE.replace("= {", '= {name: "Jot", ')
        + f'message Draw {{ {COMMAND} = {{name: "Write"}}; {OTHER_FIELDS} }}\n',
        found=("SS512 Write", "SS513 Write"),
    ),
    Change(
        said="an alias leads to another command",
        take=f"message Write {{ {COMMAND} = {{idempotent: true}};",
        first=f'message Write {{ {COMMAND} = {{idempotent: true, aliases: "Jot"}};',
        put=f"message Jot {{ {COMMAND} = {{idempotent: true}}; {OTHER_FIELDS} }}\n"
        f"message Write {{ {COMMAND} = {{idempotent: true}};",
        found=("SS512 Jot",),
    ),
    Change(
        said="the message of a command was renamed, with an alias",
        take=f"message Write {{ {COMMAND} = {{",
        put=f'message Jot {{ {COMMAND} = {{aliases: "Write", ',
        found=("SS514 Write",),
    ),
    Change(
        said="the message of a command was renamed, and the command was not",
        take=f"message Write {{ {COMMAND} = {{",
        put=f'message Jot {{ {COMMAND} = {{name: "Write", ',
        found=("SS514 Write",),
    ),
    Change(
        said="a command has another message with other fields",
        take="message Write { " + COMMAND + " = {idempotent: true}; string text = 1;",
        put=f'message Jot {{ {COMMAND} = {{name: "Write", idempotent: true}}; {OTHER_FIELDS}',
        found=("SS514 Write",),
    ),
    Change(
        said="a command is not idempotent any more",
        take="{idempotent: true}",
        put="{}",
        found=("SS513 Write",),
    ),
    Change(said="a UI event was removed", take=NOTICE, put="", found=("SS521 Notice",)),
    Change(
        said="a UI event lost one of its names",
        take=f"{UI} = {{}}",
        first=f'{UI} = {{names: ["Notice", "Warning"]}}',
        put=f"{UI} = {{}}",
        found=("SS521 Warning",),
    ),
    Change(
        said="a UI event has another payload",
        take=f"message Notice {{ {UI} = {{}}",
        put=f'message Toast {{ {UI} = {{names: "Notice"}}',
        found=("SS522 Notice",),
    ),
    Change(said="a kind of entity was removed", take=NOTE, put="", found=("SS531 Note",)),
    Change(
        said="an entity has another kind",
        take=f"{ENTITY} = {{}}",
        put=f'{ENTITY} = {{kind: "Sticker"}}',
        found=("SS531 Note",),
    ),
    Change(
        said="the message of an entity was renamed",
        take=f"message Note {{ {ENTITY} = {{}}",
        put=f'message Sticker {{ {ENTITY} = {{kind: "Note"}}',
        found=("SS532 Note",),
    ),
    Change(
        said="another field is the key",
        take=f"string id = 1 {KEY}; string text = 2;",
        put=f"string id = 1; string text = 2 {KEY};",
        found=("SS533 Note",),
    ),
    Change(
        said="the key has another number",
        take=f"string id = 1 {KEY}",
        put=f"string id = 4 {KEY}",
        found=("SS533 Note",),
    ),
    Change(
        said="the key is of a type that reads it otherwise",
        take=f"string id = 1 {KEY}; string text = 2;",
        first=f"int64 number = 1 {KEY};",
        put=f"int32 number = 1 {KEY};",
        found=("SS533 Note",),
    ),
    Change(
        said="the key is of a wider type",
        take=f"string id = 1 {KEY}; string text = 2;",
        first=f"int32 number = 1 {KEY};",
        put=f"int64 number = 1 {KEY};",
        found=("SS534 Note",),
    ),
    Change(
        said="the key field was renamed",
        take=f"string id = 1 {KEY}; string text = 2;",
        first=f"int32 n = 1 {KEY};",
        put=f"int32 number = 1 {KEY};",
        found=("SS534 Note",),
    ),
)


def named(said: str) -> Change:
    """Returns the change of that name."""
    return next(change for change in CHANGES if change.said == said)
