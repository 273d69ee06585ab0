"""A running helpdesk with a connector on it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from connectors.http import Patience
from connectors.registry import ControllerPlace
from connectors.zendesk import ZendeskConnector, ZendeskSettings
from rightsflow.domain.identifiers import IdentifierKind, Identifiers, identifier
from rightsflow.domain.vocabulary.records import Method, Outcome, RecordRef
from rightsflow.testing.bench import find
from rightsflow_sandbox.helpdesk.access import Client
from rightsflow_sandbox.helpdesk.faults import OrderedFault
from rightsflow_sandbox.helpdesk.limits import Limits
from rightsflow_sandbox.helpdesk.loading import dump_helpdesk, load_helpdesk
from rightsflow_sandbox.helpdesk.server import running_helpdesk
from rightsflow_sandbox.helpdesk.state import HelpdeskState
from rightsflow_sandbox.helpdesk.values import Pace

SECRET = "an-invented-secret"
PLACE = ControllerPlace(country="DE", timezone="Europe/Berlin")
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def known(**given: str) -> Identifiers:
    """Identifiers by their kind: ``known(email=…, phone=…)``."""
    return frozenset(
        identifier(IdentifierKind(kind), value, country="DE", issuer="payments") for kind, value in given.items()
    )


@dataclass
class Desk:
    """A running helpdesk.

    Args:
        state: What it holds.
        url: Where it is.
        slept: The waits the connector would have slept, in seconds.
    """

    state: HelpdeskState
    url: str
    slept: list[float] = field(default_factory=list)

    def connector(self, *, secret: str = SECRET, retries: int = 4, **settings: Any) -> ZendeskConnector:
        """A connector on the helpdesk that does not really wait."""
        raw = {
            "connector": "zendesk",
            "base_url": self.url,
            "client_id": "rightsflow",
            "client_secret": "env:ZENDESK_TEST_SECRET" if secret == SECRET else "env:ZENDESK_WRONG_SECRET",
            "account_id_fields": {"payment_customer": "payments"},
            "purposes": ["service"],
            "categories": ["service tickets"],
            "source": "the data subject",
            "retention": "24 months",
            **settings,
        }
        patience = Patience(retries=retries, sleep=self.slept.append)
        return ZendeskConnector("helpdesk", ZendeskSettings.model_validate(raw), PLACE, patience)

    def fault(self, method: str, path: str, **more: Any) -> OrderedFault:
        """Order a fault for the next matching call."""
        return self.state.faults.add(OrderedFault(method=method, path=path, **more))

    def calls(self, method: str, path: str) -> int:
        """How many calls of a method went to paths that begin like this."""
        return len(self.state.journal.calls(method, f"/api/v2{path}"))

    def everything(self) -> str:
        """All that the helpdesk holds, as text."""
        with self.state.lock:
            return json.dumps(dump_helpdesk(self.state), ensure_ascii=False)


@contextmanager
def running(
    data: Mapping[str, Any], *, client: Client | None = None, limits: Limits | None = None, pace: Pace | None = None
) -> Iterator[Desk]:
    """Serve these contents."""
    state = load_helpdesk(data, now=lambda: NOW, limits=limits, pace=pace or Pace(job_polls=2))
    with running_helpdesk(state, client_secret=SECRET, client=client) as url:
        yield Desk(state=state, url=url)


def refs_of(connector: ZendeskConnector, given: Identifiers, kind: str) -> list[RecordRef]:
    """The subject's records of one kind."""
    return [ref for ref in find(connector, given).refs if ref.kind == kind]


def erase(
    connector: ZendeskConnector, refs: list[RecordRef], given: Identifiers, method: Method = Method.ERASE
) -> list[Outcome]:
    """Erase and hold that each ref has one outcome."""
    outcomes = list(connector.erase(refs, method, given))
    assert Counter(one.record for one in outcomes) == Counter(refs)
    return outcomes
