"""The page of what a case can be and what can become of a record, from the enumerations of the domain."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from docs.generate.docstrings import members
from docs.generate.markdown import code, table
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.states import MOVES
from rightsflow.domain.deadlines.alerts.ladder import RungKind
from rightsflow.domain.gates.decisions import Gate, IdentityMethod
from rightsflow.domain.gates.refusals import REASONS
from rightsflow.domain.law import LAWS
from rightsflow.domain.records import Fact, OutcomeKind
from rightsflow.domain.request import Channel, Right

_INTRODUCTION: Final = """# Cases: states, gates, outcomes, alerts

The words that case sheets, letters, evidence and the command line use.

"""
_LISTED: Final[tuple[tuple[str, str, type[StrEnum]], ...]] = (
    ("Rights", "What a person can ask for.", Right),
    ("Channels", "How a request arrives.", Channel),
    ("Gates", "Where a person decides.", Gate),
    ("Ways to check identity", "The mildest sufficient means comes first (Art. 12(6) GDPR).", IdentityMethod),
    ("Attribution", "Whose a record is; see [attribution](../explanation/attribution.md).", Attribution),
    ("Facts", "What the erasure plan has to know of a record.", Fact),
    ("Outcomes", "Each record of an erasure ends in exactly one.", OutcomeKind),
    ("Alerts", "What the watch tells people; when and whom says [`[watch]`](settings.md#watch).", RungKind),
)


def page() -> str:
    """The page."""
    return _INTRODUCTION + "\n".join([_moves(), _refusals(), *(_listed(*one) for one in _LISTED)])


def _listed(title: str, text: str, kind: type[StrEnum]) -> str:
    said = members(kind)
    if not any(said.values()):
        return f"## {title}\n\n{text}\n\n" + "".join(f"- {value}\n" for value in said)
    return f"## {title}\n\n{text}\n\n" + table(("Word", "Meaning"), said.items())


def _moves() -> str:
    rows = (
        (action.value, ", ".join(sorted(one.value for one in move.sources)), move.target.value, code(move.event))
        for action, move in MOVES.items()
    )
    return (
        "## States\n\nWhat moves a case from one state to another, and the entry of the ledger that notes it.\n\n"
        + table(("Action", "From", "To", "Entry"), rows)
    )


def _refusals() -> str:
    name = LAWS["gdpr"].name
    rows = (
        (reason.value, sentence.replace("{law}", name), "; ".join(labels))
        for reason, (sentence, labels) in REASONS.items()
    )
    return (
        "## Reasons for a refusal\n\nWhich of them fit depends on the right and on the gate; the form and the command say so. R1 needs "
        "that the person was asked for proof and the time is over; R2 needs a second person's decision.\n\n"
        + table(("Code", "Reason", "Details that must be given"), rows)
    )
