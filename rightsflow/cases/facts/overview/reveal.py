"""Reveal a case's personal data to a person: a recorded act."""

from __future__ import annotations

from dataclasses import dataclass, field

from rightsflow.cases.app import App
from rightsflow.cases.facts.overview.own_words import CLARIFIED_WORDS, OWN_WORDS, POSTAL_ADDRESS
from rightsflow.cases.facts.people import refuse_typed
from rightsflow.domain.gates.decisions import Decision, Gate
from rightsflow.domain.rectification.corrections import RuledItem
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.store import CaseFile
from rightsflow.store.case.case_file import REVEALS, SEARCHES, WITHDRAWAL
from rightsflow.store.case.keeping import PACKAGE, PASSPHRASE
from rightsflow.store.case.letter_texts import StoredLetter
from rightsflow.store.case.stopping import WHY_STOPPED


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Revealed:
    """The data that is otherwise sealed.

    Args:
        identifiers: The subject's identifiers by kind.
        records: The records' own keys in their systems, by number.
        reasons: The decisions' reasons by gate.
        grounds: Why single records are kept or left out, and what ends it, by number.
        withdrawal: Why the request was withdrawn, or empty.
        stop: How it is known that the case was opened in error or twice, where it was stopped.
        handovers: Why the case changed hands, oldest first.
        holds: Why its evidence was held and released, oldest first.
        looks: Why personal data was shown before, oldest first.
        searches: Why new searches were ordered.
        letters: The letters in the outbox.
        package: Where the access package lies, or empty.
        passphrase: Its passphrase once the answer is written, else empty.
        words: The person's own words, as far as they were entered.
        clarified: Their answer to the question which data they mean, as far as it was entered.
        postal_address: Where letters to them go by post, as far as that was entered.
        corrections: What they want corrected, by the items' numbers: field, what stands there, what is right, ground,
            proof, and what was decided on it.
        tasks: Why tasks by hand are still needed or were not done, by their numbers.
    """

    identifiers: dict[str, list[str]]
    records: dict[int, str]
    reasons: dict[str, str]
    grounds: dict[int, str] = field(default_factory=dict)
    withdrawal: str = ""
    stop: str = ""
    handovers: list[str] = field(default_factory=list)
    holds: list[str] = field(default_factory=list)
    looks: list[str] = field(default_factory=list)
    searches: list[str] = field(default_factory=list)
    letters: list[StoredLetter] = field(default_factory=list)
    package: str = ""
    passphrase: str = ""
    words: str = ""
    clarified: str = ""
    postal_address: str = ""
    corrections: dict[int, list[str]] = field(default_factory=dict)
    tasks: dict[int, str] = field(default_factory=dict)


def reveal(app: App, case_id: str, *, by: str, reason: str) -> Revealed:
    """Read what is sealed and note in the ledger who did so.

    Args:
        app: What it works with.
        case_id: The case.
        by: Who looks.
        reason: Why; kept sealed.

    Raises:
        BadInput: There is no such case.
        Conflict: People act signed in here, and the name was only typed.
    """
    refuse_typed(app, by, case_id)
    with app.store.case_file(case_id) as file:
        looks = file.outbox.secrets_below(REVEALS)
        file.note_reveal(by=by, reason=reason)
        return Revealed(
            identifiers=_identifiers(file),
            records={finding.number: finding.ref.ref for finding in file.findings.all()},
            reasons=_reasons(file),
            grounds=_grounds(file),
            withdrawal=file.outbox.secret(WITHDRAWAL) or "",
            stop=file.outbox.secret(WHY_STOPPED) or "",
            handovers=file.ownership.reasons(),
            holds=file.holding.reasons(),
            looks=looks,
            searches=file.outbox.secrets_below(SEARCHES),
            letters=list(file.outbox.letters()),
            package=file.outbox.secret(PACKAGE) or "",
            # Before the answer is written the package may hold what its release leaves out: no one opens it till then.
            passphrase=(file.outbox.secret(PASSPHRASE) or "") if file.state is CaseState.ANSWERED else "",
            words=file.outbox.secret(OWN_WORDS) or "",
            clarified=file.outbox.secret(CLARIFIED_WORDS) or "",
            postal_address=file.outbox.secret(POSTAL_ADDRESS) or "",
            corrections={correction.item.number: _item(correction) for correction in file.corrections.all()},
            tasks=file.tasks.reasons(),
        )


def package_of(app: App, case_id: str) -> str:
    """Return the path of the access package; it holds the case id and nothing of the person."""
    with app.store.case_file(case_id) as file:
        return file.outbox.secret(PACKAGE) or ""


def _identifiers(file: CaseFile) -> dict[str, list[str]]:
    by_kind: dict[str, list[str]] = {}
    for item in sorted(file.identifiers.known()):
        by_kind.setdefault(item.kind.value, []).append(f"{item.value} ({item.issuer})" if item.issuer else item.value)
    return by_kind


def _reasons(file: CaseFile) -> dict[str, str]:
    decisions = (file.decisions.at(gate) for gate in Gate)
    return {decision.gate.value: _said(decision) for decision in decisions if decision is not None and _said(decision)}


def _grounds(file: CaseFile) -> dict[int, str]:
    decided = {finding.number: finding.decided for finding in file.findings.all() if finding.decided is not None}
    return {
        number: "; ends when ".join(filter(None, (item.ground, item.ends_when)))
        for number, item in decided.items()
        if item.ground
    }


def _item(ruled_item: RuledItem) -> list[str]:
    item, ruling = ruled_item
    decided = f"{ruling.kind.value}: {ruling.text}" if ruling and ruling.text else ruling.kind.value if ruling else ""
    return [item.field, item.old, item.new, item.ground, item.proof, decided]


def _said(decision: Decision) -> str:
    details = (f"{label}: {text}" for label, text in decision.details.items())
    check = decision.check
    done = check.done if check else ""
    found = check.representative if check else None
    to = f"; letters go to {found.address}" if found and found.address else ""
    representative = f"Represented by {found.name}{to}." if found else ""
    return "\n".join(filter(None, (decision.reason, done, representative, *details)))
