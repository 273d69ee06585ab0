"""The page of what a case can be and what can become of a record, from the enumerations of the domain."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from docs.generate.docstrings import members
from docs.generate.markdown import code, entries, table
from rightsflow.domain.alerts.ladder import RungKind
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.gates.decisions import Gate, IdentityMethod
from rightsflow.domain.gates.refusals import REASONS
from rightsflow.domain.law import LAWS
from rightsflow.domain.request import Channel
from rightsflow.domain.vocabulary.records import Fact, OutcomeKind
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import MOVES

_INTRODUCTION: Final = """# Cases: states, gates, outcomes, alerts

The terms of case sheets, letters, evidence and commands.

"""
_LISTED: Final[tuple[tuple[str, str, type[StrEnum]], ...]] = (
    ("Rights", "Requests a person can make.", Right),
    ("Channels", "Ways in which a request arrives.", Channel),
    ("Gates", "Points at which a person decides.", Gate),
    ("Ways to check identity", "The least intrusive sufficient method comes first (Art. 12(6) GDPR).", IdentityMethod),
    ("Attribution", "The ownership of a record; see [attribution](../explanation/attribution.md).", Attribution),
    ("Facts", "Properties of a record that the erasure plan needs.", Fact),
    ("Outcomes", "Each record of an erasure has exactly one.", OutcomeKind),
    ("Alerts", "Messages of the watch; [`[watch]`](settings.md#watch) sets times and recipients.", RungKind),
)


def page() -> str:
    """Return the page."""
    return _INTRODUCTION + "\n".join([_moves(), _refusals(), *(_listed(*one) for one in _LISTED)])


def _listed(title: str, text: str, kind: type[StrEnum]) -> str:
    said = members(kind)
    if not any(said.values()):
        return f"## {title}\n\n{text}\n\n" + "".join(f"- {value}\n" for value in said)
    return f"## {title}\n\n{text}\n\n" + entries(said.items())


def _moves() -> str:
    rows = (
        (action.value, ", ".join(sorted(one.value for one in move.sources)), move.target.value, code(move.event))
        for action, move in MOVES.items()
    )
    return "## States\n\nActions that change a case's state, and their ledger entries.\n\n" + table(
        ("Action", "From", "To", "Entry"), rows
    )


def _refusals() -> str:
    name = LAWS["gdpr"].name
    rows = (
        (reason.value, sentence.replace("{law}", name), "; ".join(labels))
        for reason, (sentence, labels) in REASONS.items()
    )
    return (
        "## Reasons for a refusal\n\nThey depend on the right and the gate. R1 needs an expired question for proof; R2 needs "
        "a second person's decision.\n\n" + table(("Code", "Reason", "Mandatory details"), rows)
    )
