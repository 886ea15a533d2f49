"""Which messages tell of the same thing, as far as their fields and names show it.

What a skeleton does is guessed from that. Where two guesses are as good, there
is none: a body that raises is better than one that is wrong in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sessionstream_codegen import names
from sessionstream_codegen.model import FieldSpec, Label, MessageDecl
from sessionstream_codegen.targets.python.names import Named

_MANY = frozenset({Label.REPEATED, Label.MAP})
_REMOVALS = frozenset({"deleted", "removed"})
_ADDITIONS = frozenset({"added", "created", "imported", "joined", "placed", "posted", "registered"})
_BEGINNINGS = _ADDITIONS | {"began", "begun", "opened", "started"}


def agreeing(source: MessageDecl, target: MessageDecl) -> tuple[FieldSpec, ...]:
    """Returns the fields of ``source`` that can be copied into ``target`` as they are.

    Name and type are the same; both hold one value, or many; both stand in a
    oneof of the same name, or in none. Whether one has presence makes no difference.
    """
    wanted = {_signature(field) for field in target.fields}
    return tuple(field for field in source.fields if _signature(field) in wanted)


def fullest(source: MessageDecl, candidates: Iterable[Named]) -> Named | None:
    """Returns the candidate that ``source`` fills wholly, with the most fields.

    None where nothing is filled, or several are filled as well.
    """
    filled: dict[int, list[Named]] = {}
    for named in candidates:
        count = len(named.message.fields)
        if count and len(agreeing(source, named.message)) == count:
            filled.setdefault(count, []).append(named)
    best = filled[max(filled)] if filled else []
    return best[0] if len(best) == 1 else None


def subjects(event: MessageDecl, entities: Iterable[Named]) -> list[Named]:
    """Returns the entities that an event is about: it has their keys.

    An event names other entities by their keys as well: of a message's author,
    it has the key alone. So it is about the entity with which it shares the
    most fields, and then about the one that its name begins with. Where that
    leaves several with keys of different names, it is about each of them;
    where one key may be of either, nothing is known.
    """
    keyed = [named for named in entities if _has_key(event, named.message)]
    ranks = [(len(agreeing(event, named.message)), _is_named(event, named)) for named in keyed]
    best = [named for named, rank in zip(keyed, ranks, strict=True) if rank == max(ranks)]
    keys = {named.message.keys[0].name for named in best}
    return best if len(keys) == len(best) else []


def begins(event: MessageDecl, entity: Named, events: Iterable[Named]) -> bool:
    """Says whether an event makes an entity that is not there, as ``TaskAdded`` does.

    Its name says so, or it has all fields of the entity. Where none of the
    ``events`` that are about the entity is such a one, each of them does.
    """
    about = (
        named.message
        for named in events
        if _has_key(named.message, entity.message) and not is_removal(named.message)
    )
    return _may_begin(event, entity) or not any(_may_begin(one, entity) for one in about)


def is_removal(event: MessageDecl) -> bool:
    """Says whether an event's name tells that something is gone: ``MessageRemoved``."""
    return _words(event)[-1] in _REMOVALS


def removes(event: MessageDecl, entity: Named) -> bool:
    """Says whether what is gone is the entity: ``MessageRemoved`` and a ``ChatMessage``."""
    gone = _words(event)[:-1]
    words = _words(entity.message)
    return is_removal(event) and words[len(words) - len(gone) :] == gone


def _may_begin(event: MessageDecl, entity: Named) -> bool:
    if _words(event)[-1] in _BEGINNINGS:
        return True
    return len(agreeing(event, entity.message)) == len(entity.message.fields)


def _signature(field: FieldSpec) -> tuple[str, str, Label | None, str]:
    many = field.label if field.label in _MANY else None
    return field.name, field.type, many, field.oneof


def _has_key(event: MessageDecl, entity: MessageDecl) -> bool:
    key = entity.keys[0]
    wanted = (key.name, key.type, None, "")
    return any(_signature(field) == wanted for field in event.fields)


def _is_named(event: MessageDecl, entity: Named) -> bool:
    """Says whether the event's name begins with the entity's, or with the end of it."""
    words, kind = _words(event), _words(entity.message)
    return any(words[: len(kind) - start] == kind[start:] for start in range(len(kind)))


def _words(message: MessageDecl) -> Sequence[str]:
    return names.snake(message.name).split("_")
