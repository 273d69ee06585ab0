"""The listener for agents: test messages, who is refused in which order, and that nothing refused leaves a trace."""

from __future__ import annotations

import base64
import json
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from deployments.inbound.calls import MOST_BYTES
from deployments.inbound.listener import make_listener
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.course.intake.agent_requests import tell_agents
from rightsflow.cases.course.intake.opening import open_request_form
from rightsflow.cases.course.letters.answers import write_refusal
from rightsflow.cases.course.letters.questions import ask_identity
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.cases.work.erasure.steps import prepare_plan
from rightsflow.config.sections.inbound_settings import Inbound
from rightsflow.domain.delivery import delivery
from rightsflow.domain.errors import Conflict, Misconfigured, Transient
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.gates.refusals import Reason
from rightsflow.domain.languages import LanguageSource
from rightsflow.domain.request import RequestForm
from tests.support.agents import (
    AGENT,
    CALLBACK,
    OTHER,
    VECTORS,
    AgentSite,
    envelope,
    exercise,
    pairing,
)
from tests.support.bench import ANNA_EMAIL, ANNA_NAME, CANARIES, running_bench
from tests.support.brand_and_site import fulfil, search_for
from tests.support.identity import confirmed
from tests.support.reading import read_then_decide


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with running_bench(tmp_path_factory.mktemp("agents"), is_known_outside=True) as bench:
        made = AgentSite(bench)
        for agent in (AGENT, OTHER):
            assert made.pair(agent).status_code == 200
        yield made


@pytest.fixture
def site(house):
    """The same installation with both agents' tokens, a while later."""
    house.bench.pass_time(timedelta(hours=1))
    house.before = house.cases
    tokens = dict(house.tokens)
    yield house
    house.serve()
    if house.tokens != tokens:
        house.bench.pass_time(timedelta(hours=1))
        assert house.pair().status_code == 200


def opened(site):
    """The cases that were opened in this test."""
    return sorted(set(site.cases) - set(site.before))


def test_the_test_messages_of_the_protocol_are_taken_or_refused_as_they_say(tmp_path):
    with running_bench(tmp_path) as bench:
        bench.moment[0] = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
        site = AgentSite(bench)
        # The token is asked for by a message of its own, an hour before.
        site.pair()
        for vector in sorted(VECTORS["vectors"], key=lambda one: one["now"]):
            bench.moment[0], before = datetime.fromisoformat(vector["now"]), len(site.cases)
            token = site.tokens[AGENT] if vector["bearer_agent"] else ""
            path, is_taken = vector["endpoint"].removeprefix("POST /v1"), vector["expect"] == "ok"
            answer = site.call("POST", path, vector["body"].encode(), token=token)
            assert (answer.status_code == 200) is is_taken, vector["id"]
            assert len(site.cases) - before == (is_taken and "data-rights" in path), vector["id"]
            if not is_taken:
                assert set(answer.json()) == {"code", "message", "fatal"}, vector["id"]
            elif "agent/" in path:
                site.tokens[AGENT] = answer.json()["token"]


def test_a_request_becomes_a_case_like_that_of_any_representative_and_nothing_of_the_person_is_said(site):
    plain = json.dumps(exercise(site.app, address={"street_address": "1 Main St", "country": "US"})).encode()
    answer = site.send(envelope(plain))
    assert answer.status_code == 200
    said = answer.json()
    assert (said["status"], said["agent_request_id"]) == ("open", "a-0001")
    assert said["received_at"].endswith(".000+00:00")
    assert datetime.fromisoformat(said["expected_by"]) > datetime.fromisoformat(said["received_at"])
    (case_id,) = opened(site)
    with site.bench.file(case_id) as file:
        assert (file.right.value, file.identity_is_clear, file.outbox.titles()) == ("erasure", False, [])
        assert base64.b64decode(file.agents.envelope())[64:] == plain
        assert file.language.source is LanguageSource.COUNTRY, "the request names none"
        entries = {entry.event: entry for entry in file.ledger.entries()}
        assert file.outbox.secret("request/postal address").startswith("1 Main St")
    taken = entries["AgentRequestTaken"].details
    assert (taken["agent"], taken["exercise"], taken["verified"]) == ("Example Agent", "deletion", ["email"])
    assert entries["CaseOpened"].details["signed_in"] == "known by its token and a signature that was checked"
    assert not any(canary in f"{entries!r}{answer.text}" for canary in CANARIES)
    waiting = site.app.store.waiting.due(100, in_bulk=False)
    assert case_id in [one.case_id for one in waiting], "the keeper starts its run"
    assert site.status(said["request_id"]).json()["status"] == "open"


