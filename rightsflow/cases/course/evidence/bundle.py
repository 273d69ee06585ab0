"""The evidence of a case: the signed bundle and the export from its ledger, sealed letters, and the hold on it.

The ledger alone is read, so that the evidence stays the same whatever happened to the systems. Nothing is signed that
was not checked: neither an incomplete chain, nor a bundle that would not pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rightsflow.audit.evidence.bundle import Material, write_bundle
from rightsflow.audit.evidence.dpv import ControllerFacts, export
from rightsflow.audit.evidence.fold import fold
from rightsflow.audit.evidence.texts import TEXTS, GivenText, GivenTexts, texts_file
from rightsflow.audit.evidence.verification import check_bundle
from rightsflow.audit.ledger import Fault
from rightsflow.cases.app import App
from rightsflow.cases.course.evidence.ledger import seal_now
from rightsflow.cases.facts.people import acting, refuse_typed, said
from rightsflow.cases.work.processors.register import recipients_of, transfers_of
from rightsflow.config.sections.controller import Controller
from rightsflow.config.sections.system_settings import SystemSettings
from rightsflow.documents.package.archive import ArchiveMember, encrypted_zip
from rightsflow.documents.package.verification import new_passphrase
from rightsflow.domain.case.holds import refuse_hold
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.states import read_case_id
from rightsflow.store.core.case_ledger import CODE_VERSION
from rightsflow.store.proofs.sealing import CaseCover


def export_dpv(app: App, case_id: str) -> dict[str, object]:
    """Export a case in the terms of the Data Privacy Vocabulary, as JSON-LD.

    Args:
        app: What it works with.
        case_id: The case.

    Raises:
        BadInput: There is no such case.
    """
    with app.store.case_file(case_id) as file:
        record = fold(file.ledger.entries())
    return export(record, facts_of(app.settings.controller))


def stated(app: App, owner: str) -> dict[str, object]:
    """Return the configuration's statements on a case's accountability, for the entry of an export.

    Args:
        app: What it works with.
        owner: The key of who answers for the case.
    """
    people = app.settings.people_by_key
    return {
        "accountable": people[owner].full_name if owner in people else owner,
        "dpo": app.settings.owners.dpo.full_name,
        "stated": [
            {"system": name, "recipients": _recipients(app, name, section), "transfers": _transfers(app, name, section)}
            for name, section in app.systems.items()
        ],
    }


def _recipients(app: App, system: str, section: SystemSettings) -> list[str]:
    named = list(recipients_of(system, section, app.settings.processors))
    return [section.recipients] if isinstance(section.recipients, str) and not named else named


def _transfers(app: App, system: str, section: SystemSettings) -> str:
    return transfers_of(system, section, app.settings.processors) or section.transfers


def facts_of(controller: Controller) -> ControllerFacts:
    """Return the controller's facts for an export."""
    authority = controller.authority
    return ControllerFacts(name=controller.name, authority=authority.name, authority_page=str(authority.url))


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Bundle:
    """An evidence bundle as it was made.

    Args:
        content: The file.
        entries: How many entries it holds.
        sealed: Up to which of them the seals cover the case; 0 for none.
        keys: The public halves of the keys that signed it, by name.
    """

    content: bytes
    entries: int
    sealed: int
    keys: dict[str, str]


def export_evidence(app: App, case_id: str, *, by: str, seal_first: bool = True) -> Bundle:
    """Make the evidence bundle of a case; that it was made, and by whom, becomes an entry that is in it.

    Args:
        app: What it works with.
        case_id: The case.
        by: Who exports it.
        seal_first: Make a seal first, so that everything but the note of the export is under one; without it what came
            after the newest seal stands under the bundle's own signature alone.

    Raises:
        BadInput: There is no such case, or the name is missing.
        Conflict: What the ledger holds of the case is not whole, or it is to be sealed first and as a whole is not; or
            people act signed in here, and the name was only typed. Nothing is noted then.
        Transient: The case store does not answer.
    """
    actor = acting(app, by, case_id)
    store = app.store
    with store.case_file(case_id):
        # Before a seal is made for a case that is not there.
        pass
    _refuse(case_id, store.seals.faults_of(case_id))
    cover = _cover(app, case_id, seal_first=seal_first)
    sealed = cover.proofs[-1].number if cover.proofs else 0
    with store.case_file(case_id) as file:
        head = file.ledger.head
        file.ledger.append(
            CaseEvent.EVIDENCE_EXPORTED,
            actor=actor,
            entries=head.number,
            head=head.digest,
            sealed=sealed,
            seal=cover.seals[-1].number,
            **stated(app, file.ownership.owner),
        )
    # What others wrote since belongs to the next export.
    links = store.seals.links_of(case_id, head.number + 1)
    content = write_bundle(
        Material(case_id=case_id, links=links, proofs=cover.proofs, seals=cover.seals),
        facts_of(app.settings.controller),
        cover.keys,
        made_at=app.now(),
        code=CODE_VERSION,
    )
    _refuse(case_id, check_bundle(content).faults)
    keys = {name: key.public for name, key in cover.keys.items()}
    return Bundle(content=content, entries=len(links), sealed=sealed, keys=keys)


