"""What the tests of the desk's acts ask of a case, and cases under the law of the United Kingdom."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from rightsflow.app import current_app, installed
from rightsflow.cases.course.gates.gates import record_decision
from rightsflow.config.sections.policy_settings import PolicySettings
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from tests.support.identity import METHOD

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
BERLIN, LONDON = ZoneInfo("Europe/Berlin"), ZoneInfo("Europe/London")
REASON = "140 hours of call recordings in three systems have to be screened for the voices of others."
DOUBT = "The request came from an address that was not used before."
TEXT = "zebra-striped"
"""Stands for what may name the person; it must not be met outside the vault."""


def facts(bench, case_id):
    """What the file of a case holds: its dates, its events, its letters, its ledger."""
    with bench.file(case_id) as file:
        events = {kind.name: event.at for kind, event in sorted(file.clock.events().items())}
        return file.clock.dates(), events, file.outbox.lines(), list(file.ledger.entries())


def due(bench, case_id):
    return facts(bench, case_id)[0].due_on.isoformat()


def events_of(bench, case_id):
    return facts(bench, case_id)[1]


def sent(bench, case_id):
    """Which letters went out."""
    return [line.template_id for line in facts(bench, case_id)[2] if line.sent_at]


def move_to(bench, local):
    """Let it be this local time, like ``2026-04-07T23:30``, in the controller's zone."""
    bench.moment[0] = datetime.fromisoformat(local).replace(tzinfo=bench.runtime.settings.controller.zone)


def refuse_identity(case_id):
    record_decision(
        current_app(),
        case_id,
        Decision(
            gate=Gate.IDENTITY,
            verdict=Verdict.REFUSED,
            by="Ida",
            reason="No authority came.",
            code="R8",
            details={"What proof is needed": "a written authority"},
        ),
    )


@contextmanager
def under(bench, **controller):
    """The same bench for another controller: another law, another place."""
    settings = bench.runtime.settings
    other = settings.model_copy(update={"controller": settings.controller.model_copy(update=controller)})
    before, bench.runtime = bench.runtime, replace(bench.runtime, settings=other)
    with installed(bench.runtime):
        yield bench
    bench.runtime = before


@contextmanager
def under_policies(bench, every=0, **plain):
    """The same bench for a controller with a policy for each right, for people who were called back.

    With fields and what else belongs to them, it is one policy that releases packages of plain records.
    """
    raw = {"version": 3, "identity": [METHOD.value], "every_nth_to_a_person": every}
    if plain:
        raw |= {"when": "plain records", "stands_for_second_person": True, "most_records": 5} | plain
    policies = tuple(
        PolicySettings.model_validate(raw | {"name": f"strangers-{right}", "right": right})
        for right in (("access",) if plain else ("access", "erasure"))
    )
    before = bench.runtime
    bench.runtime = replace(before, settings=before.settings.model_copy(update={"policies": policies}))
    with installed(bench.runtime):
        yield bench
    bench.runtime = before


@contextmanager
def in_the_uk(bench):
    with under(bench, country="GB", timezone="Europe/London", regime="uk-gdpr", large_quantity=1):
        yield bench


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