def test_the_same_message_is_one_request_also_in_another_envelope(site):
    body = envelope(json.dumps(exercise(site.app)).encode())
    first = site.send(body)
    again = site.send(body)
    assert (first.status_code, again.status_code) == (200, 409)
    assert again.json()["code"] == "replayed"
    assert again.json()["request_id"] == first.json()["request_id"], "an agent whose answer was lost learns the id"
    site.bench.pass_time(timedelta(minutes=11))
    assert site.send(body).json() == {
        "code": "expired",
        "message": "The expires-at is over; sign the message anew.",
        "fatal": True,
    }
    assert len(opened(site)) == 1


def altered(site):
    body = base64.b64decode(envelope(json.dumps(exercise(site.app)).encode()))
    return base64.b64encode(body.replace(b"deletion", b"accesses"))


REFUSED = {
    "unsigned": (403, "not_signed", lambda site: base64.b64encode(json.dumps(exercise(site.app)).encode())),
    "JSON as it is": (400, "not_base64", lambda site: json.dumps(exercise(site.app)).encode()),
    "nothing": (403, "not_signed", lambda _: b""),
    "a signature alone": (403, "not_signed", lambda site: base64.b64encode(b"x" * 64)),
    "with white space": (400, "not_base64", lambda site: envelope(b"{}") + b"\n"),
    "URL-safe base64": (400, "not_base64", lambda site: b"__--" + envelope(b"{}")),
    "altered": (403, "not_signed", altered),
    "by another key": (403, "not_signed", lambda site: envelope(json.dumps(exercise(site.app)).encode(), OTHER)),
    "not JSON": (400, "unusable_message", lambda _: envelope(b"\xff\xfe{}")),
    "a list": (400, "unusable_message", lambda _: envelope(b"[]")),
    "deep": (400, "unusable_message", lambda _: envelope(b'{"a":' * 4000 + b"1" + b"}" * 4000)),
    "a long number": (400, "unusable_message", lambda _: envelope(b'{"a":' + b"9" * 5000 + b"}")),
    "no number": (400, "unusable_message", lambda _: envelope(b'{"a":NaN}')),
}


def test_what_is_not_proved_is_refused(site):
    for how, (status, code, made) in REFUSED.items():
        answer = site.send(made(site))
        assert (answer.status_code, answer.json()["code"]) == (status, code), how
        assert ANNA_EMAIL.value not in answer.text
    assert opened(site) == []


def minutes(site, count):
    return (site.app.now() + timedelta(minutes=count)).isoformat()


def test_a_name_that_occurs_twice_is_refused(site):
    plain = json.dumps(exercise(site.app))
    doubled = '{"exercise": "access", ' + plain.removeprefix("{")
    assert site.send(envelope(doubled.encode())).json()["code"] == "unusable_message"
    assert opened(site) == []


