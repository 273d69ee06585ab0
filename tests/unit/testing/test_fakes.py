"""The faults that can be ordered of a fake system."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from rightsflow.domain.errors import Permanent, Transient
from rightsflow.domain.vocabulary.records import Method, OutcomeKind
from rightsflow.testing.fakes import FakeRecord, FakeSystem
from tests.unit.testing.population import EMAIL, fill

KNOWN = frozenset({EMAIL})


@pytest.fixture
def system() -> FakeSystem:
    system = FakeSystem()
    fill(system)
    return system


def test_a_fault_ends_after_its_calls_or_when_it_is_healed(system: FakeSystem):
    # A fault ends after its number of calls.
    system.fail("locate", times=2)
    for _ in range(2):
        with pytest.raises(Transient):
            list(system.locate(KNOWN))
    assert list(system.locate(KNOWN))
    assert system.calls["locate"] == 3
    # A fault without end stays until it is healed.
    system.fail("locate", Permanent("It is broken; look."), times=None)
    for _ in range(3):
        with pytest.raises(Permanent):
            list(system.locate(KNOWN))
    system.heal()
    assert list(system.locate(KNOWN))
    # A fault in the middle leaves what was done done.
    refs = [one.record for one in system.locate(KNOWN) if one.record.kind == "ticket"]
    system.fail("erase", after=1)
    outcomes = []
    with pytest.raises(Transient):
        outcomes.extend(system.erase(refs, Method.ERASE, KNOWN))
    assert len({record.key for record in system.records() if record.kind == "ticket"}) == 4
    assert {one.record for one in system.erase(refs, Method.ERASE, KNOWN)} == set(refs)


def test_many_threads_erase_each_record_once():
    system = FakeSystem()
    refs = system.add(*(FakeRecord(kind="ticket", key=str(n), texts=((KNOWN, "x"),)) for n in range(200)))
    with ThreadPoolExecutor(8) as pool:
        batches = list(pool.map(lambda _: list(system.erase(refs, Method.ERASE, KNOWN)), range(8)))
    # A record that a second thread took out as well would be an error there.
    assert all(len(batch) == 200 for batch in batches)
    assert {one.kind for batch in batches for one in batch} == {OutcomeKind.ERASED}
    assert system.records() == []
