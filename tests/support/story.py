"""A whole erasure case as entries, and its bundle: with seals, a change of keys and everything that can be in one.

Nothing in it depends on the time or on chance, so that its bytes are always the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from rightsflow.audit.evidence.bundle import Material, write_bundle
from rightsflow.audit.evidence.dpv import ControllerFacts
from rightsflow.audit.ledger import START, Entry, Head, Link, link, read_entry
from rightsflow.audit.ledger.merkle import Tree
from rightsflow.audit.ledger.seals import Commitment, Seal, SealProof, leaf_of, make_seal
from rightsflow.audit.signing import SigningKey

CASE = "DSR-2026-7K3M9Q"
OTHERS = ("DSR-2026-000000", "DSR-2026-ZZZZZZ", "LEDGER")
CONTROLLER = ControllerFacts(name="Example Devices GmbH", authority="BayLDA", authority_page="https://example.org/")
FIRST_DAY = datetime(2026, 3, 5, 9, tzinfo=UTC)
OLD, NEW, FOREIGN = (SigningKey(bytes([number]) * 32) for number in (1, 2, 3))
MADE_WITH = {"code": "0.1.0", "rules": "gdpr response 2018-05-25/1"}
Told = tuple[int, str, str, dict[str, Any]]
"""On which day, what, by whom, and the details."""


def digest(letter: str) -> str:
    return letter * 64


TICKET, SHARED, INVOICE, RECORDING = (digest(letter) for letter in "4567")

STORY: tuple[Told, ...] = (
    (
        0,
        "CaseOpened",
        "Olga Opener",
        {
            "right": "erasure",
            "channel": "e-mail",
            "received_at": "2026-03-05T08:30:00+01:00",
            "regime": "gdpr",
            "owner": "case_owner",
            "due_on": "2026-04-07",
            "safe_due_on": "2026-04-05",
            "work_to_on": "2026-04-02",
            "explanation": "Received Thursday 5 March 2026; due Tuesday 7 April.",
            "identifiers": [{"kind": "email", "hash": digest("a")}],
        },
    ),
    (0, "EarlierCasesFound", "rightsflow", {"cases": ["DSR-2025-AAAAAA"]}),
    (0, "LetterWritten", "rightsflow", {"letter": "L1", "version": "2", "language": "en", "text": digest("1")}),
    (
        0,
        "LetterSent",
        "rightsflow",
        {
            "letter": "L1",
            "at": "2026-03-05T09:00:00+00:00",
            "channel": "e-mail",
            "smtp_code": "250",
            "queue_id": "4XyZq12abcz9",
        },
    ),
    (0, "IdentityAsked", "rightsflow", {}),
    (1, "ClockMoved", "Ida Identity", {"what": "identity_requested_at", "at": "2026-03-06T08:00:00+00:00"}),
    (2, "ClockMoved", "Ida Identity", {"what": "identity_confirmed_at", "at": "2026-03-07T08:00:00+00:00"}),
    (
        2,
        "DueDateMoved",
        "rightsflow",
        {
            "before": "2026-04-07",
            "now": "2026-04-08",
            "safe_due_on": "2026-04-06",
            "work_to_on": "2026-04-02",
            "explanation": "The clock stood for one day.",
        },
    ),
    (
        2,
        "DecisionRecorded",
        "Ida Identity",
        {
            "gate": "identity",
            "verdict": "confirmed",
            "code": "",
            "method": "call back to the known number",
            "reason": digest("b"),
            "plan": "",
        },
    ),
    (2, "IdentityConfirmed", "Ida Identity", {}),
    (2, "StepDone", "rightsflow", {"step": "locate", "system": "helpdesk", "matches": 2, "by": {"email": 1}}),
    (2, "StepFailed", "rightsflow", {"step": "locate", "system": "payments", "error": "It does not answer."}),
    (
        3,
        "IdentifiersLearnt",
        "rightsflow",
        {"system": "helpdesk", "identifiers": [{"kind": "phone", "hash": digest("c")}]},
    ),
    (
        3,
        "StepDone",
        "rightsflow",
        {"step": "locate", "system": "payments", "matches": 1, "by": {"email": 1, "phone": 1}},
    ),
    (3, "StepDone", "rightsflow", {"step": "locate", "system": "calls", "matches": 1, "by": {"email": 1, "phone": 1}}),
    (
        3,
        "StepDone",
        "rightsflow",
        {
            "step": "resolve",
            "system": "",
            "learnt": 0,
            "subject": 4,
            "unclear": 1,
            "others": 0,
            "records": [
                {"system": "helpdesk", "category": "service tickets", "subject": 2, "unclear": 1},
                {"system": "payments", "category": "invoices", "subject": 1, "unclear": 0},
                {"system": "calls", "category": "call recordings", "subject": 1, "unclear": 0},
            ],
        },
    ),
    (4, "AlertRaised", "rightsflow", {"alert": "due-soon", "about_on": "2026-04-02", "tell": ["case_owner", "dpo"]}),
    (4, "AlertAcknowledged", "Dana Decider", {"alert": "due-soon", "about_on": "2026-04-02"}),
    (4, "CaseHandedOver", "Olga Opener", {"before": "case_owner", "now": "dana"}),
    (4, "PersonalDataRevealed", "Dana Decider", {"reason": digest("d")}),
    (4, "ApprovalAwaited", "rightsflow", {}),
    (
        5,
        "DecisionRecorded",
        "Dana Decider",
        {"gate": "approval", "verdict": "approved", "code": "", "method": "", "reason": "", "plan": digest("e")},
    ),
    (5, "Approved", "Dana Decider", {}),
    (
        5,
        "OutcomeRecorded",
        "rightsflow",
        {
            "record": INVOICE,
            "system": "payments",
            "kind": "invoice",
            "category": "invoices",
            "outcome": "retained",
            "reason": "The law obliges us to keep payment vouchers.",
            "legal_basis": "Art. 17(3)(b) GDPR, § 147 AO",
            "until": "2034-12-31",
            "ends_when": "",
            "refused": False,
            "request_ref": "",
        },
    ),
    (
        5,
        "OutcomeRecorded",
        "rightsflow",
        {
            "record": TICKET,
            "system": "helpdesk",
            "kind": "ticket",
            "category": "service tickets",
            "outcome": "erased",
            "request_ref": "req-1",
        },
    ),
    (
        5,
        "OutcomeRecorded",
        "rightsflow",
        {
            "record": SHARED,
            "system": "helpdesk",
            "kind": "ticket",
            "category": "service tickets",
            "outcome": "redacted",
            "reason": "Another person's data stand in it.",
        },
    ),
    (
        5,
        "OutcomeRecorded",
        "rightsflow",
        {
            "record": RECORDING,
            "system": "calls",
            "kind": "recording",
            "category": "call recordings",
            "outcome": "delegated",
        },
    ),
    (5, "PresenceChecked", "rightsflow", {"record": TICKET, "system": "helpdesk", "state": "present"}),
    (5, "OutcomeTakenBack", "rightsflow", {"record": TICKET, "system": "helpdesk"}),
    (
        6,
        "OutcomeRecorded",
        "rightsflow",
        {
            "record": TICKET,
            "system": "helpdesk",
            "kind": "ticket",
            "category": "service tickets",
            "outcome": "erased",
            "request_ref": "req-2",
        },
    ),
    (6, "PresenceChecked", "rightsflow", {"record": TICKET, "system": "helpdesk", "state": "absent"}),
    (6, "PresenceChecked", "rightsflow", {"record": SHARED, "system": "helpdesk", "state": "absent"}),
    (7, "ProcessorConfirmed", "rightsflow", {"processor": "Callhouse"}),
    (7, "LetterWritten", "rightsflow", {"letter": "L11", "version": "1", "language": "en", "text": digest("2")}),
    (7, "CaseAnswered", "rightsflow", {}),
    (
        8,
        "LetterSent",
        "Dana Decider",
        {"letter": "L11", "at": "2026-03-12T16:00:00+00:00", "channel": "registered post", "proof": digest("f")},
    ),
)

SEALED_AFTER = (9, 20, 30)
"""Up to which entries the case was there when the seals 5, 6 and 7 were made."""
FIRST_SEAL = 5


def links_of(story: Sequence[Told] = STORY, chain: str = CASE) -> list[Link]:
    head, made = START, []
    for day, event, actor, details in story:
        at = FIRST_DAY + timedelta(days=day)
        one = link(head, chain, event, at=at, actor=actor, details=details, made_with=MADE_WITH)
        made.append(one)
        head = one.head
    return made


def entries_of(story: Sequence[Told] = STORY) -> list[Entry]:
    return [read_entry(one.body) for one in links_of(story)]


def exported(story: Sequence[Told] = STORY, sealed: int = SEALED_AFTER[-1], seal: int = 7) -> list[Link]:
    """The entries with the note of the export."""
    before = links_of(story)
    details = {"entries": len(before), "head": before[-1].digest, "sealed": sealed, "seal": seal}
    return links_of((*story, (9, "EvidenceExported", "Aud Itor", details)))


def sealed(links: Sequence[Link], keys: Sequence[Mapping[str, SigningKey]]) -> tuple[list[Seal], list[SealProof]]:
    """Seals over this case and three others, the first of them after others that are not there."""
    seals: list[Seal] = []
    proofs: list[SealProof] = []
    previous = digest("9")
    for number, (upto, signing) in enumerate(zip(SEALED_AFTER, keys, strict=True), start=FIRST_SEAL):
        head = links[upto - 1].head
        chains = sorted((CASE, *OTHERS))
        tree = Tree(leaf_of(one, head if one == CASE else Head(number, digest("8"))) for one in chains)
        position = chains.index(CASE)
        commitment = Commitment(
            number=number,
            at=read_entry(links[upto - 1].body).at,
            chains=tree.size,
            root=tree.root,
            proofs=1,
            proved=digest("7"),
            previous=previous,
            keys={name: key.public for name, key in signing.items()},
            made_with={"code": "0.1.0"},
        )
        made = make_seal(commitment, signing)
        proof = SealProof(
            seal=number, number=head.number, digest=head.digest, position=position, path=tuple(tree.path(position))
        )
        seals.append(made)
        proofs.append(proof)
        previous = made.digest
    return seals, proofs


ROTATION: tuple[Mapping[str, SigningKey], ...] = ({"seal/1": OLD}, {"seal/1": OLD, "seal/2": NEW}, {"seal/2": NEW})


def material(keys: Sequence[Mapping[str, SigningKey]] = ROTATION, story: Sequence[Told] = STORY) -> Material:
    links = exported(story)
    seals, proofs = sealed(links, keys)
    return Material(case_id=CASE, links=links, proofs=proofs, seals=seals)


def bundle(
    held: Material | None = None, keys: Mapping[str, SigningKey] | None = None, controller: ControllerFacts = CONTROLLER
) -> bytes:
    made_at = FIRST_DAY + timedelta(days=9)
    return write_bundle(held or material(), controller, keys or ROTATION[-1], made_at=made_at, code="0.1.0")