WRONG = {
    "another agent's id": ({"agent-id": OTHER}, 403, "wrong_agent"),
    "an agent-id that is no text": ({"agent-id": [AGENT]}, 403, "wrong_agent"),
    "another business": ({"business-id": "ANOTHER_BUSINESS"}, 400, "wrong_business"),
    "no business": ({"business-id": None}, 400, "wrong_business"),
    "too early": ({"issued-at": 1}, 400, "too_early"),
    "expired": ({"issued-at": -20, "expires-at": 0}, 400, "expired"),
    "too long": ({"issued-at": 0, "expires-at": 31}, 400, "window_too_long"),
    "a day": ({"issued-at": "2026-03-05"}, 400, "unusable_message"),
    "no zone": ({"issued-at": "2026-03-05T09:00:00"}, 400, "unusable_message"),
    "the first instant": ({"issued-at": "0001-01-01T00:00:00+14:00"}, 400, "window_too_long"),
    "the last instant": ({"expires-at": "9999-12-31T23:59:59-14:00"}, 400, "window_too_long"),
    "a number for an instant": ({"issued-at": True}, 400, "unusable_message"),
    "another version": ({"drp.version": "0.9"}, 400, "unsupported_version"),
    "a version that is a number": ({"drp.version": 1.0}, 400, "unsupported_version"),
    "an unknown action": ({"exercise": "portability"}, 400, "unsupported_action"),
    "a list of actions": ({"exercise": ["deletion"]}, 400, "unsupported_action"),
    "opt-out of sale": ({"exercise": "sale:opt-out"}, 400, "unsupported_action"),
    "categories": ({"exercise": "access:categories"}, 400, "unsupported_action"),
    "another regime": ({"regime": "lgpd"}, 400, "unusable_message"),
    "a regime that is a list": ({"regime": ["ccpa"]}, 400, "unusable_message"),
    "no identifier": ({"email": None}, 400, "unusable_message"),
    "an address that is none": ({"email": "no address"}, 400, "unusable_message"),
    "a phone number of no country": ({"phone_number": "030 1234567"}, 400, "unusable_message"),
    "an e-mail that is a list": ({"email": [ANNA_EMAIL.value]}, 400, "unusable_message"),
    "a surrogate": ({"name": "\ud800"}, 400, "unusable_message"),
    "a control character": ({"name": "Anna\u0000"}, 400, "unusable_message"),
    "a turned text": ({"name": "Anna\u202egnp"}, 400, "unusable_message"),
    "a long name": ({"name": "n" * 501}, 400, "unusable_message"),
    "verified in words": ({"email_verified": "true"}, 400, "unusable_message"),
    "an address that is a text": ({"address": "1 Main St"}, 400, "unusable_message"),
    "too many relationships": ({"relationships": ["customer"] * 21}, 400, "unusable_message"),
    "a relationship that is an object": ({"relationships": [{}]}, 400, "unusable_message"),
    "a callback by http": ({"status_callback": "http://agent.example.com/"}, 400, "unusable_message"),
    "a callback elsewhere": ({"status_callback": "https://elsewhere.example/"}, 400, "unusable_message"),
    "a callback to numbers": ({"status_callback": "https://169.254.169.254/"}, 400, "unusable_message"),
    "a callback with a login": (
        {"status_callback": "https://agent.example.com@evil.example/"},
        400,
        "unusable_message",
    ),
    "a callback to another port": ({"status_callback": "https://agent.example.com:22/"}, 400, "unusable_message"),
}


@pytest.mark.apart
def test_a_message_that_is_not_usable_is_refused_by_name_and_quotes_nothing(site):
    for what, (changes, status, code) in WRONG.items():
        read = {
            name: minutes(site, one) if name.endswith("-at") and type(one) is int else one
            for name, one in changes.items()
        }
        answer = site.ask(**read)
        assert (answer.status_code, answer.json()["code"]) == (status, code), what
        assert not any(canary in answer.text for canary in CANARIES)
    assert opened(site) == []


def test_an_action_that_is_not_done_is_named(site):
    said = site.ask(exercise="sale:opt-out").json()
    assert said["message"] == "The action sale:opt-out is not done here, only deletion, access, access:specific."
    assert said["fatal"] is True


def test_a_token_is_one_agents_and_counts_until_the_next(site):
    first = site.tokens[AGENT]
    assert site.call("GET", f"/agent/{AGENT}", token=first).json() == {}
    assert site.call("GET", f"/agent/{OTHER}", token=first).status_code == 403
    assert site.call("GET", "/agent/UNKNOWN", token=first).status_code == 403
    for wrong in ("guessed", "", "é", "x" * 5000):
        headers = {"Authorization": b"Bearer " + wrong.encode()}
        answer = site.client.request("GET", f"/drp/v1/agent/{AGENT}", headers=headers)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    site.bench.pass_time(timedelta(seconds=1))
    assert site.pair().status_code == 200
    assert site.call("GET", f"/agent/{AGENT}", token=first).status_code == 401
    assert site.call("GET", f"/agent/{AGENT}", token=site.tokens[AGENT]).status_code == 200
    agents = site.app.settings.inbound.drp.agents
    before = agents["first"]
    agents["first"] = before.model_copy(update={"verify_key": "x" * 43 + "="})
    assert site.call("GET", f"/agent/{AGENT}", token=site.tokens[AGENT]).status_code == 401, "another key ends it"
    agents["first"] = before
    site.serve(business_id="ANOTHER_BUSINESS")
    assert site.call("GET", f"/agent/{AGENT}", token=site.tokens[AGENT]).status_code == 401


