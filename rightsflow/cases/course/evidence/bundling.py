"""The evidence bundle of a case: taken from the ledger alone, so that it stands whatever became of the systems.

Nothing is signed that was not checked: neither a chain that is not whole, nor a bundle that would not pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rightsflow.audit.evidence.bundle import Material, write_bundle
from rightsflow.audit.evidence.verification import check_bundle
from rightsflow.audit.ledger import Fault
from rightsflow.cases.app import App
from rightsflow.cases.course.evidence.exporting import facts_of, stated
from rightsflow.cases.course.evidence.sealing_ledger import seal_now
from rightsflow.cases.facts.people import acting
from rightsflow.domain.errors import Conflict
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.store.core.case_ledger import CODE_VERSION
from rightsflow.store.proofs.sealing import CaseCover


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
