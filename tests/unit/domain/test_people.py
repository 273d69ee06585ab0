"""Who answers in whose place, what a role may do, and who is entrusted with it."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rightsflow.domain.accounts import (
    ALLOWED,
    STEP_UP,
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
from rightsflow.domain.people import Absence, Actor, Proof, answering, kept, proof_of, refuse_no_colleague

FIRST, LAST = date(2026, 7, 6), date(2026, 7, 10)
DAY = timedelta(days=1)
PEOPLE = ("case_owner", "dpo", "management", "anna", "ben", "cleo")
UP = ("dpo", "management")


def absent(person: str, deputy: str, first_on: date = FIRST, last_on: date = LAST) -> Absence:
    return Absence(person=person, deputy=deputy, first_on=first_on, last_on=last_on)


def who(person: str, *absences: Absence, on: date = FIRST) -> str:
    return answering(person, on, absences, PEOPLE, UP)


def test_the_deputy_answers_while_the_person_is_away() -> None:
    assert who("anna") == "anna"
    assert who("anna", absent("ben", "cleo")) == "anna"
    away = absent("anna", "ben")
    assert [who("anna", away, on=FIRST + days * DAY) for days in range(-1, 6)] == ["anna", *["ben"] * 5, "anna"]
    assert absent("anna", "ben", FIRST, FIRST).covers(FIRST)
    # An absence that is none.
    with pytest.raises(BadInput, match="ends before it begins"):
        absent("anna", "ben", LAST, FIRST)
    with pytest.raises(BadInput, match="stand in for themself"):
        absent("anna", "anna")
    assert who("anna", absent("anna", "ben"), absent("ben", "cleo")) == "cleo"


def test_where_all_are_absent_the_next_one_up_answers() -> None:
    assert who("anna", absent("anna", "ben"), absent("anna", "cleo", FIRST, FIRST)) == "cleo"
    assert who("anna", absent("anna", "ben"), absent("anna", "cleo", FIRST, FIRST), on=LAST) == "ben"
    # Where all deputies are absent the next one up answers.
    away = (absent("anna", "ben"), absent("ben", "anna"))
    assert who("anna", *away) == "dpo"
    assert who("anna", *away, absent("dpo", "cleo")) == "cleo", "whose deputy in turn"
    assert who("anna", *away, absent("dpo", "ben")) == "management"
    # Where all are absent the highest hears of it.
    everybody = [absent(one, "anna" if one != "anna" else "ben") for one in PEOPLE]
    assert who("anna", *everybody) == "management"
    assert answering("anna", FIRST, everybody, PEOPLE, ()) == "anna"
    assert who("anna", absent("anna", "gone")) == "dpo"
    assert who("gone") == "dpo"


@given(
    st.lists(
        st.tuples(st.sampled_from(PEOPLE), st.sampled_from((*PEOPLE, "gone"))).filter(lambda pair: len(set(pair)) == 2)
    ),
    st.sampled_from(PEOPLE),
)
@settings(deadline=None)
def test_it_is_always_somebody_and_absent_only_where_nobody_above_is_there(
    pairs: list[tuple[str, str]], person: str
) -> None:
    found = answering(person, FIRST, [absent(*pair) for pair in pairs], PEOPLE, UP)
    away = {pair[0] for pair in pairs}
    assert found in PEOPLE
    assert found not in away or ({person, *UP} <= away and found == "management")


def test_a_colleague_has_a_name():
    # An officer types what the person gave where the own name belongs: it stood in the ledger for years.
    for name in ("anna@example.com", "+49 30 23125", "C-10001", "Anna 1 2 3 4 5"):
        with pytest.raises(BadInput, match="holds an address or a number"):
            refuse_no_colleague(name)
    # The data subject is no colleague.
    for name in ("Zoë Ångström", "zoe\u0308  ÅNGSTRÖM"):
        with pytest.raises(BadInput, match="the name of the data subject"):
            refuse_no_colleague(name, ["Zoë Ångström"])
    for name in ("Olga Opener", "Officer 12", "Zoë O'Neill-Ångström (team 4711)"):
        refuse_no_colleague(name, ["Anna Quillfeather"])


DANA = Actor("Dana  Example", role="approver", proof=Proof.PASSKEY)


def test_who_acted_is_a_name_with_what_proves_it():
    # It is a name wherever a name goes.
    assert DANA == "Dana  Example"
    assert f"{DANA}" == "Dana  Example"
    assert type(str(DANA)) is str
    assert proof_of("Dana Example") == ("", Proof.TYPED)
    assert not Actor("Dana Example").is_proved
    # What proves it outlives the spelling.
    assert proof_of(kept(DANA, "Dana Example")) == ("approver", Proof.PASSKEY)
    assert kept(DANA, "Dana Example") == "Dana Example"
    assert proof_of(kept("Dana  Example", "Dana Example")) == ("", Proof.TYPED)


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