def test_no_token_is_given_for_a_message_that_was_seen_or_is_not_the_agents(site, caplog):
    site.bench.pass_time(timedelta(minutes=1))
    said = pairing(site.app)
    assert site.pair(said=said).status_code == 200
    held = site.tokens[AGENT]
    caplog.set_level(logging.WARNING)
    refused = [
        site.pair(said=said),
        site.pair(said=said | {"issued-at": (site.app.now() - timedelta(seconds=30)).isoformat()}),
        site.pair(**{"business-id": "ANOTHER_BUSINESS"}),
        site.pair(**{"expires-at": minutes(site, 0)}),
        site.pair(**{"drp.version": None}),
        site.call("POST", f"/agent/{OTHER}", envelope(json.dumps(pairing(site.app)).encode())),
        site.call("POST", f"/agent/{AGENT}", json.dumps(pairing(site.app)).encode()),
        site.call("POST", "/agent/UNKNOWN", envelope(json.dumps(pairing(site.app)).encode())),
    ]
    assert [(one.status_code, one.content) for one in refused] == [(403, b"")] * len(refused)
    assert site.call("GET", f"/agent/{AGENT}", token=held).status_code == 200
    assert "no token was given to the agent first: expired" in caplog.text
    assert caplog.text.count("no token was given to the agent first: issued no later than the message before") == 2


def test_another_agents_request_is_neither_seen_nor_revoked(site):
    request_id = site.ask().json()["request_id"]
    assert site.status(request_id, OTHER).status_code == 403
    assert site.revoke(request_id, OTHER).status_code == 403
    for unknown in ("0", "%00", "..%2f..", "é" * 50, "00000000-0000-4000-8000-000000000000"):
        assert site.status(unknown).status_code == 404
    assert site.status(request_id).json()["status"] == "open"


def test_a_request_is_revoked_once_by_its_own_agent_and_by_a_signed_message(site):
    request_id = site.ask().json()["request_id"]
    path = f"/data-rights-request/{request_id}"
    for wrong in (b"", b'{"reason": "x"}', envelope(b"{}", OTHER), envelope(b'{"reason": 1}')):
        assert site.call("DELETE", path, wrong, token=site.tokens[AGENT]).status_code in {400, 403}
    assert site.status(request_id).json()["status"] == "open"
    said = site.revoke(request_id).json()
    assert said["status"] == "revoked"
    assert site.revoke(request_id).json()["code"] == "not_revocable"
    (case_id,) = opened(site)
    with site.bench.file(case_id) as file:
        withdrawn = [one for one in file.ledger.entries() if one.event == "CaseWithdrawn"]
    assert [one.actor for one in withdrawn] == ["Example Agent"]
    assert "changed my mind" not in repr(withdrawn)


def test_a_message_that_was_signed_for_another_call_revokes_nothing_and_gets_no_token(site):
    asked = exercise(site.app)
    request_id = site.send(envelope(json.dumps(asked).encode())).json()["request_id"]
    path, held = f"/data-rights-request/{request_id}", site.tokens[AGENT]
    late = pairing(site.app, reason="changed my mind", **{"expires-at": site.app.now().isoformat()})
    without_action = {name: one for name, one in asked.items() if name != "exercise"}
    other = pairing(site.app, OTHER, reason="changed my mind")
    for wrong in (asked, asked | {"reason": "x"}, without_action, pairing(site.app), late, other):
        answer = site.call("DELETE", path, envelope(json.dumps(wrong).encode()), token=held)
        assert answer.status_code in {400, 403}
    assert site.status(request_id).json()["status"] == "open"
    site.bench.pass_time(timedelta(minutes=1))
    later = exercise(site.app)
    for wrong in (later, later | {"reason": "x"}, pairing(site.app, reason="x"), {}):
        assert site.pair(said=wrong or {"reason": ""}).status_code == 403
    assert site.call("GET", f"/agent/{AGENT}", token=held).status_code == 200
    assert site.send(envelope(json.dumps(pairing(site.app)).encode())).json()["code"] == "unusable_message"
    full = pairing(site.app, reason="changed my mind")
    said = site.call("DELETE", path, envelope(json.dumps(full).encode()), token=held).json()
    assert said["status"] == "revoked"


