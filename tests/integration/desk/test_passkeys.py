"""Passkeys at the desk: made, used and removed, by a software authenticator that a test can let lie."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta

import pytest

from deployments.desk.protection import SESSION
from rightsflow.domain.people import Proof
from rightsflow.signin.passkey_site import Site
from tests.integration.desk.cases import at_approval, entries
from tests.support.authenticator import PRESENT, VERIFIED, Authenticator

HERE = "https://desk.example.com"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def device():
    return Authenticator(HERE)


def browser(rig, session=""):
    made = rig.stranger(HERE)
    if session:
        made.client.cookies.set(SESSION, session)
    return made


def asked(browser, path, of):
    """What the script fetches."""
    answer = browser.client.post(f"/desk{path}", data={"token": browser.token(of)})
    assert answer.status_code == 200, answer.text
    return answer.json()


def set_up(rig, device, key, name="first device"):
    """An account with a passkey alone, and its browser."""
    mine, where = browser(rig), f"/invitation/{rig.team.invite(key)}"
    made = device.make(asked(mine, f"{where}/passkey-options", where))
    answer = mine.send(f"{where}/passkey", where, new_passkey=made, passkey_name=name)
    assert answer.status_code == 303, answer.text
    return mine


def signed_in(rig, device, mine=None, change=None, **options):
    """The answer to signing in by a passkey."""
    mine = mine or browser(rig)
    answered = device.answer(asked(mine, "/sign-in/passkey-options", "/sign-in"), **options)
    return mine.send("/sign-in/passkey", "/sign-in", passkey=change(answered) if change else answered)


def who(rig, answer):
    return rig.team.door.known(answer.cookies[SESSION])


@pytest.mark.apart
def test_a_passkey_signs_in_and_says_so_in_ledger_and_evidence(rig, device):
    set_up(rig, device, "dana")
    case = at_approval(rig.bench, "access")
    mine = browser(rig)
    known = who(rig, signed_in(rig, device, mine))
    assert (known.member.key, known.proof) == ("dana", Proof.PASSKEY)
    assert mine.send(f"/cases/{case}/approval/approve", f"/cases/{case}/approval").status_code == 303
    assert entries(rig.bench, case)["DecisionRecorded"].details["signed_in"] == "signed in by passkey"


@pytest.mark.apart
def test_a_fresh_proof_is_given_by_a_passkey_in_the_form_itself(rig, device):
    mine = set_up(rig, device, "dana")
    case = at_approval(rig.bench, "access")
    where = (f"/cases/{case}/approval/approve", f"/cases/{case}/approval")
    rig.bench.pass_time(5 * MINUTE)
    page = mine.get(where[1]).text
    assert 'data-options="/desk/step-up/passkey-options"' in page
    assert 'id="code"' not in page, "there is no app whose code could be typed"
    assert mine.send(*where).status_code == 422
    answered = device.answer(asked(mine, "/step-up/passkey-options", "/step-up"))
    assert mine.send(*where, passkey=answered).status_code == 303


@pytest.mark.apart
def test_a_fresh_proof_by_another_persons_passkey_is_none(rig, device):
    mine, other = set_up(rig, device, "dana"), Authenticator(HERE)
    set_up(rig, other, "olga")
    rig.bench.pass_time(5 * MINUTE)
    options = asked(mine, "/step-up/passkey-options", "/step-up")
    forged = other.answer(options | {"allowCredentials": []})
    page = mine.send("/step-up", passkey=forged)
    assert page.status_code == 422
    assert "another person" in page.text


@pytest.mark.apart
def test_on_ones_own_page_passkeys_are_added_and_removed_with_a_fresh_proof_alone(rig, device):
    mine, second = browser(rig, rig.team.enrol("dana")), Authenticator(HERE)
    made = device.make(asked(mine, "/account/passkey-options", "/account"))
    assert mine.send("/account/passkey", "/account", new_passkey=made, passkey_name="laptop").status_code == 303
    made = second.make(asked(mine, "/account/passkey-options", "/account"))
    assert mine.send("/account/passkey", "/account", new_passkey=made, passkey_name="phone").status_code == 303
    page = mine.get("/account").text
    numbers = re.findall(r'<option value="(\d+)">(laptop|phone)', page)
    assert [name for _, name in numbers] == ["laptop", "phone"]
    rig.bench.pass_time(5 * MINUTE)
    typed = {"of": "/sign-out", "number": numbers[0][0]}
    assert mine.send("/account/remove", **typed).status_code == 422
    assert mine.send("/account/remove", **typed, code=rig.team.code("dana")).status_code == 303
    assert signed_in(rig, device).status_code == 422
    assert who(rig, signed_in(rig, second)).member.key == "dana"


def test_an_invitation_is_redeemed_by_a_passkey_which_is_the_only_way_in_and_is_not_removed(rig, device):
    mine = set_up(rig, device, "dana")
    excluded = asked(mine, "/account/passkey-options", "/account")["excludeCredentials"]
    assert len(excluded) == 1

    (number,) = re.findall(r'<option value="(\d+)">first device', mine.get("/account").text)
    page = mine.send("/account/remove", "/account", number=number)
    assert (page.status_code, "only way to sign in" in page.text) == (409, True)

    session = mine.client.cookies[SESSION]

    known = rig.team.door.known(session)
    assert (known.member.key, known.proof, known.is_fresh) == ("dana", Proof.PASSKEY, True)


def test_another_persons_passkey_is_not_removed(rig, device):
    set_up(rig, device, "dana")
    (kept,) = rig.team.door.passkeys.of("dana")
    mine = browser(rig, rig.team.enrol("olga"))
    assert mine.send("/account/remove", "/account", number=str(kept.number)).status_code == 409
    assert rig.team.door.passkeys.of("dana")


def test_a_new_invitation_ends_the_passkeys_of_the_account_before(rig, device):
    """A stolen laptop: who manages the people invites anew."""
    set_up(rig, device, "dana")
    rig.team.enrol("dana")
    assert signed_in(rig, device).status_code == 422


def test_whose_role_was_taken_away_signs_in_by_no_passkey(rig, device):
    set_up(rig, device, "dana")
    del rig.team.people["dana"]
    assert signed_in(rig, device).status_code == 422


def test_a_challenge_counts_once_for_its_browser_and_five_minutes(rig, device):
    set_up(rig, device, "dana")
    mine = browser(rig)
    options = asked(mine, "/sign-in/passkey-options", "/sign-in")
    answered = device.answer(options)
    assert browser(rig).send("/sign-in/passkey", "/sign-in", passkey=answered).status_code == 422, "another browser"
    assert mine.send("/sign-in/passkey", "/sign-in", passkey=answered).status_code == 303
    assert browser(rig).send("/sign-in/passkey", "/sign-in", passkey=answered).status_code == 422
    late = browser(rig)
    answered = device.answer(asked(late, "/sign-in/passkey-options", "/sign-in"))
    rig.bench.pass_time(5 * MINUTE)
    assert late.send("/sign-in/passkey", "/sign-in", passkey=answered).status_code == 422


def test_what_was_asked_for_one_thing_is_no_answer_to_another(rig, device):
    mine = set_up(rig, device, "dana")
    rig.bench.pass_time(5 * MINUTE)
    stepping = device.answer(asked(mine, "/step-up/passkey-options", "/step-up"))
    assert mine.send("/sign-in/passkey", "/sign-in", passkey=stepping).status_code == 422


LIES = {
    "another site": {"origin": "https://evil.example"},
    "no https": {"origin": "http://desk.example.com"},
    "another port": {"origin": "https://desk.example.com:8443"},
    "person not recognised": {"flags": PRESENT},
    "person not there": {"flags": VERIFIED},
    "a copy's counter": {"step": 0},
}


@pytest.mark.apart
def test_an_authenticator_that_lies_lets_nobody_in(rig, device):
    set_up(rig, device, "dana")
    for name, lie in LIES.items():
        assert signed_in(rig, device).status_code == 303
        honest = {each: getattr(device, each) for each in lie}
        vars(device).update(lie)
        assert signed_in(rig, device).status_code == 422, name
        vars(device).update(honest)


def test_an_authenticator_that_never_counts_is_taken(rig):
    device = Authenticator(HERE, step=0)
    set_up(rig, device, "dana")
    assert signed_in(rig, device).status_code == 303
    assert signed_in(rig, device).status_code == 303


def test_no_passkey_is_made_by_a_lie(rig, device):
    for lie in ({"origin": "https://evil.example"}, {"flags": PRESENT}):
        for name, value in lie.items():
            setattr(device, name, value)
        mine, where = browser(rig), f"/invitation/{rig.team.invite('dana')}"
        made = device.make(asked(mine, f"{where}/passkey-options", where))
        assert mine.send(f"{where}/passkey", where, new_passkey=made, passkey_name="x").status_code == 422
        assert rig.team.door.passkeys.of("dana") == []


def changed(**response):
    def change(answer):
        said = json.loads(answer)
        said["response"] |= response
        return json.dumps(said)

    return change


MALFORMED = (
    *(lambda _: "", lambda _: "[]", lambda _: "{}", lambda _: "null", lambda _: "{" * 1000),
    lambda answer: answer.replace('"rawId": "', '"rawId": "AA'),
    *(changed(signature="AAAA"), changed(authenticatorData="AAAA"), changed(authenticatorData="")),
    *(changed(clientDataJSON="e30"), changed(clientDataJSON="!!"), changed(userHandle=7)),
)


@pytest.mark.apart
def test_what_no_authenticator_wrote_is_refused_in_a_sentence(rig, device):
    set_up(rig, device, "dana")
    mine = browser(rig)
    for change in MALFORMED:
        page = signed_in(rig, device, mine, change=change)
        assert (page.status_code, "does not fit" in page.text) == (422, True)


def test_a_passkey_in_use_is_not_taken_for_another_person(rig, device):
    set_up(rig, device, "dana")
    (key_id,) = device.keys
    mine, where = browser(rig), f"/invitation/{rig.team.invite('olga')}"
    other = Authenticator(HERE)
    made = json.loads(other.make(asked(mine, f"{where}/passkey-options", where)))
    (new_id,) = other.keys
    statement = urlsafe_b64decode(made["response"]["attestationObject"] + "==").replace(new_id, key_id)
    taken = urlsafe_b64encode(key_id).decode().rstrip("=")
    made |= {"id": taken, "rawId": taken}
    made["response"]["attestationObject"] = urlsafe_b64encode(statement).decode().rstrip("=")
    page = mine.send(f"{where}/passkey", where, new_passkey=json.dumps(made), passkey_name="x")
    assert (page.status_code, "in use already" in page.text) == (409, True)
    assert rig.team.door.invited(where.rpartition("/")[2])


def test_who_has_passkeys_alone_is_let_in_by_no_password_and_no_code(rig, device):
    token = rig.team.invite("dana")
    rig.team.secrets["dana"] = rig.team.door.invited(token)[1]
    mine, where = browser(rig), f"/invitation/{token}"
    made = device.make(asked(mine, f"{where}/passkey-options", where))
    mine.send(f"{where}/passkey", where, new_passkey=made, passkey_name="x")
    rig.bench.pass_time(5 * MINUTE)
    for password in ("", "a guess of the password"):
        typed = {"name": "dana", "password": password, "code": rig.team.code("dana")}
        assert browser(rig).send("/sign-in", **typed).status_code == 422
    # The invitation showed a secret that no one proved to have.
    assert mine.send("/step-up", code=rig.team.code("dana")).status_code == 422


def test_where_browsers_make_no_passkeys_none_are_offered(rig):
    page = rig.stranger("http://10.0.0.7:4200").get("/sign-in").text
    assert "data-passkey" not in page
    assert "script" in page


@pytest.mark.parametrize(
    ("origin", "rp_id"),
    [
        ("https://desk.example.com", "desk.example.com"),
        ("https://desk.example.com:8443", "desk.example.com"),
        ("http://localhost:4200", "localhost"),
        ("http://desk.example.com", None),
        ("https://127.0.0.1", None),
        ("https://[::1]:4200", None),
        ("", None),
    ],
)
def test_passkeys_are_for_host_names_with_https_and_for_this_machine(origin, rp_id):
    site = Site.of(origin)
    assert (site.rp_id if site else None) == rp_id


@pytest.mark.apart
def test_a_page_has_no_script_but_files_of_its_own(rig, device):
    mine = set_up(rig, device, "dana")
    for path in ("/account", "/step-up", "/"):
        scripts = re.findall(r"<script[^>]*>[^<]*</script>", mine.get(path).text)
        assert set(scripts) == {
            f'<script src="/desk/static/{name}.js" defer></script>' for name in ("passkeys", "progress", "session")
        }
    assert mine.client.get("/desk/static/passkeys.js").headers["content-type"].startswith("text/javascript")
