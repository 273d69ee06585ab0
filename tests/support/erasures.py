"""How the records of the fake systems end when a person's erasure is carried out."""

from __future__ import annotations

from rightsflow.domain.vocabulary.records import OutcomeKind

EXPECTED = {
    ("helpdesk", "profile", "u1"): OutcomeKind.ERASED,
    ("helpdesk", "ticket", "t1"): OutcomeKind.ERASED,
    ("helpdesk", "ticket", "t2"): OutcomeKind.REDACTED,
    ("payments", "profile", "c1"): OutcomeKind.ERASED,
    ("payments", "invoice", "i1"): OutcomeKind.RETAINED,
    ("calls", "recording", "r1"): OutcomeKind.ERASED,
}
