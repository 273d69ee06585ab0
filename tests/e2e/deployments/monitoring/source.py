"""A source of figures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from prometheus_client import CollectorRegistry

from deployments.monitoring.store_figures import StoreCollector
from rightsflow.domain.alerts.ladder import RungKind
from rightsflow.domain.board import Group
from rightsflow.domain.errors import Transient
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.store.queries.figures import StoreFigures

SEALED_AT = datetime(2026, 3, 5, tzinfo=UTC)


def figures(**changes):
    given = {
        "open_cases": {
            (Right.ACCESS, CaseState.IDENTITY_PENDING, Group.RED): 2,
            (Right.ACCESS, CaseState.IDENTITY_PENDING, Group.GREEN): 3,
            (Right.ACCESS, CaseState.IDENTITY_PENDING, Group.STANDING): 5,
            (Right.ERASURE, CaseState.AWAITING_APPROVAL, Group.AMBER): 7,
        },
        "overdue": {Right.ACCESS: 1},
        "alerts": {(RungKind.OVERDUE, True): 4, (RungKind.OVERDUE, False): 1},
        "watch_behind": timedelta(seconds=90),
        "sealed_at": SEALED_AT,
    }
    return StoreFigures(**(given | changes))


class Source:
    """A store that is read as slowly as a test wants, or does not answer, and the clock beside it."""

    def __init__(self, takes=0.0):
        self.now, self.takes, self.reads, self.answer = 100.0, takes, 0, figures()

    def read(self):
        self.reads += 1
        self.now += self.takes
        if self.answer is None:
            raise Transient("The case store does not answer.")
        return self.answer

    def registry(self):
        made = CollectorRegistry()
        made.register(StoreCollector(self.read, lambda: self.now))
        return made
