"""Accounts at the desk: roles, the acts each role allows, and the rules of signing in. Pure.

A person has no, one or several roles in ``[people]`` of the configuration. Without a role a person can own cases and
receive alerts, and cannot sign in. Approval by a second person proves something only as long as neither person can
sign in as the other, so two people are behind every sign-in that replaces another one. Periods follow OWASP's Session
Management Cheat Sheet and NIST SP 800-63B (length before composition, limited attempts).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.people import same_person
from rightsflow.domain.vocabulary.events import CaseEvent


class Role(StrEnum):
    """The role of a person at the desk."""

    OFFICER = "officer"
    """Opens requests, checks identity, handles cases, sends letters."""
    APPROVER = "approver"
    """Decides at the approval gate: releases packages, approves erasures."""
    DPO = "dpo"
    """The data protection officer: reads all, decides at the approval gate, holds evidence, releases brakes."""
    AUDITOR = "auditor"
    """Reads, and changes nothing."""
    AUTHORITY = "authority_request"
    """Answers courts and authorities: alone reads what is blocked (Art. 32 LOPDGDD), and changes nothing."""
    ADMIN = "admin"
    """Invites people and steers Prefect; sees no personal data."""


class Permission(StrEnum):
    """An act, or a sort of acts, at the desk."""

    READ_CASES = "read cases"
    """Lists, cases without personal data of the subject, the reasons of dates."""
    EXPORT_EVIDENCE = "export evidence"
    REVEAL = "reveal personal data"
    READ_BLOCKED = "read blocked records"
    FIND_PERSON = "find a person's cases"
    OPEN_CASES = "open cases"
    CHECK_IDENTITY = "check identity"
    APPROVE = "decide at the approval gate"
    NOTE_READING = "note what was read of a package"
    """In a reading, which was begun with a fresh proof."""
    PREPARE_PACKAGE = "change what is masked in a package"
    """And let it be made again."""
    SEND_LETTERS = "edit and send letters"
    HANDLE_CASES = "handle cases"
    """Extension, clarification, messages, hand-over, absence, withdrawal, tasks by hand, alerts."""
    WRITE_NOTES = "write notes to colleagues"
    HOLD_EVIDENCE = "hold evidence"
    SET_BRAKES = "set and release brakes"
    MANAGE_PEOPLE = "manage people"
    SEE_PREFECT = "see Prefect's pages"
    STEER_PREFECT = "start and stop runs in Prefect's pages"


_READING: Final = frozenset({Permission.READ_CASES, Permission.EXPORT_EVIDENCE, Permission.SEE_PREFECT})
_CASEWORK: Final = _READING | {
    Permission.REVEAL,
    Permission.FIND_PERSON,
    Permission.NOTE_READING,
    Permission.PREPARE_PACKAGE,
    Permission.WRITE_NOTES,
}

ALLOWED: Final[Mapping[Role, frozenset[Permission]]] = MappingProxyType(
    {
        Role.OFFICER: _CASEWORK
        | {
            Permission.OPEN_CASES,
            Permission.CHECK_IDENTITY,
            Permission.SEND_LETTERS,
            Permission.HANDLE_CASES,
            Permission.HOLD_EVIDENCE,
            Permission.SET_BRAKES,
            Permission.STEER_PREFECT,
        },
        Role.APPROVER: _CASEWORK | {Permission.APPROVE, Permission.SET_BRAKES},
        Role.DPO: _CASEWORK
        | {Permission.APPROVE, Permission.HANDLE_CASES, Permission.HOLD_EVIDENCE, Permission.SET_BRAKES},
        Role.AUDITOR: _READING,
        Role.AUTHORITY: frozenset({Permission.READ_CASES, Permission.READ_BLOCKED}),
        Role.ADMIN: frozenset({Permission.MANAGE_PEOPLE, Permission.SEE_PREFECT, Permission.STEER_PREFECT}),
    }
)
"""Permissions of each role. An act that is not named here is not allowed."""

STEP_UP: Final = frozenset(
    {
        Permission.APPROVE,
        Permission.REVEAL,
        Permission.READ_BLOCKED,
        Permission.PREPARE_PACKAGE,
        Permission.FIND_PERSON,
        Permission.MANAGE_PEOPLE,
    }
)
"""Acts that need a fresh proof of identity besides the session."""


def permissions(roles: Iterable[Role]) -> frozenset[Permission]:
    """Return the permissions of a person with these roles.

    Args:
        roles: The person's roles.
    """
    return frozenset[Permission]().union(*(ALLOWED[role] for role in roles))


KEPT_APART: Final = timedelta(days=7)
"""For how long an account approves no case that was opened or prepared by a person who invited to it."""
PREPARING: Final = frozenset(
    {
        CaseEvent.CASE_OPENED,
        CaseEvent.REQUEST_JOINED,
        CaseEvent.DECISION_RECORDED,
        CaseEvent.REFUSAL_PROPOSED,
        CaseEvent.NEW_SEARCH_ORDERED,
        CaseEvent.PERSON_CHANGE_PROPOSED,
        CaseEvent.PERSON_DETAILS_CHANGED,
        CaseEvent.PACKAGE_SENT_BACK,
        CaseEvent.CORRECTIONS_DECIDED,
        CaseEvent.COPIES_LEFT_OUT,
        CaseEvent.MASKS_DECIDED,
        CaseEvent.RECORD_TAKEN_IN,
        CaseEvent.RECORD_LEFT_AGAIN,
        CaseEvent.LETTER_EDITED,
    }
)
"""Acts that prepare a case before its approval."""
_SEES_DATA: Final = frozenset(
    {
        Permission.OPEN_CASES,
        Permission.CHECK_IDENTITY,
        Permission.HANDLE_CASES,
        Permission.PREPARE_PACKAGE,
        Permission.APPROVE,
    }
)


@dataclass(frozen=True, slots=True)
class Entrusted:
    """An account that is younger than :data:`KEPT_APART`.

    Args:
        since: When it was set up (aware).
        by: The names of those who invited to it, or approved that.
    """

    since: datetime
    by: tuple[str, ...]

    @property
    def note(self) -> dict[str, str]:
        """Note on this account in the ledger entry of an approval."""
        return {"account_since": self.since.isoformat(timespec="seconds"), "account_invited_by": ", ".join(self.by)}


def is_one_person_too_many(roles: Iterable[Role]) -> bool:
    """Return whether roles let one person work on cases and make the sign-ins of the others.

    Args:
        roles: The person's roles.
    """
    may = permissions(roles)
    return Permission.MANAGE_PEOPLE in may and not _SEES_DATA.isdisjoint(may)


def refuse_unapproved(*, is_signed_in: bool, is_approved: bool) -> None:
    """Refuse that an invitation replaces a sign-in that a person has.

    Args:
        is_signed_in: Whether the person proved in the same browser, just now, that the old sign-in is theirs.
        is_approved: Whether a second admin approved the invitation.

    Raises:
        BadInput: Neither.
    """
    if not (is_signed_in or is_approved):
        raise BadInput(
            "This invitation replaces a sign-in. Sign in with the old one in this browser first, or ask a second "
            "admin to approve the invitation."
        )


def refuse_own_invitation(by: str, *, invited_by: str, name: str) -> None:
    """Refuse that an invitation is approved by the person who made it, or by the person it is for.

    Args:
        by: The person who approves.
        invited_by: The person who invited.
        name: The person whom it is for.

    Raises:
        Conflict: It is one of these.
    """
    if same_person(by, invited_by) or same_person(by, name):
        raise Conflict("A second admin has to approve this invitation, not the person who made it or whom it is for.")


def refuse_entrusted(entrusted: Entrusted, *, prepared_by: Collection[str]) -> None:
    """Refuse an approval by an account that a person invited who opened or prepared the case.

    Args:
        entrusted: The account of the person who approves.
        prepared_by: Everybody who opened or prepared the case.

    Raises:
        Conflict: One of them invited to the account, or approved that.
    """
    if any(same_person(item, other) for item in entrusted.by for other in prepared_by):
        raise Conflict(
            f"A person who opened or prepared this case invited you within the last {KEPT_APART.days} days, so another "
            "person has to approve it (four eyes)."
        )


STEP_UP_LASTS: Final = timedelta(minutes=5)
"""For how long a code counts as fresh."""
INVITATION_LASTS: Final = timedelta(days=3)
CHALLENGE_LASTS: Final = timedelta(minutes=5)
"""For how long a browser may take to answer by a passkey."""
ELSEWHERE_LASTS: Final = timedelta(minutes=10)
"""For how long signing in at an identity provider may take."""
FREE_ATTEMPTS: Final = 5
"""Free attempts from one browser, or from one address, under one name."""
FREE_ATTEMPTS_OF_ALL: Final = 50
"""Free attempts under one name from all browsers together that the person never signed in with."""
_LONGEST_WAIT: Final = timedelta(minutes=15)
FORGOTTEN_AFTER: Final = timedelta(hours=24)
"""Time without a further failure after which earlier failures no longer count."""
SHORTEST_PASSWORD: Final = 12
_LONGEST_PASSWORD: Final = 200


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """The lifetimes of a session.

    Args:
        idle: Without a request it ends after this time.
        absolute: It ends after this time in any case.
    """

    idle: timedelta
    absolute: timedelta


def is_over(*, seen_at: datetime, ends_at: datetime, now: datetime, idle: timedelta) -> bool:
    """Return whether a session has ended.

    Args:
        seen_at: Its last request (aware).
        ends_at: Its absolute end (aware).
        now: The present instant (aware).
        idle: For how long it may idle.
    """
    return now >= ends_at or now - seen_at >= idle


def is_fresh(stepped_up_at: datetime | None, now: datetime) -> bool:
    """Return whether a session's last fresh proof is recent enough for acts that an unattended session must not do.

    Args:
        stepped_up_at: When it was given (aware); ``None`` for never.
        now: The present instant (aware).
    """
    return stepped_up_at is not None and timedelta(0) <= now - stepped_up_at < STEP_UP_LASTS


def locked_until(failures: int, failed_at: datetime, free: int = FREE_ATTEMPTS) -> datetime:
    """Return until when sign-in is locked: after the free failures for a second, then twice as long each time.

    Args:
        failures: How many attempts failed in a row.
        failed_at: When the last one did (aware).
        free: How many are free.
    """
    beyond = failures - free
    if beyond < 0:
        return failed_at
    return failed_at + min(timedelta(seconds=2 ** min(beyond, 20)), _LONGEST_WAIT)


def check_password(password: str, again: str, *, names: tuple[str, ...]) -> None:
    """Refuse a password that is too short, or a name.

    Args:
        password: The password.
        again: As it was typed the second time.
        names: The person's key and name.

    Raises:
        BadInput: It cannot be used.
    """
    if password != again:
        raise BadInput("The two passwords differ; type the same one twice.")
    if not SHORTEST_PASSWORD <= len(password) <= _LONGEST_PASSWORD:
        raise BadInput(f"The password is too short or too long; use {SHORTEST_PASSWORD} to 200 characters.")
    bare = password.casefold()
    if len(set(bare)) < 5 or any(name and name.casefold() in bare and len(bare) < len(name) + 8 for name in names):
        raise BadInput("The password is guessed easily; use several words that say nothing of you.")
