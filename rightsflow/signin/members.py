"""The people who may sign in, read anew from the configuration whenever it changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rightsflow.config.sections.desk_settings import DeskSettings
from rightsflow.config.settings import Settings, load_settings
from rightsflow.domain.accounts import Permission, Role, permissions
from rightsflow.domain.people import folded


@dataclass(frozen=True, slots=True)
class Member:
    """A person who may sign in.

    Args:
        key: Their key in the configuration.
        name: Their name, by which they act.
        roles: What they are at the desk.
        email: Their address, by which an identity provider may name them.
        subject: What it calls them otherwise.
    """

    key: str
    name: str
    roles: tuple[Role, ...]
    email: str = field(default="", repr=False)
    subject: str = field(default="", repr=False)

    @property
    def permissions(self) -> frozenset[Permission]:
        """The permissions of the member's roles."""
        return permissions(self.roles)

    @property
    def role(self) -> str:
        """Their roles in words, for the evidence."""
        return ", ".join(self.roles)


@dataclass(frozen=True, slots=True)
class Roster:
    """All of them, as of one reading of the configuration.

    Args:
        members: By their keys.
        desk: How long sessions last.
    """

    members: Mapping[str, Member]
    desk: DeskSettings

    @classmethod
    def of(cls, settings: Settings) -> Roster:
        """Return the roster of a configuration."""
        people = settings.members.items()
        members = {
            key: Member(key, person.own_name, person.roles, email=person.email, subject=person.oidc_subject)
            for key, person in people
        }
        return cls(members, settings.desk)

    def called(self, typed: str) -> Member | None:
        """Return the person with a key, or with a name as names are compared.

        Args:
            typed: What was typed.
        """
        wanted = folded(typed)
        by_name = (member for member in self.members.values() if folded(member.name) == wanted)
        return self.members.get(wanted) or next(by_name, None)


class RosterFile:
    """The roster of a file, read again when it changes: removing a person's roles signs them out at once.

    Args:
        path: The configuration file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read: tuple[tuple[int, int, int], Roster] | None = None

    def __call__(self) -> Roster:
        """Return the present roster.

        Raises:
            Misconfigured: The file is missing or wrong; no one is let in by what it said before.
        """
        mark = self._mark()
        if self._read is None or self._read[0] != mark:
            self._read = (mark, Roster.of(load_settings(self._path)))
        return self._read[1]

    def _mark(self) -> tuple[int, int, int]:
        try:
            seen = self._path.stat()
        except OSError:
            return (0, 0, 0)
        return (seen.st_mtime_ns, seen.st_size, seen.st_ino)
