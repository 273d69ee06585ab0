"""People who sign in, with codes by the test's clock and a hasher that does not cost half a second."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache

import pyotp
from argon2 import PasswordHasher

from rightsflow.config.settings import Settings
from rightsflow.signin.desk_door import Door
from rightsflow.signin.members import Roster
from tests.support.bench import SETTINGS

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "four kettles on a blue stove"
PEOPLE = {
    "olga": ("Olga Officer", ["officer"]),
    "dana": ("Dana Decider", ["approver"]),
    "ines": ("Ines Example", ["dpo"]),
    "axel": ("Axel Auditor", ["auditor"]),
    "ada": ("Ada Admin", ["admin"]),
    "aura": ("Aura Authority", ["authority_request"]),
}
"""Who works at the tests' desk, by key: name and roles."""


def settings_with(people=None, subjects=None, **desk) -> Settings:
    """The bench's configuration with people who may sign in.

    Args:
        people: As :data:`PEOPLE`, which is the default.
        subjects: What an identity provider calls them, by key.
        desk: The section ``[desk]``.
    """
    raw = SETTINGS.model_dump(mode="json", exclude_defaults=True)
    given = PEOPLE if people is None else people
    section = {
        key: {
            "name": name,
            "email": f"{key}@example.com",
            "roles": roles,
            "oidc_subject": (subjects or {}).get(key, ""),
        }
        for key, (name, roles) in given.items()
    }
    return Settings.model_validate(raw | {"people": section, "desk": desk})


@cache
def _roster(said):
    """Who may sign in; each request asks, and a configuration is checked for longer than most pages take."""
    people, subjects, desk = json.loads(said)
    return Roster.of(settings_with(people, subjects, **desk))


@dataclass
class Team:
    """A door, the people before it, and what they know.

    Args:
        bench: The parts below.
        people: Who has which roles now; change it as the configuration would be.
        desk: The section ``[desk]`` now.
        subjects: What an identity provider calls the people now.
    """

    bench: object
    people: dict = field(default_factory=lambda: dict(PEOPLE))
    secrets: dict = field(default_factory=dict)
    desk: dict = field(default_factory=dict)
    subjects: dict = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.door = Door(lambda: self.bench.runtime.store, self.roster, QUICK)

    def roster(self):
        """Who may sign in now."""
        return _roster(json.dumps([self.people, self.subjects, self.desk]))

    def invite(self, key):
        """The token of a new invitation; one that replaces a sign-in is approved by a second admin."""
        token = self.door.invite(key, by="Ada Admin")[1]
        if self.bench.runtime.store.accounts.has_signed_in(key):
            self.door.invitations.approve(key, by="Second Admin")
        return token

    def enrol(self, key):
        """Redeem an invitation; returns the session's token."""
        token = self.invite(key)
        self.secrets[key] = self.door.invited(token)[1]
        return self.door.redeem(token, password=PASSWORD, again=PASSWORD, code=self.code(key))

    def code(self, key):
        """What the person's app shows now."""
        return pyotp.TOTP(self.secrets[key]).at(self.bench.moment[0])

    def sign_in(self, key):
        """Sign in with a code that was not used yet; returns the session's token."""
        self.bench.pass_time(timedelta(seconds=30))
        return self.door.sign_in(key, PASSWORD, self.code(key))
