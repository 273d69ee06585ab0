"""Two people behind a sign-in that replaces one, and behind an approval by a young account."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.accounts import (
    Entrusted,
    Permission,
    Role,
    is_one_person_too_many,
    permissions,
    refuse_entrusted,
    refuse_own_invitation,
    refuse_unapproved,
)
from rightsflow.domain.errors import BadInput, Conflict

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
NAMES = st.sampled_from(["Ada Admin", "ada  ADMIN", "Olga Officer", "Dana Decider", "no one signed in"])


@given(st.sets(st.sampled_from(list(Role))))
def test_an_admin_is_one_person_too_many_with_every_role_that_works_on_cases(roles):
    works = permissions(roles) & {Permission.OPEN_CASES, Permission.APPROVE, Permission.CHECK_IDENTITY}
    assert is_one_person_too_many(roles) == (Role.ADMIN in roles and bool(works))


def test_no_one_of_the_template_is():
    template = tomllib.loads(files("deployments.cli").joinpath("rightsflow.toml.template").read_text(encoding="utf-8"))
    people = [*template["owners"].values(), *template["people"].values()]
    roles = [[Role(role) for role in one.get("roles", [])] for one in people]
    assert any(Role.ADMIN in one for one in roles)
    assert not any(map(is_one_person_too_many, roles))


@given(st.booleans(), st.booleans())
def test_a_sign_in_is_replaced_with_the_old_one_or_by_a_second_admin(is_signed_in, is_approved):
    if is_signed_in or is_approved:
        refuse_unapproved(is_signed_in=is_signed_in, is_approved=is_approved)
        return
    with pytest.raises(BadInput, match="second admin"):
        refuse_unapproved(is_signed_in=is_signed_in, is_approved=is_approved)


@given(NAMES, NAMES, NAMES)
def test_neither_the_inviter_nor_the_person_is_the_second_admin(by, invited_by, name):
    def folded(one):
        return " ".join(one.casefold().split())

    if folded(by) in {folded(invited_by), folded(name)}:
        with pytest.raises(Conflict):
            refuse_own_invitation(by, invited_by=invited_by, name=name)
    else:
        refuse_own_invitation(by, invited_by=invited_by, name=name)


@given(st.lists(NAMES, max_size=3), st.lists(NAMES, max_size=3))
def test_a_young_account_approves_nothing_that_its_inviters_prepared(invited_by, prepared_by):
    entrusted = Entrusted(NOON, tuple(invited_by))
    common = {" ".join(one.casefold().split()) for one in invited_by} & {
        " ".join(one.casefold().split()) for one in prepared_by
    }
    if common:
        with pytest.raises(Conflict, match="another person"):
            refuse_entrusted(entrusted, prepared_by=prepared_by)
    else:
        refuse_entrusted(entrusted, prepared_by=prepared_by)
