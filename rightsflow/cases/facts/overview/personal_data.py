"""Personal data of a case: the person's words and address, the letters' addressee, and their reveal, a recorded act."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from rightsflow.cases.app import App
from rightsflow.cases.facts.people import refuse_typed
from rightsflow.domain.conversation import Contribution
from rightsflow.domain.errors import BadInput
from rightsflow.domain.gates.decisions import Decision, Gate, Representative, Verdict
from rightsflow.domain.names import greeting_name
from rightsflow.domain.rectification.corrections import RuledItem
from rightsflow.domain.request import Narrowing, read_narrowing
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.store import CaseFile
from rightsflow.store.case.brakes import WHY_STOPPED
from rightsflow.store.case.case_file import REVEALS, SEARCHES, WITHDRAWAL
from rightsflow.store.case.keeping import PACKAGE, PASSPHRASE
from rightsflow.store.case.outbox import StoredLetter

OWN_WORDS: Final = "request/words"
"""The secret of a case with the person's own words in the request."""
POSTAL_ADDRESS: Final = "request/postal address"
"""The secret with the postal address, for letters by post; it is never used for searching."""
_MOST_OF_ADDRESS: Final = 400


def keep_words(app: App, case_id: str, words: str) -> None:
    """Keep the person's words with a case that was opened; those that are there already stay.

    Args:
        app: What it works with.
        case_id: The case.
        words: The words; nothing is kept of empty ones.
    """
    if not words:
        return
    with app.store.case_file(case_id) as file:
        file.outbox.keep_secret(OWN_WORDS, words)


def read_postal_address(text: str) -> str:
    """Return a postal address as it is stored, line by line.

    Args:
        text: As it was typed.

    Raises:
        BadInput: It is too long.
    """
    address = "\n".join(" ".join(line.split()) for line in text.strip().splitlines() if line.strip())
    if len(address) > _MOST_OF_ADDRESS:
        raise BadInput(f"The postal address is longer than {_MOST_OF_ADDRESS} characters; give the address alone.")
    return address


def keep_postal_address(app: App, case_id: str, address: str) -> None:
    """Keep the person's postal address with a case that was opened; one that is there already stays.

    Args:
        app: What it works with.
        case_id: The case.
        address: The address; nothing is kept of an empty one.
    """
    if not address:
        return
    with app.store.case_file(case_id) as file:
        file.outbox.keep_secret(POSTAL_ADDRESS, address)


NARROWED: Final = "request/narrowing"


def narrowing_of(file: CaseFile) -> Narrowing | None:
    """Return what a request is about; ``None`` where it is about everything.

    Args:
        file: The case file, open.
    """
    kept = file.outbox.secret(NARROWED)
    if not kept:
        return None
    categories, since, until = json.loads(kept)
    return read_narrowing(categories, since, until, categories)


def scope_lines(file: CaseFile) -> tuple[str, ...]:
    """Return what the approver has to know of what the request is about, without the person's words.

    Args:
        file: The case file, open.
    """
    narrowed = narrowing_of(file)
    about = f"The request is about {narrowed.words} alone." if narrowed else ""
    answered = "The person has written which data they mean: reveal and read it before you decide."
    answered = answered if file.messages.has_answer else ""
    return tuple(filter(None, (about, answered)))


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
        messages: Their messages and the notes of colleagues, by number.
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
    messages: dict[int, str] = field(default_factory=dict)
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
            clarified=file.messages.answer or "",
            messages={entry.number: _of_entry(entry) for entry in file.messages.entries(in_clear=True)},
            postal_address=file.outbox.secret(POSTAL_ADDRESS) or "",
            corrections={correction.item.number: _item(correction) for correction in file.corrections.all()},
            tasks=file.tasks.reasons(),
        )


def _of_entry(entry: Contribution) -> str:
    """Return a message or note in one text, with the names of its files."""
    names = ", ".join(item.name for item in entry.files if item.name)
    return "\n".join(filter(None, (entry.text, f"Files: {names}" if names else "")))


def package_of(app: App, case_id: str) -> str:
    """Return the path of the access package; it holds the case id and nothing of the person."""
    with app.store.case_file(case_id) as file:
        return file.outbox.secret(PACKAGE) or ""


def _identifiers(file: CaseFile) -> dict[str, list[str]]:
    by_kind: dict[str, list[str]] = {}
    for item in sorted(file.identifiers.known()):
        by_kind.setdefault(item.kind.value, []).append(f"{item.shown} ({item.issuer})" if item.issuer else item.shown)
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


_THE_PERSON = "the person whom this request is about"


class Addressee(NamedTuple):
    """The addressee of a letter.

    Args:
        name: Whom it greets; empty for a greeting without a name.
        represents: Whom they represent; empty where the person is written to.
    """

    name: str = ""
    represents: str = ""


def addressee_of(file: CaseFile, app: App) -> Addressee:
    """Return whom to write to: no one by name until identity is clear, then the representative, else the person.

    Args:
        file: The case file.
        app: What it works with.
    """
    if not file.identity_is_clear:
        return Addressee()
    person = _name_of(file, app)
    representative = representative_of(file)
    return Addressee(representative.name, person or _THE_PERSON) if representative else Addressee(person)


def representative_of(file: CaseFile) -> Representative | None:
    """Return who asks for the person, with a mandate that was seen when their identity was confirmed.

    Args:
        file: The case file.
    """
    identity = file.decisions.at(Gate.IDENTITY)
    if identity is None or identity.verdict is not Verdict.CONFIRMED or identity.check is None:
        return None
    return identity.check.representative


def _name_of(file: CaseFile, app: App) -> str:
    asked = file.identifiers.names_asked_with()
    return greeting_name(asked, ()) or greeting_name((), file.identifiers.names_on(app.profiles))
