"""Sessions at the desk, the browsers that are known, and drafts of forms that were sent after a session had ended.

A known browser has a signed cookie. It lets no one in: attempts from this browser are counted for themselves, as OWASP
describes it ("Slow Down Online Guessing Attacks with Device Cookies"), so that guesses elsewhere lock no one out.
A draft is encrypted, lasts half an hour, and is returned only to the same person in the same browser: it belongs to
the token of the session that ended, and then to the token of the session that replaces it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from typing import Final

from rightsflow.domain.accounts import FREE_ATTEMPTS, FREE_ATTEMPTS_OF_ALL, is_fresh
from rightsflow.domain.errors import BadInput
from rightsflow.domain.people import Actor, Proof
from rightsflow.signin.members import Member, Roster
from rightsflow.store import Store
from rightsflow.store.sessions import NOTHING_SAID

TOKEN_BYTES: Final = 32
_NOT_SIGNED_IN: Final = "You are not signed in any more; sign in again."


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The person who is signed in, as of one request.

    Args:
        member: Who, with the roles of the present configuration.
        proof: How they signed in.
        is_fresh: Whether they proved it within the last minutes.
        lasts: How long the session goes on without a further request.
    """

    member: Member
    proof: Proof
    is_fresh: bool
    lasts: timedelta = timedelta()

    @property
    def actor(self) -> Actor:
        """The person as acts, ledger and evidence name them."""
        return Actor(self.member.name, role=self.member.role, proof=self.proof)


class SessionDoor:
    """The sessions.

    Args:
        store: Gives the case store; asked for at each use, since it may not answer while the desk starts.
        roster: Gives those who may sign in, as of now.
    """

    def __init__(self, store: Callable[[], Store], roster: Callable[[], Roster]) -> None:
        self._give_store = store
        self.roster = roster

    @property
    def store(self) -> Store:
        """The case store."""
        return self._give_store()

    def begin(self, member: Member, proof: Proof) -> str:
        """Begin a session with a fresh proof; return its token.

        Args:
            member: Who signed in.
            proof: How.
        """
        return self.begin_as(member, proof, proved_at=self.store.now())

    def begin_as(
        self, member: Member, proof: Proof, *, proved_at: datetime | None, how: Mapping[str, str] = NOTHING_SAID
    ) -> str:
        """Begin a session; returns its token.

        Args:
            member: Who signed in.
            proof: How.
            proved_at: When they proved it (aware); ``None`` where that is not known.
            how: What an identity provider said of it, in its words.
        """
        token = secrets.token_urlsafe(TOKEN_BYTES)
        lasts = self.roster().desk.lifetimes.absolute
        by = Actor(member.name, role=member.role, proof=proof)
        self.store.sessions.begin(hashed(token), member.key, proof, proved_at=proved_at, lasts=lasts, by=by, how=how)
        return token

    def known(self, token: str, *, goes_on: bool = True) -> SignedIn | None:
        """Return the person signed in by a session's token, with their present roles; ``None`` for no one.

        Args:
            token: The token.
            goes_on: Whether the session goes on by that: not by what a page asks by itself.
        """
        if not token:
            return None
        roster = self.roster()
        idle, now = roster.desk.lifetimes.idle, self.store.now()
        found = self.store.sessions.known(hashed(token), idle=idle, goes_on=goes_on)
        member = roster.members.get(found.person) if found else None
        if found is None or member is None:
            return None
        return SignedIn(member, found.proof, is_fresh(found.stepped_up_at, now), min(idle, found.ends_at - now))

    def present(self, token: str) -> SignedIn:
        """Return the person signed in by a session's token; one is required.

        Raises:
            BadInput: No one is.
        """
        signed_in = self.known(token)
        if signed_in is None:
            raise BadInput(_NOT_SIGNED_IN)
        return signed_in

    def step_up(self, token: str) -> None:
        """Note that the person of a session re-authenticated.

        Args:
            token: The session's token.
        """
        self.store.sessions.step_up(hashed(token))

    def step_up_elsewhere(self, token: str, how: Mapping[str, str]) -> None:
        """Note that the person of a session proved it afresh at an identity provider.

        Args:
            token: The session's token.
            how: What the provider said of it, in its words.

        Raises:
            BadInput: No one is signed in by that.
        """
        signed_in = self.present(token)
        self.store.sessions.note_proof(signed_in.member.key, by=signed_in.actor, how=how)
        self.step_up(token)

    def sign_out(self, token: str) -> None:
        """End a session."""
        self.store.sessions.end(hashed(token))

    def sign_out_everywhere(self, key: str, *, by: str) -> int:
        """End every session of a person, with or without a role; returns how many there were.

        Args:
            key: Their key.
            by: Who ends them.
        """
        return self.store.sessions.end_all(key, by=by)


def hashed(token: str) -> str:
    """Return the hash by which a token is stored, so that reading the store does not reveal a usable token."""
    return hashlib.sha256(token.encode()).hexdigest()


KNOWN_FOR: Final = timedelta(days=180)
_NONCE_BYTES: Final = 16
_NAME: Final = "rightsflow-browser-{}"
_NAME_CHARACTERS: Final = 12
_MOST_CHARACTERS: Final = 200
_NOTHING: Final = "-"
_IPV6_OF_ONE: Final = 64
"""An IPv6 connection has so many leading bits to itself, and every address below them."""


