"""The list over HTTP: yes or no for the token, nothing else for anybody, and only so often."""

from __future__ import annotations

from dataclasses import replace
from time import monotonic

import pytest
from starlette.testclient import TestClient

from deployments.callers import Allowance
from deployments.suppression.asking import TICK_SECONDS, make_asking
from rightsflow.cases.facts.persons import Sought
from rightsflow.cases.work.erasure.suppression import suppress
from rightsflow.config.sections.policy_settings import SuppressionSettings
from rightsflow.domain.errors import Misconfigured
from tests.support.bench import ANNA_EMAIL, BORIS_EMAIL, running_bench

TOKEN = "t" * 32
SIGNED = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    with running_bench(tmp_path_factory.mktemp("list")) as bench, pytest.MonkeyPatch.context() as environment:
        environment.setenv("TEST_LIST_TOKEN", TOKEN)
        environment.setenv("TEST_SHORT_TOKEN", "short")
        environment.setenv("TEST_NEXT_TOKEN", "n" * 32)
        suppress(bench.runtime, Sought(email=ANNA_EMAIL.value), by="Olga")
        yield given(bench.runtime)


def given(app, token="TEST_LIST_TOKEN", per_minute=600):
    section = SuppressionSettings(token=f"env:{token}", per_minute=per_minute)
    return replace(app, settings=app.settings.model_copy(update={"suppression": section}))


@pytest.fixture
def client(app):
    return TestClient(make_asking(app))


def ask(client, contact, headers=SIGNED):
    return client.post("/suppressed", json={"contact": contact}, headers=headers)


def test_it_says_yes_or_no_and_nothing_else(client):
    for contact, held in ((ANNA_EMAIL.value, True), (BORIS_EMAIL.value, False), ("+49 30 23125 001", False)):
        answer = ask(client, contact)
        assert (answer.status_code, answer.json()) == (200, {"suppressed": held})
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer x"}, {"Authorization": f"Basic {TOKEN}"}])
def test_without_the_token_a_listed_address_is_answered_like_any_other(client, headers):
    answers = [ask(client, contact, headers) for contact in (ANNA_EMAIL.value, BORIS_EMAIL.value, "x")]
    assert {one.status_code for one in answers} == {401}
    assert len({one.text for one in answers}) == 1


def test_what_cannot_be_read_is_not_quoted_and_there_is_nothing_else_there(client):
    for sent in (
        {"content": b"{"},
        {"json": ["anna"]},
        {"json": {"contact": 7}},
        {"json": {"contact": "anna@example.com", "more": 1}},
        {"json": {"contact": "not an address"}},
        {"content": b"x" * 2000},
    ):
        answer = client.post("/suppressed", headers=SIGNED, **sent)
        assert answer.status_code == 422
        assert "anna" not in answer.text.casefold()

    assert client.get("/suppressed", headers=SIGNED).status_code == 405
    assert client.get("/", headers=SIGNED).status_code == 404


def test_questions_beyond_the_allowance_and_guesses_wait(app):
    seconds = [0.0]
    client = TestClient(make_asking(given(app, per_minute=6), lambda: seconds[0]))
    assert [ask(client, BORIS_EMAIL.value).status_code for _ in range(2)] == [200, 429]
    guesses = [ask(client, BORIS_EMAIL.value, {"Authorization": "Bearer x"}) for _ in range(6)]
    assert [one.status_code for one in guesses] == [401] * 5 + [429]
    assert guesses[-1].headers["Retry-After"]
    seconds[0] = 10.0
    assert ask(client, BORIS_EMAIL.value).status_code == 200


def test_an_allowance_is_not_saved_up():
    seconds = [0.0]
    allowance = Allowance(60, lambda: seconds[0])
    seconds[0] = 3600.0
    assert sum(allowance.take() for _ in range(100)) == 10


def test_every_answer_leaves_at_a_tick(client):
    began = monotonic()
    ask(client, ANNA_EMAIL.value)
    assert monotonic() - began >= TICK_SECONDS


def test_a_token_is_needed_is_long_and_is_read_anew(app, client):
    with pytest.raises(Misconfigured, match="No token is set"):
        make_asking(replace(app, settings=app.settings.model_copy(update={"suppression": SuppressionSettings()})))
    with pytest.raises(Misconfigured, match="too short"):
        make_asking(given(app, "TEST_SHORT_TOKEN"))
    assert ask(TestClient(make_asking(given(app, "TEST_NEXT_TOKEN"))), BORIS_EMAIL.value).status_code == 401
