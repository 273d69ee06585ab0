"""Signing in by an identity provider: a whole one in a thread that can lie, and the real `oidc-provider` beside it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import OctKey

from deployments.desk.protection import ANONYMOUS, SESSION
from rightsflow.domain.people import Proof
from rightsflow.domain.vocabulary.events import StoreEvent
from rightsflow.store.core.case_ledger import own_entries
from tests.integration.desk.cases import at_approval, entries
from tests.support.identity_provider import CLIENT, SECRET, key_of, running_provider
from tests.support.peers.oidc import running_oidc_provider, sign_in_there
from tests.support.signing_in import settings_with

MINUTE = timedelta(minutes=1)
BACK = "/desk/sign-in/oidc/back"


@pytest.fixture
def provider(rig, monkeypatch):
    monkeypatch.setenv("OIDC_SECRET", SECRET)
    with running_provider(lambda: rig.bench.moment[0]) as running:
        rig.team.desk = {"oidc": {"issuer": running.url, "client_id": CLIENT, "client_secret": "env:OIDC_SECRET"}}
        yield running


def sent(browser, path="/sign-in/oidc"):
    """Where the desk sends a browser."""
    answer = browser.get(path)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def there_and_back(browser, provider, path="/sign-in/oidc", change=lambda url: url):
    return browser.client.get(change(provider.visit(sent(browser, path))))


def known(rig, answer):
    return rig.team.door.known(answer.cookies.get(SESSION, ""))


def own(rig, event):
    with rig.bench.runtime.store.database.reading() as session:
        return list(own_entries(session, event))


@pytest.mark.apart
def test_a_person_of_the_file_is_signed_in_and_the_ledger_says_by_what(rig, provider):
    browser = rig.stranger()
    answer = there_and_back(browser, provider, "/sign-in/oidc?next=/desk/cases")
    assert answer.headers["location"] == "/desk/cases"
    signed_in = known(rig, answer)
    assert (signed_in.member.key, signed_in.proof, signed_in.is_fresh) == ("dana", Proof.OIDC, True)
    (entry,) = [one for one in own(rig, StoreEvent.SIGNED_IN) if one.actor == "Dana Decider"]
    said = {name: entry.details[name] for name in ("signed_in", "acr", "amr")}
    assert said == {"signed_in": "signed in by OIDC", "acr": "urn:example:mfa", "amr": "pwd otp"}
    (asked,) = provider.asked
    assert (asked["code_challenge_method"], asked["scope"]) == ("S256", "openid email")
    assert len(asked["state"]) == len(asked["nonce"]) == 43
    case = at_approval(rig.bench, "access")
    assert browser.send(f"/cases/{case}/approval/approve", f"/cases/{case}/approval").status_code == 303
    assert entries(rig.bench, case)["DecisionRecorded"].details["signed_in"] == "signed in by OIDC"


LIES = {
    "another state": {"change": lambda url: url.replace("state=", "state=x")},
    "no state": {"change": lambda url: url.replace("state=", "else=")},
    "another code": {"change": lambda url: url.replace("code=", "code=x")},
    "an error": {"change": lambda url: url.replace("code=", "error=access_denied&else=")},
    "an answer of another issuer": {"change": lambda url: url.replace("iss=", "iss=x")},
    "another issuer": {"claims": {"iss": "https://evil.example"}},
    "another audience": {"claims": {"aud": "another-client"}},
    "two audiences without saying for whom": {"claims": {"aud": [CLIENT, "another-client"]}},
    "authorised for another": {"claims": {"azp": "another-client"}},
    "another nonce": {"claims": {"nonce": "another"}},
    "no nonce": {"claims": {"nonce": None}},
    "expired": {"claims": {"exp": 1}},
    "no end": {"claims": {"exp": None}},
    "issued tomorrow": {"claims": {"iat": 4102444800}},
    "no subject": {"claims": {"sub": None}},
    "unsigned": {"header": {"alg": "none"}},
    "signed by another": {"signs_with": lambda: key_of("another")},
    "signed by the shared secret": {"header": {"alg": "HS256"}, "signs_with": lambda: OctKey.import_key(SECRET)},
    "an access token of another": {"claims": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}},
    "an address that is not verified": {"claims": {"email_verified": False}},
    "an address that a text calls verified": {"claims": {"email_verified": "true"}},
    "no word on whether it is": {"claims": {"email_verified": None}},
    "a person without a role": {"claims": {"email": "mallory@example.com"}},
    "no address": {"person": {"sub": "idp|dana"}},
}


@pytest.mark.apart
def test_what_does_not_fit_lets_nobody_in(rig, provider):
    for name, lie in LIES.items():
        change = lie.get("change", lambda url: url)
        honest = {each: getattr(provider, each) for each in ("claims", "header", "person", "signs_with")}
        told = {each: value() if callable(value) else value for each, value in lie.items() if each != "change"}
        vars(provider).update(told)
        browser = rig.stranger()
        answer = there_and_back(browser, provider, change=change)
        assert (answer.status_code, answer.headers["location"]) == (303, "/desk/sign-in"), name
        assert known(rig, answer) is None, name
        assert "mallory" not in browser.get("/sign-in").text
        vars(provider).update(honest)
    assert known(rig, there_and_back(rig.stranger(), provider)) is not None


@pytest.mark.apart
def test_an_answer_counts_once_and_for_its_browser_alone(rig, provider):
    browser = rig.stranger()
    back = provider.visit(sent(browser))
    assert known(rig, rig.stranger().client.get(back)) is None, "another browser: signing a person in as another"
    late = rig.stranger()
    there = provider.visit(sent(late))
    rig.bench.pass_time(11 * MINUTE)
    assert known(rig, late.client.get(there)) is None
    assert known(rig, there_and_back(browser, provider)) is not None
    assert browser.client.get(back).headers["location"] == "/desk/step-up", "a second time"


def test_a_session_that_somebody_else_chose_is_not_taken(rig, provider):
    browser = rig.stranger()
    browser.client.cookies.set(SESSION, "chosen")
    browser.client.cookies.set(ANONYMOUS, "chosen-too")
    answer = there_and_back(browser, provider)
    assert answer.cookies[SESSION] not in {"chosen", "chosen-too"}


def test_coming_back_leads_to_no_other_site(rig, provider):
    for asked in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        answer = rig.stranger()
        assert there_and_back(answer, provider, f"/sign-in/oidc?next={asked}").headers["location"] == "/desk/"


def test_who_was_signed_in_there_long_ago_has_proved_nothing_now(rig, provider):
    provider.visit(sent(rig.stranger()))
    rig.bench.pass_time(6 * MINUTE)
    assert not known(rig, there_and_back(rig.stranger(), provider)).is_fresh


def test_a_fresh_proof_is_asked_for_there_and_its_time_is_checked(rig, provider):
    browser = rig.stranger()
    session = there_and_back(browser, provider).cookies[SESSION]
    rig.bench.pass_time(6 * MINUTE)
    page = browser.get("/step-up").text
    assert "/desk/step-up/oidc" in page
    assert 'id="code"' not in page
    provider.claims = {"auth_time": int((rig.bench.moment[0] - 6 * MINUTE).timestamp())}
    assert there_and_back(browser, provider, "/step-up/oidc").headers["location"] == "/desk/step-up"
    assert not rig.team.door.known(session).is_fresh
    provider.claims = {"auth_time": None}
    there_and_back(browser, provider, "/step-up/oidc")
    assert not rig.team.door.known(session).is_fresh
    provider.claims = {}
    answer = there_and_back(browser, provider, "/step-up/oidc?next=/desk/cases")
    assert answer.headers["location"] == "/desk/cases"
    assert rig.team.door.known(session).is_fresh
    assert (provider.asked[-1]["prompt"], provider.asked[-1]["max_age"]) == ("login", "0")
    assert own(rig, StoreEvent.PROVED_AFRESH)[-1].details["amr"] == "pwd otp"


def test_a_fresh_proof_of_another_person_is_none(rig, provider):
    browser = rig.stranger()
    session = there_and_back(browser, provider).cookies[SESSION]
    rig.bench.pass_time(6 * MINUTE)
    provider.person = {"sub": "idp|olga", "email": "olga@example.com", "email_verified": True}
    there_and_back(browser, provider, "/step-up/oidc")
    assert not rig.team.door.known(session).is_fresh
    assert rig.team.door.known(session).member.key == "dana"


def test_a_class_of_authentication_that_is_asked_for_has_to_be_named(rig, provider):
    rig.team.desk["oidc"]["acr"] = ["urn:example:mfa"]
    assert known(rig, there_and_back(rig.stranger(), provider)) is not None
    assert provider.asked[-1]["acr_values"] == "urn:example:mfa"
    provider.claims = {"acr": "urn:example:password"}
    assert known(rig, there_and_back(rig.stranger(), provider)) is None


def test_people_can_be_named_by_the_providers_own_name_for_them(rig, provider):
    rig.team.desk["oidc"]["claim"] = "sub"
    rig.team.subjects = {"dana": "idp|dana"}
    provider.person = {"sub": "idp|dana"}
    assert known(rig, there_and_back(rig.stranger(), provider)).member.key == "dana"
    assert provider.asked[-1]["scope"] == "openid"
    provider.person = {"sub": "idp|mallory", "email": "dana@example.com", "email_verified": True}
    assert known(rig, there_and_back(rig.stranger(), provider)) is None


def test_the_address_is_taken_from_where_the_provider_has_it(rig, provider):
    provider.person, provider.userinfo = {"sub": "idp|dana"}, {"email": "Dana@Example.com", "email_verified": True}
    assert known(rig, there_and_back(rig.stranger(), provider)).member.key == "dana"
    provider.userinfo |= {"sub": "idp|another"}
    assert known(rig, there_and_back(rig.stranger(), provider)) is None


def test_roles_come_from_the_file_and_not_from_there(rig, provider):
    provider.claims = {"groups": ["admin"], "roles": ["admin"]}
    browser = rig.stranger()
    there_and_back(browser, provider)
    assert browser.get("/people").status_code == 403
    del rig.team.people["dana"]
    assert browser.get("/cases").status_code == 303, "whose role was taken away is out at once"


def test_a_provider_that_does_not_answer_is_said_to(rig, provider):
    provider.is_down = True
    page = rig.stranger().get("/sign-in/oidc")
    assert (page.status_code, "does not answer" in page.text) == (503, True)


def test_a_provider_that_is_set_up_otherwise_than_the_file_says_is_not_gone_to(rig, provider):
    for metadata in (
        {"issuer": "https://evil.example"},
        {"authorization_endpoint": "http://evil.example/auth"},
        {"padding": "x" * 2_000_000},
    ):
        provider.metadata = metadata
        assert rig.stranger().get("/sign-in/oidc").status_code == 503


def test_one_can_sign_out_there_too(rig, provider):
    url = urlsplit(sent(rig.stranger(), "/sign-in/oidc/leave"))
    assert f"{url.scheme}://{url.netloc}{url.path}" == f"{provider.url}/end"
    assert parse_qs(url.query)["post_logout_redirect_uri"] == ["http://testserver/desk/sign-in"]
    provider.metadata = {"end_session_endpoint": None}
    assert sent(rig.stranger(), "/sign-in/oidc/leave") == "/desk/sign-in"


def test_without_a_provider_nothing_leads_to_one(rig):
    assert "/sign-in/oidc" not in rig.stranger().get("/sign-in").text
    for path in ("/sign-in/oidc", "/sign-in/oidc/leave"):
        assert rig.stranger().get(path).status_code == 404


def test_a_section_that_would_not_be_safe_is_refused():
    section = {"issuer": "https://idp.example.com/", "client_id": "x"}
    for change, said in (
        ({"issuer": "http://idp.example.com"}, "https"),
        ({"issuer": "https://user@idp.example.com"}, "credentials"),
        ({"client_secret": "the secret itself"}, "reference"),
        ({"claim": "name"}, "email"),
    ):
        assert settings_with(oidc=section | {"client_secret": "env:X", "claim": "sub"}).desk.oidc.claim == "sub"
        with pytest.raises(ValueError, match=said):
            settings_with(oidc=section | change)


@pytest.mark.apart
def test_against_a_provider_that_others_wrote(rig, monkeypatch):
    """The npm package `oidc-provider`, a certified one: in, and a fresh proof."""
    monkeypatch.setenv("OIDC_SECRET", SECRET)
    rig.bench.moment[0] = datetime.now(UTC)
    with running_oidc_provider(CLIENT, SECRET, f"http://testserver{BACK}") as url:
        rig.team.desk = {"oidc": {"issuer": url, "client_id": CLIENT, "client_secret": "env:OIDC_SECRET"}}
        browser, there = rig.stranger(), {}
        answer = browser.client.get(sign_in_there(sent(browser), "dana", there))
        assert known(rig, answer).member.key == "dana"
        session = answer.cookies[SESSION]
        rig.bench.moment[0] += 6 * MINUTE
        assert not rig.team.door.known(session).is_fresh
        rig.bench.moment[0] -= 6 * MINUTE
        rig.bench.moment[0] += timedelta(seconds=1)
        answer = browser.client.get(sign_in_there(sent(browser, "/step-up/oidc"), "dana", there))
        assert answer.headers["location"] == "/desk/"
        assert known(rig, rig.stranger().client.get(sign_in_there(sent(rig.stranger()), "mallory", {}))) is None
