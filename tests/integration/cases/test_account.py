"""The account: case file and ledger result in the same fates and numbers, and files are never counted as records."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from rightsflow.audit.evidence.fold import fold
from rightsflow.audit.ledger import Entry
from rightsflow.cases.facts.overview.account import fate_of
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import Copies, Fate, Finding, grounds, holdings
from rightsflow.domain.vocabulary.records import Method, OutcomeKind, PresenceState, RecordRef
from rightsflow.domain.vocabulary.rights import Right

AT = datetime(2026, 3, 5, 9, tzinfo=UTC)
OUTCOMES = st.sampled_from(OutcomeKind)
LOOKS = st.sampled_from([None, PresenceState.ABSENT, PresenceState.PRESENT, PresenceState.UNKNOWN])
WHERE = st.sampled_from([("helpdesk", "service tickets"), ("helpdesk", "profiles"), ("calls", "call recordings")])


@dataclass(frozen=True, slots=True)
class Told:
    """A record as what counts sees it."""

    system: str
    category: str
    fate: Fate | None
    attachments: int


@st.composite
def findings(draw: st.DrawFn) -> list[Finding]:
    """The records of an erasure case at its end."""
    return [
        Finding(
            number=number,
            ref=RecordRef(where[0], "record", str(number)),
            category=where[1],
            attribution=draw(st.sampled_from([Attribution.SUBJECT, Attribution.UNCLEAR])),
            doubt=None,
            facts=frozenset(),
            occurred_on=None,
            locked_until=None,
            method=draw(st.sampled_from([None, Method.ERASE])),
            planned=None,
            outcome=draw(OUTCOMES),
            reason="",
            legal_basis="",
            until=None,
            ends_when="",
            refused=draw(st.booleans()),
            request_id="",
            acted_at=AT,
            verified=draw(LOOKS),
            verified_at=AT,
        )
        for number, where in enumerate(draw(st.lists(WHERE, max_size=12)), start=1)
    ]


def entries(records: list[Finding]) -> list[Entry]:
    """What the ledger has of them, as the case file notes it."""
    made = [_entry("CaseOpened", right="erasure", regime="gdpr")]
    for one in records:
        named = {"record": f"{one.number:064}", "system": one.ref.system}
        unclear = one.attribution is Attribution.UNCLEAR and one.method is None
        assert one.outcome is not None
        made.append(
            _entry(
                "OutcomeRecorded",
                **named,
                category=one.category,
                outcome=one.outcome.value,
                unclear=unclear,
                refused=one.refused,
            )
        )
        if one.verified:
            made.append(_entry("PresenceChecked", **named, state=one.verified.value))
    return made


def _entry(event: str, **details: object) -> Entry:
    return Entry(
        chain="DSR-2026-7K3M9Q",
        number=1,
        event=event,
        actor="rightsflow",
        at=AT,
        details=details,
        made_with={},
        previous="",
    )


@given(findings())
def test_the_evidence_counts_what_the_letters_count(records: list[Finding]) -> None:
    """Before, the evidence called unclear records retained, and one of which a part stayed redacted."""
    ours = [Told(one.ref.system, one.category, fate_of(one, Right.ERASURE), 0) for one in records]
    counted = {(held.system, held.fate.value): 0 for held in holdings(ours)}
    for held in holdings(ours):
        counted[held.system, held.fate.value] += held.records
    evidence = fold(entries(records))
    told = {(line.system, name): number for line in evidence.systems for name, number in line.outcomes.items()}
    assert told == counted
    assert sum(told.values()) == len(records)


@given(st.lists(st.tuples(st.sampled_from(Fate), st.integers(0, 9)), max_size=20))
def test_files_beside_records_are_never_counted_as_records(drawn: list[tuple[Fate, int]]) -> None:
    records = [Told("helpdesk", "service tickets", fate, files) for fate, files in drawn]
    counted = holdings(records)
    assert sum(held.records for held in counted) == len(records)
    assert sum(held.attachments for held in counted) == sum(files for _, files in drawn)
    assert {held.fate: held.records for held in counted} == Counter(fate for fate, _ in drawn)


@given(st.integers(0, 3), st.integers(0, 5))
def test_a_record_that_is_nothing_but_a_file_is_that_file(documents: int, files: int) -> None:
    beside = Copies(documents, files).attachments
    assert beside == (files if documents else max(files - 1, 0))


@given(st.sampled_from(Fate), st.sampled_from(["", "§ 147 AO"]), st.sampled_from([None, date(2031, 1, 1)]))
def test_nothing_is_kept_without_its_ground_and_its_end(fate: Fate, basis: str, until: date | None) -> None:
    said, ends = grounds(fate, basis, until, "", "GDPR")
    if fate is Fate.RETAINED:
        assert said
        assert until or ends
