"""The systems' own part of a case: the connectors called one after the other, with nothing around them."""

from __future__ import annotations

import time
from collections.abc import Mapping

from benchmarks.cases.population import email, number, phone
from rightsflow.app import current_app
from rightsflow.domain.identifiers import IdentifierKind, Identifiers, identifier
from rightsflow.domain.vocabulary.records import Blob


def chains(subject: int) -> Mapping[str, float]:
    """Measure each system's time for an access case by itself: searched twice, then read to the last byte."""
    asked = frozenset({identifier(IdentifierKind.EMAIL, email(subject))})
    learnt = asked | {
        identifier(IdentifierKind.PHONE, phone(subject)),
        identifier(IdentifierKind.CUSTOMER_ID, number(subject)),
    }
    return {system: _chain(system, asked, learnt) for system in current_app().connectors}


def _chain(system: str, asked: Identifiers, learnt: Identifiers) -> float:
    began, connector = time.perf_counter(), current_app().connectors[system]
    list(connector.locate(asked))
    refs = [one.record for one in connector.locate(learnt)]
    for part in connector.extract(refs, learnt):
        if isinstance(part, Blob):
            for _ in part.open():
                pass
    return time.perf_counter() - began