def test_a_captured_revocation_of_one_request_revokes_no_other_that_is_carried_out(site):
    request_id = site.ask().json()["request_id"]
    (case_id,) = opened(site)
    approved(site, case_id)
    assert site.revoke(request_id).json()["code"] == "not_revocable"
    assert site.status(request_id).json()["status"] == "in_progress"


def identified(site, case_id):
    reach_gate(site.app, case_id, Gate.IDENTITY)
    read_then_decide(site.app, case_id, confirmed(site.app.now()))


def approved(site, case_id, by="Dana Decider"):
    identified(site, case_id)
    search_for(site.app, case_id)
    prepare_plan(site.app, case_id)
    reach_gate(site.app, case_id, Gate.APPROVAL)
    read_then_decide(site.app, case_id, Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by=by))


@pytest.mark.apart
def test_the_status_follows_the_case_and_says_that_it_is_fulfilled_when_the_answer_went_out(tmp_path):
    with running_bench(tmp_path) as bench:
        site = AgentSite(bench)
        site.pair()
        request_id = site.ask().json()["request_id"]
        (case_id,) = site.cases
        reach_gate(site.app, case_id, Gate.IDENTITY)
        said = site.status(request_id).json()
        assert (said["status"], "reason" in said, said["expected_by"]) == (
            "in_progress",
            False,
            "2026-04-07T21:59:59.000+00:00",
        )
        identified(site, case_id)
        fulfil(site.app, case_id)
        said = site.status(request_id).json()
        assert said["status"] == "in_progress"
        assert said["processing_details"].endswith("The answer is written and has not been sent yet.")
        record_sent(site.app, case_id, "L11", by="Olga", how=delivery("post", ""))
        said = site.status(request_id).json()
        assert (said["status"], "expected_by" in said) == ("fulfilled", False)
        assert said["processing_details"] == (
            "The data were erased in part; the answer, which says what is kept and why, was sent by post on "
            "5 March 2026."
        )
        assert said["expires_at"] > said["received_at"]
        assert not any(canary in json.dumps(said) for canary in CANARIES)
        assert site.revoke(request_id).json()["code"] == "not_revocable"


@pytest.mark.apart
def test_who_asks_is_awaited_and_a_refusal_names_what_its_decision_proves(site):
    site.serve(verification_url="https://example.com/prove")
    first, second = site.ask().json()["request_id"], site.ask(exercise="access").json()["request_id"]
    one, other = (site.app.store.work.case_of_agent_request(each)[0] for each in (first, second))
    reach_gate(site.app, one, Gate.IDENTITY)
    ask_identity(site.app, one, doubt="An agent asks.", by="Ida Identity")
    record_sent(site.app, one, "L2", by="Ida Identity")
    said = site.status(first).json()
    assert (said["status"], said["reason"]) == ("in_progress", "need_user_verification")
    assert said["user_verification_url"] == f"https://example.com/prove?request_id={first}"
    assert "asked by a letter to prove who they are" in said["processing_details"]
    site.serve()
    assert "reason" not in site.status(first).json(), "without a page the protocol has no such state"
    site.bench.pass_time(timedelta(days=40))
    for case_id, code, details in ((one, Reason.NOT_IDENTIFIED, {}), (other, *OUTSIDE)):
        refusal = Decision(
            gate=Gate.IDENTITY, verdict=Verdict.REFUSED, by="Ida", reason="no", code=code, details=details
        )
        read_then_decide(site.app, case_id, refusal)
        write_refusal(site.app, case_id)
        record_sent(site.app, case_id, "L7", by="Ida Identity")
    found = [site.status(each).json() for each in (first, second)]
    assert [(each["status"], each["reason"]) for each in found] == [
        ("denied", "insuf_verification"),
        ("denied", "outside_jurisdiction"),
    ]
    assert found[1]["processing_details"] == "It was refused: the law you rely on does not apply here."


