"""Keys of another type than the key field's."""

from __future__ import annotations

from everything.v1 import chat_sessionstream as chat


def read(view: chat.ChatTimelineView) -> None:
    view.usage.get("7")
    # E: Argument 1 to "get" of "EntityView" has incompatible type "str"; expected "int"  [arg-type]
    # P: Argument of type "Literal['7']" cannot be assigned to parameter "key" of type "int" in
    #    function "get"  [reportArgumentType]
    view.usage.entity("007")
    # E: Argument 1 to "entity" of "EntityView" has incompatible type "str"; expected "int"
    #    [arg-type]
    # P: Argument of type "Literal['007']" cannot be assigned to parameter "key" of type "int" in
    #    function "entity"  [reportArgumentType]
    view.chat_message.get(7)
    # E: Argument 1 to "get" of "EntityView" has incompatible type "int"; expected "str"  [arg-type]
    # P: Argument of type "Literal[7]" cannot be assigned to parameter "key" of type "str" in
    #    function "get"  [reportArgumentType]
    view.chat_message.entity(b"m-1")
    # E: Argument 1 to "entity" of "EntityView" has incompatible type "bytes"; expected "str"
    #    [arg-type]
    # P: Argument of type "Literal[b"m-1"]" cannot be assigned to parameter "key" of type "str" in
    #    function "entity"  [reportArgumentType]
    view.chat_message.get(None)
    # E: Argument 1 to "get" of "EntityView" has incompatible type "None"; expected "str"
    #    [arg-type]
    # P: Argument of type "None" cannot be assigned to parameter "key" of type "str" in function
    #    "get"  [reportArgumentType]


def remove() -> list[chat.ChatEntity]:
    return [
        chat.ChatEntities.usage.tombstone("7"),
        # E: Argument 1 to "tombstone" of "EntityFactory" has incompatible type "str"; expected
        #    "int"  [arg-type]
        # P: Argument of type "Literal['7']" cannot be assigned to parameter "key" of type "int" in
        #    function "tombstone"  [reportArgumentType]
        chat.ChatEntities.usage.tombstone(7.0),
        # E: Argument 1 to "tombstone" of "EntityFactory" has incompatible type "float"; expected
        #    "int"  [arg-type]
        # P: Argument of type "float" cannot be assigned to parameter "key" of type "int" in
        #    function "tombstone"  [reportArgumentType]
        chat.ChatEntities.usage.tombstone(True),
        # E: nothing; a bool is an int to type checkers: it is refused at run time
        # P: nothing; a bool is an int to type checkers: it is refused at run time
        chat.ChatEntities.chat_message.tombstone(7),
        # E: Argument 1 to "tombstone" of "EntityFactory" has incompatible type "int"; expected
        #    "str"  [arg-type]
        # P: Argument of type "Literal[7]" cannot be assigned to parameter "key" of type "str" in
        #    function "tombstone"  [reportArgumentType]
    ]
