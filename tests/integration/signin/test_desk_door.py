"""The door of the desk: who is let in, for how long, and who is not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event, Semaphore

import pyotp
import pytest

from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.people import Proof
from rightsflow.signin.desk_door import Door
from rightsflow.signin.invitations import step_of
from rightsflow.store.tables import FailedAttemptRow
from tests.support.signing_in import PASSWORD, QUICK, Team

MINUTE = timedelta(minutes=1)


@pytest.fixture
def team(bench):
    return Team(bench)


def test_who_was_invited_sets_up_an_account_and_is_signed_in(team):
    signed_in = team.door.known(team.enrol("dana"))
    assert signed_in.member.name == "Dana Decider"
    assert signed_in.is_fresh
    actor = signed_in.actor
    assert (actor, actor.role, actor.proof) == ("Dana Decider", "approver", Proof.PASSWORD_AND_CODE)


def test_an_invitation_counts_once_and_three_days(team):
    token = team.invite("dana")
    secret = team.door.invited(token)[1]
    team.secrets["dana"] = secret
    team.door.redeem(token, password=PASSWORD, again=PASSWORD, code=team.code("dana"))
    with pytest.raises(BadInput):
        team.door.invited(token)
    late = team.invite("olga")
    team.bench.pass_time(timedelta(days=3))
    with pytest.raises(BadInput):
        team.door.invited(late)


def test_a_later_invitation_ends_an_earlier_one_and_its_account_the_sessions(team):
    first, session = team.invite("olga"), team.enrol("dana")
    second = team.invite("olga")
    with pytest.raises(BadInput):
        team.door.invited(first)
    assert team.door.invited(second)
    team.bench.pass_time(MINUTE)
    assert team.door.known(team.enrol("dana"))
    assert team.door.known(session) is None


def test_an_invitation_is_not_redeemed_without_a_code_of_ones_app(team):
    token = team.invite("dana")
    with pytest.raises(BadInput):
        team.door.redeem(token, password=PASSWORD, again=PASSWORD, code="000000")
    assert team.door.invited(token)


def test_nobody_without_a_role_is_invited(team):
    with pytest.raises(BadInput, match="roles"):
        team.invite("case_owner")


def test_by_password_and_code_one_signs_in_by_key_or_name(team):
    team.enrol("dana")
    assert team.door.known(team.sign_in("dana"))
    team.bench.pass_time(MINUTE)
    assert team.door.known(team.door.sign_in(" dana  DECIDER", PASSWORD, team.code("dana")))


def test_a_code_counts_once(team):
    team.enrol("dana")
    with pytest.raises(BadInput):
        team.door.sign_in("dana", PASSWORD, team.code("dana"))


@pytest.mark.parametrize(
    ("name", "password", "code"),
    [
        ("dana", "another password", None),
        ("dana", PASSWORD, "000000"),
        ("dana", PASSWORD, ""),
        ("nobody", PASSWORD, None),
    ],
)
def test_what_does_not_fit_is_not_told(team, name, password, code):
    team.enrol("dana")
    team.bench.pass_time(MINUTE)
    with pytest.raises(BadInput) as refused:
        team.door.sign_in(name, password, team.code("dana") if code is None else code)
    assert str(refused.value).startswith("That does not fit")


def test_guessing_is_slowed_down_for_real_names_and_others_alike(team):
    team.enrol("dana")
    team.bench.pass_time(MINUTE)
    for name in ("dana", "nobody"):
        for _ in range(5):
            with pytest.raises(BadInput):
                team.door.sign_in(name, "guessed", "000000")
        with pytest.raises(Conflict, match="too often"):
            team.door.sign_in(name, PASSWORD, team.code("dana"))
    team.bench.pass_time(MINUTE)
    assert team.sign_in("dana")


def guess_in_vain(team, count, *, name="dana", address="192.0.2.7", cookies=None):
    """Guess until it is refused; returns how many guesses were compared."""
    for number in range(count):
        try:
            team.door.sign_in(name, "guessed", "000000", address=address, cookies=cookies or {})
        except Conflict:
            return number
        except BadInput:
            continue
    return count


def marked(team, key):
    """The cookies of a browser in which a person signed in before."""
    return {team.door.browsers.cookie_of(key): team.door.browsers.new_mark(key)}


def test_a_strangers_guesses_lock_out_neither_another_address_nor_a_browser_that_is_known(team):
    team.enrol("dana")
    known = marked(team, "dana")
    team.bench.pass_time(MINUTE)
    assert guess_in_vain(team, 9) == 5
    with pytest.raises(Conflict, match="too often"):
        team.door.sign_in("dana", PASSWORD, team.code("dana"), address="192.0.2.7")
    assert team.door.sign_in("dana", PASSWORD, team.code("dana"), address="198.51.100.1")
    team.bench.pass_time(MINUTE)
    assert team.door.sign_in("dana", PASSWORD, team.code("dana"), address="192.0.2.7", cookies=known)


@pytest.mark.apart
def test_many_addresses_together_are_slowed_down_and_the_known_browser_is_not(team):
    team.enrol("dana")
    known = marked(team, "dana")
    compared = sum(guess_in_vain(team, 3, address=f"192.0.2.{number}") for number in range(30))
    assert compared == 50
    assert guess_in_vain(team, 3, address="203.0.113.1") == 0
    team.bench.pass_time(timedelta(seconds=30))
    assert guess_in_vain(team, 3, address="203.0.113.1") == 1, "one more, and then it waits again"
    assert team.door.sign_in("dana", PASSWORD, team.code("dana"), cookies=known)


def test_an_ipv6_connection_is_one_however_many_addresses_it_has(team):
    team.enrol("dana")
    assert sum(guess_in_vain(team, 1, address=f"2001:db8::{number:x}") for number in range(9)) == 5
    assert guess_in_vain(team, 1, address="2001:db8:0:1::1") == 1


def test_guesses_from_a_known_browser_are_slowed_down_too(team):
    team.enrol("dana")
    known = marked(team, "dana")
    assert guess_in_vain(team, 9, cookies=known) == 5
    assert guess_in_vain(team, 9, address="198.51.100.1", cookies=known) == 0


def test_a_mark_counts_for_its_person_and_their_present_account_alone(team):
    team.enrol("dana")
    team.enrol("olga")
    browsers, mark = team.door.browsers, team.door.browsers.new_mark("dana")
    name = browsers.cookie_of("dana")
    assert browsers.is_known("dana", {name: mark})
    nonce, _, signature = mark.partition(".")
    for forged in ("", ".", nonce, f"{nonce}.", f".{signature}", f"{nonce}x.{signature}", mark + "0", "x" * 300):
        assert not browsers.is_known("dana", {name: forged}), forged
    assert not browsers.is_known("olga", {browsers.cookie_of("olga"): mark})
    team.bench.pass_time(MINUTE)
    team.enrol("dana")
    assert not browsers.is_known("dana", {name: mark})


def test_guesses_at_the_door_lock_nobody_out_of_a_fresh_code(team):
    token = team.enrol("dana")
    guess_in_vain(team, 60)
    team.bench.pass_time(MINUTE)
    team.door.step_up(token, team.code("dana"))
    for _ in range(5):
        with pytest.raises(BadInput):
            team.door.step_up(token, "000000")
    with pytest.raises(Conflict, match="too often"):
        team.door.step_up(token, team.code("dana"))


def test_failures_of_yesterday_count_no_more_and_are_kept_no_more(team):
    guess_in_vain(team, 5)
    team.bench.pass_time(timedelta(hours=24))
    assert guess_in_vain(team, 9, address="198.51.100.1") == 5
    with team.bench.runtime.store.database.reading() as session:
        assert session.query(FailedAttemptRow).count() == 2


class Held:
    """A hasher that compares only once all guesses are under way.

    Args:
        arrived: Released by each guess that is compared, or refused before.
    """

    def __init__(self, arrived):
        self.arrived, self.go_on, self.compared = arrived, Event(), 0

    def hash(self, password):
        return QUICK.hash(password)

    def verify(self, kept, password):
        self.compared += 1
        self.arrived.release()
        self.go_on.wait(10)
        return QUICK.verify(kept, password)


def test_of_many_guesses_at_once_no_more_are_compared_than_one_after_another(team):
    team.enrol("dana")
    arrived = Semaphore(0)
    held = Held(arrived)
    door = Door(lambda: team.bench.runtime.store, team.roster, held)

    def guess(_):
        try:
            door.sign_in("dana", "guessed", "000000")
        except Conflict:
            arrived.release()
            raise

    with ThreadPoolExecutor(12) as pool:
        guesses = [pool.submit(guess, number) for number in range(12)]
        for _ in guesses:
            assert arrived.acquire(timeout=10)
        held.go_on.set()
    assert held.compared == 5
    assert [type(one.exception()) for one in guesses].count(Conflict) == 7


def test_a_session_ends_when_it_idles_and_after_its_hours(team):
    token = team.enrol("dana")
    for _ in range(20):
        team.bench.pass_time(29 * MINUTE)
        assert team.door.known(token)
    team.bench.pass_time(20 * MINUTE)
    assert team.door.known(token) is None
    other = team.sign_in("dana")
    team.bench.pass_time(30 * MINUTE)
    assert team.door.known(other) is None


def test_whose_role_was_taken_away_is_out_at_once(team):
    token = team.enrol("dana")
    del team.people["dana"]
    assert team.door.known(token) is None
    with pytest.raises(BadInput):
        team.sign_in("dana")


def test_a_role_counts_from_the_next_request_on(team):
    token = team.enrol("dana")
    team.people["dana"] = ("Dana Decider", ["auditor"])
    assert team.door.known(token).actor.role == "auditor"


def test_a_fresh_code_is_asked_after_five_minutes_and_given(team):
    token = team.enrol("dana")
    team.bench.pass_time(5 * MINUTE)
    assert not team.door.known(token).is_fresh
    with pytest.raises(BadInput):
        team.door.step_up(token, "000000")
    team.door.step_up(token, team.code("dana"))
    assert team.door.known(token).is_fresh


def test_sign_out_everywhere_ends_all_sessions_of_that_person(team):
    one, other = team.enrol("dana"), team.enrol("olga")
    two = team.sign_in("dana")
    assert team.door.sign_out_everywhere("dana", by="Ada Admin") == 2
    assert (team.door.known(one), team.door.known(two)) == (None, None)
    assert team.door.known(other)


def test_signing_out_ends_that_session_alone(team):
    one = team.enrol("dana")
    two = team.sign_in("dana")
    team.door.sign_out(one)
    assert team.door.known(one) is None
    assert team.door.known(two)


def test_codes_are_those_of_rfc_6238():
    """Its appendix B, of which apps show the last six digits."""
    from datetime import UTC, datetime

    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")):
        assert step_of(secret, code, datetime.fromtimestamp(seconds, UTC)) == seconds // 30
        assert pyotp.TOTP(secret).at(seconds) == code
    assert step_of(secret, "28708²", datetime.fromtimestamp(59, UTC)) is None


def test_nothing_that_lets_anybody_in_lies_in_the_store_in_clear(team, tmp_path):
    invitation = team.invite("olga")
    session = team.enrol("dana")
    team.bench.runtime.store.purging.clear_log()
    lying = b"".join(path.read_bytes() for path in tmp_path.glob("cases.db*"))
    for secret in (invitation, session, PASSWORD, team.secrets["dana"]):
        assert secret.encode() not in lying
    assert b"SignedIn" in lying
