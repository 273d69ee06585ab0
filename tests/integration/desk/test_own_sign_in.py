"""One's own password and authenticator app, changed at the desk: proved, noted, and other sessions end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from deployments.desk.protection import SESSION
from rightsflow.store.tables import LedgerRow
from tests.support.signing_in import PASSWORD

NEW = "five lamps beside an open door"


@pytest.fixture
def pair(rig):
    """Dana in two browsers."""
    here = rig.browser("dana")
    there = rig.stranger()
    there.client.cookies.set(SESSION, rig.team.sign_in("dana"))
    assert there.get("/").status_code == 200
    return here, there


def noted(bench):
    with bench.runtime.store.database.reading() as session:
        return " ".join(session.scalars(select(LedgerRow.body)))


def test_a_password_is_changed_with_the_old_one_and_other_sessions_end(rig, pair):
    here, there = pair
    typed = {"current": PASSWORD, "password": NEW, "again": NEW}
    for wrong, said in (
        ({"current": "guessed"}, "The present password does not fit."),
        ({"again": "another one"}, "The two passwords differ"),
        ({"password": "short", "again": "short"}, "too short"),
    ):
        assert said in here.send("/account/password", "/account", **(typed | wrong)).text
    assert "PasswordChanged" not in noted(rig.bench)
    answer = here.send("/account/password", "/account", **typed)
    assert answer.status_code == 303
    assert "Your password is changed. 1 other session ended." in here.client.get(answer.headers["location"]).text
    assert here.get("/").status_code == 200
    assert there.get("/").status_code == 303
    assert "PasswordChanged" in noted(rig.bench)
    assert NEW not in noted(rig.bench)
    rig.bench.pass_time(timedelta(seconds=30))
    stranger = rig.stranger()
    old = stranger.send("/sign-in", name="dana", password=PASSWORD, code=rig.team.code("dana"))
    assert old.status_code == 422
    assert stranger.send("/sign-in", name="dana", password=NEW, code=rig.team.code("dana")).status_code == 303


def test_a_new_app_counts_once_it_is_proved(rig, pair):
    here, there = pair
    old = rig.team.secrets["dana"]
    assert "Six digits. Your other sessions end." not in here.get("/account").text
    assert here.send("/account/offer-app", "/account").status_code == 303
    page = here.get("/account").text
    new = "".join(page.partition('class="secret">')[2].partition("<")[0].split())
    assert (len(new), new == old) == (32, False)
    wrong = here.send("/account/app", "/account", app_current=PASSWORD, app_code=rig.team.code("dana"))
    assert "The code does not fit" in wrong.text
    assert there.get("/").status_code == 200, "nothing was changed"
    rig.team.secrets["dana"] = new
    answer = here.send("/account/app", "/account", app_current=PASSWORD, app_code=rig.team.code("dana"))
    assert answer.status_code == 303
    assert there.get("/").status_code == 303
    assert "AuthenticatorChanged" in noted(rig.bench)
    assert new not in noted(rig.bench) + here.get("/account").text
    assert rig.team.sign_in("dana")


def test_an_unattended_session_changes_neither(rig):
    here = rig.browser("dana")
    rig.bench.pass_time(timedelta(minutes=6))
    typed = {"current": PASSWORD, "password": NEW, "again": NEW}
    for path, fields in (("password", typed), ("offer-app", {}), ("app", {"app_current": PASSWORD, "app_code": "1"})):
        answer = here.send(f"/account/{path}", "/account", **fields)
        assert answer.status_code == 422
        assert "authenticator" in answer.text.lower()
    assert "PasswordChanged" not in noted(rig.bench)
