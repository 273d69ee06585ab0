"""What depends on the records of an erasure, for the approver and for the person."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rightsflow.domain.erasure.plan_groups import CONSEQUENCES, RUNS_ON, RunsOn, consequences, foretold, preflight
from rightsflow.domain.vocabulary.records import Fact, KindAt, OutcomeKind


@dataclass(frozen=True)
class Record:
    system: str
    facts: tuple[str, ...] = ()
    kind: str = "record"
    planned: OutcomeKind | None = None


TICKET = Record("helpdesk", (Fact.OPEN_TICKET, Fact.SHARED))
MANDATE = Record("payments", (Fact.MANDATE,))
ORDER = Record("shop", (Fact.OPEN_ORDER, Fact.ACCOUNTING))
PLAIN = Record("shop", (Fact.ACCOUNTING,))


def test_what_runs_on_is_told_once_and_what_goes_by_the_plan():
    # What runs on is counted by system the weightiest first.
    assert preflight([(TICKET, 3), (PLAIN, 9), (MANDATE, 1), (ORDER, 1), (TICKET, 1)]) == [
        RunsOn(fact=Fact.OPEN_ORDER, system="shop", records=1),
        RunsOn(fact=Fact.MANDATE, system="payments", records=1),
        RunsOn(fact=Fact.OPEN_TICKET, system="helpdesk", records=4),
    ]
    assert preflight([(PLAIN, 1)]) == []
    # The person is told once of each and not of what the answer keeps.
    told = consequences([TICKET, TICKET, MANDATE, ORDER, PLAIN], ())
    assert len(told) == 2
    assert "new mandate" in told[0]
    assert "not solved yet" in told[1]
    assert consequences([PLAIN], ()) == ()
    assert set(RUNS_ON) <= set(CONSEQUENCES)
    # Before an erasure what goes and what stays is told by the plan.
    profiles = {KindAt("shop", "customer")}
    account = replace(PLAIN, kind="customer", planned=OutcomeKind.ERASED)
    warranty = Record("shop", (Fact.WARRANTY,), planned=OutcomeKind.ERASED)
    order = replace(ORDER, planned=OutcomeKind.RETAINED)
    told = foretold([order, warranty, account], profiles)
    assert [one.split(".")[0] for one in told] == [
        "An account or customer record of yours is erased",
        "A warranty of yours may still run",
        "An order is not fulfilled yet: the records that it needs stay until it is fulfilled or cancelled",
    ]
    assert foretold([replace(warranty, planned=OutcomeKind.RETAINED), replace(account, kind="order")], profiles) == ()
    assert "no longer sign in" in consequences([account], profiles)[0]
