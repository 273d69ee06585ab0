"""Who may do what."""

from __future__ import annotations

from rightsflow.domain.accounts import ALLOWED, STEP_UP, Permission, Role, permissions

CHANGING = set(Permission) - {Permission.READ_CASES, Permission.EXPORT_EVIDENCE, Permission.SEE_PREFECT}


def test_a_role_may_do_its_own_and_no_more():
    assert permissions([Role.AUDITOR]) & CHANGING == set()
    assert not any({Permission.OPEN_CASES, Permission.APPROVE} <= allowed for allowed in ALLOWED.values())
    assert permissions([Role.ADMIN]) == {Permission.MANAGE_PEOPLE, Permission.SEE_PREFECT, Permission.STEER_PREFECT}
    assert permissions(Role) == set(Permission)
    assert set(ALLOWED) == set(Role)
    assert permissions([]) == set()
    for act in (Permission.APPROVE, Permission.REVEAL, Permission.MANAGE_PEOPLE):
        assert act in STEP_UP