OUTSIDE = (Reason.LAW_NOT_APPLICABLE, {"Law that we checked": "California"})


def test_the_persons_own_case_and_two_agents_cases_know_nothing_of_each_other(site):
    form = RequestForm(right="erasure", email=ANNA_EMAIL.value, opened_by="Olga Opener", channel="e-mail")
    own = open_request_form(site.app, form, despite_duplicate=True).case_id
    first, second = site.ask().json()["request_id"], site.ask(OTHER).json()["request_id"]
    assert len(opened(site)) == 3
    site.revoke(first)
    assert site.status(second, OTHER).json()["status"] == "open"
    with site.bench.file(own) as file:
        assert file.state.value == "received"


@pytest.mark.apart
def test_the_agent_cannot_approve_what_it_asked_for(site):
    site.ask()
    (case_id,) = opened(site)
    with pytest.raises(Conflict, match="four eyes"):
        approved(site, case_id, by="Example Agent")


@pytest.mark.apart
def test_callbacks_say_what_the_status_says_once_for_each_change_and_only_to_a_host_of_today(site):
    told, is_down = [], [False]

    def tell(_section, url, body):
        if is_down[0]:
            raise Transient("The line is down.", system="callback")
        told.append((url, json.loads(body)))

    request_id = site.ask().json()["request_id"]
    (case_id,) = opened(site)
    site.bench.runtime = replace(site.bench.runtime, tell_agent=tell)
    tell_agents(site.app)
    assert request_id not in {said["request_id"] for _, said in told}, "the answer to its call said so"
    told.clear()
    reach_gate(site.app, case_id, Gate.IDENTITY)
    is_down[0] = True
    assert tell_agents(site.app) == 0
    is_down[0] = False
    assert tell_agents(site.app) == 1
    assert tell_agents(site.app) == 0
    assert told == [(CALLBACK, site.status(request_id).json())]
    site.revoke(request_id)
    agents = site.app.settings.inbound.drp.agents
    before = agents["first"]
    agents["first"] = before.model_copy(update={"callback_hosts": ()})
    assert tell_agents(site.app) == 0
    agents["first"] = before
    assert tell_agents(site.app) == 1
    assert told[-1][1]["status"] == "revoked"
    assert tell_agents(site.app) == 0
    assert ANNA_NAME.value not in json.dumps(told)


def test_large_bodies_odd_headers_and_many_calls_are_turned_away(site):
    large = site.call("POST", "/data-rights-request", b"A" * (MOST_BYTES + 1), token=site.tokens[AGENT])
    assert (large.status_code, large.json()["code"]) == (413, "too_large")
    for length in (b"-1", b"1e3", "٣".encode(), b"9" * 5000, b""):
        answer = site.call("POST", "/data-rights-request", token=site.tokens[AGENT], **{"Content-Length": length})
        assert answer.status_code == 413
    for path in ("/data-rights-request//", "/agent/", "/agent/A/B", "/data-rights-request/x/y"):
        answer = site.call("GET", path, token=site.tokens[AGENT], Host="evil.example")
        assert answer.status_code in {404, 405}, "and no redirection to what the caller named"
    assert site.call("PUT", "/data-rights-request").status_code == 405
    site.serve(strangers=6)
    statuses = [site.call("GET", f"/agent/{AGENT}", token="guessed").status_code for _ in range(3)]
    assert statuses == [401, 429, 429]
    assert site.call("POST", f"/agent/{AGENT}", b"not signed").status_code == 429
    assert site.call("GET", f"/agent/{AGENT}", token=site.tokens[AGENT]).status_code == 200
    site.bench.pass_time(timedelta(minutes=1))
    assert site.pair().status_code == 200, "strangers keep no agent from its token"


def test_it_is_off_by_default_and_its_path_is_its_own(site, tmp_path):
    settings = site.app.settings.model_copy(update={"inbound": Inbound()})
    with pytest.raises(Misconfigured, match="Nothing is taken from others"):
        make_listener(replace(site.app, settings=settings))
    document = site.client.get("/drp/openapi.json").json()
    assert document["servers"] == [{"url": "https://localhost/drp"}]
    assert site.client.get("/v2/discovery").status_code == 404
