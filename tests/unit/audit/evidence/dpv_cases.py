"""Case records for the export: two as they come, and made-up ones of every kind."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from rightsflow.audit.evidence.dpv import ControllerFacts
from rightsflow.audit.evidence.record import (
    ActLine,
    CaseRecord,
    ClockLine,
    EvidenceLetterLine,
    EvidenceRecordLine,
    GateLine,
    IdentifierProof,
    SystemLine,
)
from rightsflow.domain.gates.refusals import Reason
from rightsflow.domain.vocabulary.letter_ids import LetterId
from rightsflow.domain.vocabulary.records import OutcomeKind
from rightsflow.domain.vocabulary.states import CaseState

CONTROLLER = ControllerFacts(
    name="Example Devices GmbH", authority="BayLDA", authority_page="https://www.lda.bayern.de/"
)
START = datetime(2026, 3, 5, 9, tzinfo=UTC)
STAFF = ("Olga Opener", "Ida Identity", "Dana Decider")
VOUCHER = "Art. 17(3)(b) GDPR, § 147(1) no. 4, (3) AO"


def at(days, hour=9):
    return START.replace(hour=hour) + timedelta(days=days)


def case(right="access", state=CaseState.RECEIVED, **changes):
    """A case that was just opened, with changes."""
    blank = CaseRecord(
        case_id="DSR-2026-7K3M9Q",
        right=right,
        channel="e-mail",
        regime="gdpr",
        rules=("gdpr/2018-05-25",),
        code=("0.1.0",),
        received_at=START - timedelta(hours=1),
        opened_at=START,
        opened_by="Olga Opener",
        owner="case_owner",
        state=state.value,
        closed_at=at(20) if state.is_settled else None,
        identifiers=(IdentifierProof("email", "a1" * 32, "request"),),
        clock=(ClockLine(at=START, why="opened", due_on=date(2026, 4, 7), explanation="One month."),),
        identity=None,
        decisions=(),
        systems=(),
        records=(),
        letters=(),
        processors=(),
        earlier_cases=0,
        acts=(),
        entries=1,
        last_at=at(20),
        answer_sent_at=at(20) if state.is_settled else None,
    )
    return replace(blank, **changes)


def gate(days, gate, verdict, code="", method=""):
    return GateLine(at=at(days), gate=gate, verdict=verdict, by="Dana Decider", code=code, method=method)


def moved(days, why, due_on=date(2026, 4, 14)):
    return ClockLine(at=at(days), why=why, due_on=due_on)


def act(days, event, what=""):
    return ActLine(at=at(days), event=event, by="Ida Identity", what=what)


def letter(letter_id, days, *, sent=True):
    return EvidenceLetterLine(
        letter=letter_id,
        version="en-1",
        written_at=at(days),
        text_hash="b2" * 32,
        sent_at=at(days, 10) if sent else None,
        sent_by="Dana Decider",
        language="en",
    )


def system(name, found, days=3, verified=None, outcomes=None):
    return SystemLine(
        system=name,
        searched_at=at(days),
        searched_by={"email": 1},
        found=found,
        unclear=1,
        outcomes=outcomes or {},
        verified_at=at(16) if verified else None,
        verified=verified or {},
        failures=0,
    )


def record(number, outcome, category="service tickets", **more):
    given = {"record": f"{number:064x}", "system": "helpdesk", "kind": "ticket", "at": at(15)} | more
    return EvidenceRecordLine(category=category, outcome=outcome, **given)


def access_case():
    """Asked for identity, extended, and answered."""
    return case(
        "access",
        CaseState.ANSWERED,
        clock=(
            *case().clock,
            moved(1, "identity-requested", None),
            moved(4, "identity-confirmed"),
            moved(18, "extension-notice-sent", date(2026, 6, 15)),
        ),
        decisions=(
            gate(5, "identity", "confirmed", method="call back to the known number"),
            gate(19, "approval", "approved"),
        ),
        acts=(
            act(0, "ProofOfIdentityAsked"),
            act(5, "IdentityConfirmed"),
            act(19, "Approved"),
            act(20, "CaseAnswered"),
        ),
        systems=(system("helpdesk", {"service tickets": 4}), system("calls", {"call recordings": 2})),
        letters=(letter("L1", 0), letter("L2", 1), letter("L6", 18), letter("L9", 20)),
        earlier_cases=1,
        handed_over_at=at(20, 10),
        disclosed={"service tickets": 4, "call recordings": 2},
        package="c3" * 32,
    )


def erasure_case():
    """Erased in part: what is kept is kept for two reasons; a processor was told and confirmed."""
    return case(
        "erasure",
        CaseState.ANSWERED,
        decisions=(
            gate(2, "identity", "confirmed", method="logged in to the account"),
            gate(10, "approval", "approved"),
        ),
        systems=(system("helpdesk", {"service tickets": 3}, verified={"absent": 2, "unknown": 1}),),
        records=(
            record(1, "erased", verified="absent", verified_at=at(16)),
            record(2, "erased", verified="absent", verified_at=at(16)),
            record(3, "redacted", verified="absent", reason="Another person's data stand in the same record."),
            record(4, "retained", "invoices", legal_basis=VOUCHER, until=date(2034, 12, 31), reason="A duty to keep."),
            record(5, "retained", "invoices", legal_basis="Art. 17(3)(e) GDPR", ends_when="the dispute is settled"),
            record(6, "delegated", "call recordings", system="calls"),
        ),
        letters=(letter("L1", 0), letter("L11", 20)),
        processors=(
            ActLine(at=at(15), event="OutcomeRecorded", by="rightsflow", what="calls: call-recording, call recordings"),
            ActLine(at=at(17), event="ProcessorConfirmed", by="Dana Decider", what="system calls"),
        ),
    )


_INSTANTS = st.datetimes(datetime(2018, 6, 1), datetime(2199, 1, 1), timezones=st.timezones() | st.just(UTC))
_DAYS = st.none() | st.dates()
_TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
_COUNTS = st.dictionaries(_TEXTS, st.integers(1, 10**6), max_size=3)
_CATEGORIES = _TEXTS | st.sampled_from(
    ["call recordings", "call logs", "service tickets", "payment methods", "invoices"]
)
_BASES = st.sampled_from(
    [
        "",
        VOUCHER,
        "Art. 6(1)(b) and 17(3)(e) GDPR; Art. 17(3)(b) GDPR, § 147 AO",
        "Art. 6(1)(b) GDPR (no ground of Art. 17(1) applies)",
        "Art. 11(2) GDPR",
        "Rights of others; Art. 18(1) GDPR by analogy",
        "No exception; the erasure is due (Art. 17(1) GDPR)",
        *(f"Art. 17(3)({letter}) GDPR" for letter in "abcde"),
    ]
)
_WHYS = ("opened", "recomputed", "identity-requested", "identity-confirmed", "clarification-requested")
_EVENTS = ("IdentityAsked", "ProofOfIdentityAsked", "ClarificationAsked", "Approved", "CaseAtRisk", "ApprovalAwaited")
_PRESENCE = st.sampled_from(["", "absent", "present", "unknown"])


def _some(line, **fields):
    return st.lists(st.builds(line, **fields), max_size=4).map(tuple)


CASES = st.builds(
    CaseRecord,
    case_id=_TEXTS.filter(bool),
    right=st.sampled_from(["access", "erasure", ""]),
    channel=_TEXTS,
    regime=st.sampled_from(["gdpr", "uk-gdpr", "ccpa", ""]),
    rules=st.just(()),
    code=st.just(()),
    received_at=st.none() | _INSTANTS,
    opened_at=_INSTANTS,
    opened_by=st.sampled_from(STAFF),
    owner=st.sampled_from(STAFF),
    state=st.sampled_from([state.value for state in CaseState]),
    closed_at=st.none() | _INSTANTS,
    identifiers=_some(IdentifierProof, kind=st.just("email"), keyed_hash=_TEXTS, learnt_from=_TEXTS),
    clock=_some(
        ClockLine,
        at=_INSTANTS,
        why=st.sampled_from([*_WHYS, "clarification-received", "extension-notice-sent"]),
        due_on=_DAYS,
    ),
    identity=st.none(),
    decisions=_some(
        GateLine,
        at=_INSTANTS,
        gate=st.sampled_from(["identity", "approval"]),
        verdict=st.sampled_from(["confirmed", "approved", "refused"]),
        by=st.sampled_from(STAFF),
        code=st.sampled_from(["", *Reason]),
        method=_TEXTS,
    ),
    systems=_some(
        SystemLine,
        system=_TEXTS,
        searched_at=st.none() | _INSTANTS,
        searched_by=_COUNTS,
        found=st.dictionaries(_CATEGORIES, st.integers(1, 9), max_size=3),
        unclear=st.integers(0, 9),
        outcomes=st.dictionaries(st.sampled_from([*OutcomeKind, "other"]), st.integers(1, 9), max_size=3),
        verified_at=st.none() | _INSTANTS,
        verified=st.dictionaries(st.sampled_from(["absent", "present", "unknown"]), st.integers(1, 9)),
        failures=st.integers(0, 3),
    ),
    records=_some(
        EvidenceRecordLine,
        record=_TEXTS,
        system=_TEXTS,
        kind=_TEXTS,
        category=_CATEGORIES,
        outcome=st.sampled_from([*(kind.value for kind in OutcomeKind), ""]),
        at=_INSTANTS,
        reason=_TEXTS,
        legal_basis=_BASES,
        until=_DAYS,
        ends_when=_TEXTS,
        verified=_PRESENCE,
        refused=st.booleans(),
    ),
    letters=_some(
        EvidenceLetterLine,
        letter=st.sampled_from([*LetterId, "L99"]),
        version=_TEXTS,
        written_at=_INSTANTS,
        text_hash=_TEXTS,
        sent_at=st.none() | _INSTANTS,
        sent_by=st.sampled_from(STAFF),
        language=st.sampled_from(["", "en"]),
    ),
    processors=_some(
        ActLine,
        at=_INSTANTS,
        event=st.sampled_from(["OutcomeRecorded", "ProcessorAsked", "ProcessorConfirmed"]),
        by=st.sampled_from(STAFF),
        what=_TEXTS,
    ),
    earlier_cases=st.integers(0, 3),
    answer_sent_at=st.none() | _INSTANTS,
    handed_over_at=st.none() | _INSTANTS,
    acts=_some(ActLine, at=_INSTANTS, event=st.sampled_from(_EVENTS), by=st.sampled_from(STAFF), what=_TEXTS),
    entries=st.integers(1, 99),
    last_at=_INSTANTS,
    disclosed=_COUNTS,
    package=st.sampled_from(["", "c3" * 32]),
)
"""Whatever a ledger, an old one too, could ever result in."""