class KnownBrowsers:
    """The recognition of browsers that have signed in before.

    Args:
        sessions: The sessions.
    """

    def __init__(self, sessions: SessionDoor) -> None:
        self._sessions = sessions

    def cookie_of(self, key: str) -> str:
        """Return the cookie name for a person's browsers; the name does not reveal the person.

        Args:
            key: The person's key.
        """
        return _NAME.format(sha256(key.encode()).hexdigest()[:_NAME_CHARACTERS])

    def new_mark(self, key: str) -> str:
        """Create a new value of that cookie.

        Args:
            key: The person's key.
        """
        nonce = secrets.token_urlsafe(_NONCE_BYTES)
        return f"{nonce}.{self._signature(key, nonce)}"

    def is_known(self, key: str, cookies: Mapping[str, str]) -> bool:
        """Return whether a browser is one of a person's.

        Args:
            key: The person's key.
            cookies: What the browser sent along.
        """
        mark = cookies.get(self.cookie_of(key), "")
        nonce, _, signature = mark.partition(".")
        if not (nonce and signature and len(mark) <= _MOST_CHARACTERS):
            return False
        return hmac.compare_digest(signature.encode(), self._signature(key, nonce).encode())

    def counted(self, name: str, key: str, address: str, cookies: Mapping[str, str]) -> dict[str, int]:
        """Return the names under which a sign-in attempt is counted, with the free attempts of each.

        An attempt from a known browser counts for that browser. Any other attempt counts for its address, and for the
        person over all unknown browsers, so that many addresses together are slowed down too.

        Args:
            name: The name that was typed, as it is compared.
            key: The person's key; empty where no one has that name.
            address: Whence it is tried; empty where that is not known.
            cookies: What the browser sent along.
        """
        if key and self.is_known(key, cookies):
            return {f"browser\n{cookies[self.cookie_of(key)]}": FREE_ATTEMPTS}
        return {f"address\n{name}\n{_of_one(address)}": FREE_ATTEMPTS, name: FREE_ATTEMPTS_OF_ALL}

    def _signature(self, key: str, nonce: str) -> str:
        account = self._sessions.store.accounts.of(key)
        since = account.made_at.isoformat() if account else _NOTHING
        return self._sessions.store.sessions.signed(f"{key}\n{since}\n{nonce}")


def _of_one(address: str) -> str:
    """Return the part of an address that belongs to a single caller."""
    try:
        read = ip_address(address)
    except ValueError:
        return address
    return str(int(read) >> _IPV6_OF_ONE) if isinstance(read, IPv6Address) else str(read)


LASTS: Final = timedelta(minutes=30)
"""For how long what was typed is kept."""
_PURPOSE: Final = "draft"
_MOST_BYTES: Final = 500_000
_NOT_KEPT: Final = frozenset({"token", "code", "password", "again", "passkey", "new_passkey"})
"""The fields that prove a person's identity or a form's origin; these are typed anew."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A form as it was sent.

    Args:
        page: The path of the page with the form, with its query.
        sent_to: Where the form was sent.
        fields: What was typed, by the fields' names.
    """

    page: str
    sent_to: str
    fields: tuple[tuple[str, str], ...] = field(repr=False)


class Drafts:
    """The stored drafts of forms that came too late.

    Args:
        sessions: The sessions.
    """

    def __init__(self, sessions: SessionDoor) -> None:
        self._sessions = sessions

    def keep(self, token: str, draft: Draft) -> bool:
        """Store a form of an ended session; return whether it was stored.

        Args:
            token: The ended session's token.
            draft: The form.
        """
        person = self._person_of(token)
        fields = tuple((name, value) for name, value in draft.fields if name not in _NOT_KEPT)
        if person is None or not any(value.strip() for _, value in fields):
            return False
        kept = json.dumps({"person": person, **asdict(Draft(draft.page, draft.sent_to, fields))}).encode()
        if len(kept) > _MOST_BYTES:
            return False
        self._sessions.store.challenges.keep(hashed(token), _PURPOSE, kept, lasts=LASTS)
        return True

    def is_of_a_session(self, token: str) -> bool:
        """Return whether a token belonged to a session, so that a form of it can be stored."""
        return self._person_of(token) is not None

    def _person_of(self, token: str) -> str | None:
        return self._sessions.store.sessions.person_of(hashed(token)) if token else None

    def follow(self, old: str, new: str, member: Member) -> str:
        """Move a draft to the session that follows; return the page that it belongs to, or an empty text.

        Args:
            old: The token of the session that ended.
            new: That of the one that follows in the same browser.
            member: Who signed in.
        """
        kept = self._sessions.store.challenges.take(hashed(old), _PURPOSE) if old else None
        if kept is None or json.loads(kept)["person"] != member.key:
            return ""
        self._sessions.store.challenges.keep(hashed(new), _PURPOSE, kept, lasts=LASTS)
        return str(json.loads(kept)["page"])

    def of(self, token: str) -> Draft | None:
        """Return the draft stored with a session, or ``None``.

        Args:
            token: The session's token.
        """
        kept = self._sessions.store.challenges.seen(hashed(token), _PURPOSE)
        if kept is None:
            return None
        fields = json.loads(kept)
        return Draft(fields["page"], fields["sent_to"], tuple((name, value) for name, value in fields["fields"]))

    def drop(self, token: str) -> None:
        """Delete the draft of a session after it was sent.

        Args:
            token: The session's token.
        """
        self._sessions.store.challenges.take(hashed(token), _PURPOSE)
