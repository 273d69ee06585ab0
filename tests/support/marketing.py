"""A bench whose helpdesk holds newsletter subscriptions, which its configuration may say are for marketing alone."""

from __future__ import annotations

from dataclasses import replace

from rightsflow.domain.connector import RecordKind
from rightsflow.domain.vocabulary.records import DocumentClass, Method
from rightsflow.testing.fakes import FakeRecord
from tests.support.bench import ANNA_PROFILE, BORIS, Bench

SUBSCRIPTION = RecordKind(
    name="subscription",
    title="newsletter subscriptions",
    methods=frozenset({Method.ERASE}),
    document=DocumentClass.NONE,
)


def subscribed(bench: Bench, *, stated: bool = True, setting: str = "marketing") -> None:
    """Give Anna and Boris a subscription each.

    Args:
        bench: The bench.
        setting: Whether they are kept for marketing alone, or rest on consent alone.
        stated: Whether the configuration says which kinds are kept for direct marketing.
    """
    helpdesk = bench.systems["helpdesk"]
    helpdesk.kinds = (SUBSCRIPTION, *helpdesk.kinds)
    helpdesk.add(
        FakeRecord(kind="subscription", key="s1", texts=((ANNA_PROFILE, "weekly"),)),
        FakeRecord(kind="subscription", key="s2", texts=((BORIS, "weekly"),)),
    )
    if stated:
        sections = bench.runtime.systems
        held = {name: ("subscription",) if name == "helpdesk" else () for name in sections}
        systems = {name: one.model_copy(update={setting: held[name]}) for name, one in sections.items()}
        bench.runtime = replace(bench.runtime, systems=systems)