def _cover(app: App, case_id: str, *, seal_first: bool) -> CaseCover:
    if seal_first or app.store.seals.last() is None:
        seal_now(app)
    return app.store.seals.cover(case_id)


def _refuse(case_id: str, faults: Sequence[Fault]) -> None:
    if faults:
        raise Conflict(
            f"What the ledger holds of {case_id} is not whole, and no evidence is made of it: {faults[0].text} "
            "Run `rightsflow ledger verify` to see everything."
        )


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SealedLetters:
    """The file with the texts.

    Args:
        content: The file: a zip, encrypted with AES-256.
        passphrase: What opens it; it is kept nowhere.
        letters: Which letters are in it.
    """

    content: bytes
    passphrase: str
    letters: tuple[str, ...]


def give_letters(app: App, case_id: str, *, by: str, reason: str) -> SealedLetters:
    """Make the file with the texts of a case's letters; that it was made becomes an entry of the ledger.

    Args:
        app: What it works with.
        case_id: The case.
        by: Who gives them.
        reason: Why; kept encrypted.

    Raises:
        BadInput: There is no such case, it has no letter, or no reason is given.
        Conflict: People act signed in here, and the name was only typed.
    """
    actor, why = said(by), " ".join(reason.split())
    if not why:
        raise BadInput(
            "The reason for giving the letters is missing; use --reason, such as the authority's file number."
        )
    refuse_typed(app, by, case_id)
    with app.store.case_file(case_id) as file:
        letters = list(file.outbox.letters())
        if not letters:
            raise BadInput(f"{case_id} has no letter whose text is still there.")
        file.note_reveal(by=actor, reason=why)
    given = GivenTexts(
        case_id=case_id,
        letters=tuple(
            GivenText(letter=letter.template_id, salt=letter.salt, subject_line=letter.subject_line, body=letter.body)
            for letter in letters
        ),
    )
    readable = ((f"{letter.letter}.txt", f"{letter.subject_line}\n\n{letter.body}\n") for letter in given.letters)
    members = [
        ArchiveMember(name, "text/plain", (content.encode("utf-8", "replace"),), lambda _: None)
        for name, content in ((TEXTS, texts_file(given)), *readable)
    ]
    passphrase = new_passphrase()
    content = b"".join(encrypted_zip(members, passphrase, app.now()))
    return SealedLetters(
        content=content, passphrase=passphrase, letters=tuple(letter.letter for letter in given.letters)
    )


def hold_evidence(app: App, case_id: str, until: date | None, *, by: str, reason: str) -> str:
    """Keep the evidence of a case from being purged (Art. 17(3)(e) GDPR); returns a sentence.

    Args:
        app: What it works with.
        case_id: The case, as typed; open or closed.
        until: The last day on which it is held; ``None``: until that is lifted.
        by: Who holds it.
        reason: Which complaint or claim is pending; sealed.

    Raises:
        BadInput: There is no such case, the day is over, or something is missing.
    """
    proper = read_case_id(case_id)
    refuse_hold(until, today=app.today)
    with app.store.case_file(proper) as file:
        file.holding.place(until, by=acting(app, by, proper), reason=" ".join(reason.split()))
    how_long = f"until {until:%a %d %b %Y}" if until else "until that is lifted"
    return f"The evidence of {proper} is held {how_long}: no purge takes it away."


def release_evidence(app: App, case_id: str, *, by: str, reason: str) -> str:
    """Lift the hold on a case's evidence; returns a sentence.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        by: Who lifts it.
        reason: How the complaint or the claim ended; sealed.

    Raises:
        BadInput: There is no such case, or something is missing.
        Conflict: Its evidence is not held.
    """
    proper = read_case_id(case_id)
    with app.store.case_file(proper) as file:
        file.holding.lift(by=acting(app, by, proper), reason=" ".join(reason.split()))
    return f"The hold on {proper} is lifted: its evidence goes when its period is over."
