"""What the rules of ``sessionstream breaking`` are made of: findings, and names then and now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sessionstream_codegen.diagnostics import Severity, quoted
from sessionstream_codegen.roles import Role
from sessionstream_codegen.targets.lock.file import Lock, LockedName


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a change breaks, or may break.

    ``name`` is as the old lock file has it; ``proto`` is the file that
    declares it or, where it is gone, declared it. An error breaks stored
    sessions or clients, if there are any; a warning needs a look.
    """

    code: str
    severity: Severity
    role: Role
    name: str
    proto: str
    message: str
    why: str
    remedy: str

    @property
    def is_error(self) -> bool:
        """Whether it fails without ``--strict``."""
        return self.severity is Severity.ERROR

    def fields(self) -> dict[str, str]:
        """Returns what it holds, for tools."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "role": self.role.option,
            "name": self.name,
            "proto": self.proto,
            "message": self.message,
            "why": self.why,
            "remedy": self.remedy,
        }

    def allowed(self) -> str:
        """Returns one line, for where it is meant."""
        return f"{self.proto}: allowed: [{self.code}] {self.message}"

    def __str__(self) -> str:
        """Returns three lines for people."""
        head = f"{self.proto}: {self.severity.value}: [{self.code}] {self.message}"
        return f"{head}\n  why: {self.why}\n  remedy: {self.remedy}"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of finding. ``why`` may name the payload as it was: ``{payload}``."""

    code: str
    why: str
    severity: Severity = Severity.ERROR

    def found(
        self, name: str, was: LockedName, now: LockedName, message: str, remedy: str
    ) -> Finding:
        """Returns one; the message goes on after the role and the name."""
        return Finding(
            code=self.code,
            severity=self.severity,
            role=was.role,
            name=name,
            proto=now.proto,
            message=f"the {was.role.value} {quoted(name)} {message}",
            why=self.why.format(payload=was.payload),
            remedy=remedy,
        )


def gone(old: Lock, new: Lock, role: Role) -> Iterator[tuple[str, LockedName]]:
    """Yields each name and alias that leads nowhere any more, with what it led to."""
    known = new.known(role)
    return ((name, was) for name, was in old.known(role).items() if name not in known)


def kept(old: Lock, new: Lock, role: Role) -> Iterator[tuple[str, LockedName, LockedName]]:
    """Yields each name with what it led to and leads to.

    An alias that leads where the name itself does says nothing more.
    """
    known = new.known(role)
    for name, was in old.known(role).items():
        now = known.get(name)
        if now is not None and (name == was.name or now is not known.get(was.name)):
            yield name, was, now


def heir(was: LockedName, new: Lock) -> LockedName | None:
    """Returns a name of the same role with the same payload: what it may be called now."""
    return next((one for one in new.of(was.role) if one.payload == was.payload), None)


def says_gone(name: str, was: LockedName, new: Lock) -> str:
    """Says what became of a name: an alias was taken away, or the message has other roles."""
    if name != was.name:
        return f"is gone, an alias of {quoted(was.name)}"
    now = [one.role for one in new.names if one.payload == was.payload]
    if now and was.role not in now:
        roles = " and ".join(_a(role) for role in Role if role in now)
        return f"is gone: {was.payload} is no {was.role.value} any more, but {roles}"
    return "is gone"


def replaced(was: LockedName, now: LockedName) -> str:
    """Says what took the place of a payload."""
    return f"has the payload {now.payload} instead of {was.payload}"


def _a(role: Role) -> str:
    return f"{'an' if role in {Role.EVENT, Role.ENTITY} else 'a'} {role.value}"
