"""Roles at the desk, and the acts that each allows. Pure, and the only place where they are defined.

A person has no, one or several roles in ``[people]`` of the configuration. Without a role a person can own cases and be
told of alerts, and cannot sign in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


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
    PREPARE_PACKAGE = "change what is masked in a package"
    """And let it be made again."""
    SEND_LETTERS = "edit and send letters"
    HANDLE_CASES = "handle cases"
    """Extension, clarification, hand-over, absence, withdrawal, tasks by hand, alerts."""
    HOLD_EVIDENCE = "hold evidence"
    SET_BRAKES = "set and release brakes"
    MANAGE_PEOPLE = "manage people"
    SEE_PREFECT = "see Prefect's pages"
    STEER_PREFECT = "start and stop runs in Prefect's pages"


_READING: Final = frozenset({Permission.READ_CASES, Permission.EXPORT_EVIDENCE, Permission.SEE_PREFECT})
_CASEWORK: Final = _READING | {Permission.REVEAL, Permission.FIND_PERSON, Permission.PREPARE_PACKAGE}

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
