"""Who may do what."""

from __future__ import annotations

import pytest

from rightsflow.domain.accounts import ALLOWED, STEP_UP, Permission, Role, permissions

CHANGING = set(Permission) - {Permission.READ_CASES, Permission.EXPORT_EVIDENCE, Permission.SEE_PREFECT}


def test_an_auditor_can_change_nothing_and_sees_no_personal_data():
    assert permissions([Role.AUDITOR]) & CHANGING == set()


def test_who_opens_cases_does_not_approve_by_the_same_role():
    assert not any({Permission.OPEN_CASES, Permission.APPROVE} <= allowed for allowed in ALLOWED.values())


def test_an_admin_sees_no_personal_data_and_no_case():
    assert permissions([Role.ADMIN]) == {Permission.MANAGE_PEOPLE, Permission.SEE_PREFECT, Permission.STEER_PREFECT}


def test_every_act_is_somebodys_and_every_role_has_acts():
    assert permissions(Role) == set(Permission)
    assert set(ALLOWED) == set(Role)


def test_without_a_role_nothing_is_allowed():
    assert permissions([]) == set()


@pytest.mark.parametrize("act", [Permission.APPROVE, Permission.REVEAL, Permission.MANAGE_PEOPLE])
def test_what_cannot_be_undone_or_unseen_needs_a_fresh_proof(act):
    assert act in STEP_UP
