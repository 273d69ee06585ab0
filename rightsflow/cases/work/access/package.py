"""The access package: extract records, mask third parties, assemble, and hand out the released package."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from rightsflow.cases.app import App
from rightsflow.cases.facts.overview.account import copied_in, fate_of
from rightsflow.cases.facts.people import refuse_typed
from rightsflow.cases.facts.systems import in_order, insist_on_kinds
from rightsflow.cases.step.attempt import Attempt, attempt, calling, end_step
from rightsflow.cases.work.access.masking import Masking, MaskingRules, TakenInCopies
from rightsflow.cases.work.access.package_info import WITHHELD, package_info
from rightsflow.cases.work.erasure.suppression import listed_of
from rightsflow.cases.work.processors.files import handed_over_parts, record_sources
from rightsflow.documents.package import LeftOut, PackageInfo, assemble, new_passphrase
from rightsflow.documents.package.cover import standing_remarks
from rightsflow.domain.case.findings import COPYING_STEPS, Copies, Fate, Finding, Tally
from rightsflow.domain.disclosure.mask_choices import Made
from rightsflow.domain.disclosure.texts import UNSCANNED
from rightsflow.domain.errors import Conflict
from rightsflow.domain.gates.package_changes import is_given
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.vocabulary.events import CaseEvent, StepName
from rightsflow.domain.vocabulary.records import Part, RecordRef
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.files.workspace import Workspace
from rightsflow.store import CaseFile
from rightsflow.store.case.keeping import COVER, PACKAGE, PASSPHRASE

EXTRACTED, REDACTED = "extracted", "redacted"
ASSEMBLE: Final = StepName.ASSEMBLE
_COPIES: Final = {StepName.EXTRACT: EXTRACTED, StepName.REDACT: REDACTED}
"""The steps that make copies, each with the area of the workspace in which they lie."""


def extract_records(app: App, case_id: str, system: str) -> dict[str, int]:
    """Copy the subject's data of one system into the encrypted workspace; returns records by category."""
    with attempt(app, case_id, StepName.EXTRACT, system, calls=True, read=partial(_to_copy, app, system)) as trial:
        if not trial.already_done:
            (known, wanted, workspace, taken), tally = trial.read, Tally()
            with calling(app, trial):
                taken.look(app.connectors.get(system), known)
                left = taken.left
                refs = [item for item in wanted if item not in left]
                parts = taken.watch(_parts(app, case_id, system, refs, known))
                workspace.write(EXTRACTED, system, tally.watch(parts))
            if tally.withheld:
                trial.details[WITHHELD] = tally.left_out
            end_step(trial, partial(_note_extracted, trial, refs, tally.copies, taken))
    return trial.counts


def _note_extracted(
    trial: Attempt[Any],
    refs: Sequence[RecordRef],
    copies: Mapping[RecordRef, Copies],
    taken: TakenInCopies,
    file: CaseFile,
) -> None:
    taken.note(file)
    file.findings.note_copies(trial.system, refs, copies)
    trial.counts.update(copied_in(file, trial.system))


def _parts(app: App, case_id: str, system: str, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Part]:
    """Yield the parts of the records that a system holds or that a processor handed over."""
    connector = app.connectors.get(system)
    return connector.extract(refs, known) if connector else handed_over_parts(app, case_id, refs)


def _to_copy(app: App, system: str, file: CaseFile) -> tuple[Identifiers, list[RecordRef], Workspace, TakenInCopies]:
    """Return the identifiers to act by, the records to copy, the workspace, and the records that were taken in."""
    refs = [finding.ref for finding in file.findings.all(system) if _is_disclosed(finding)]
    return file.identifiers.to_act_by(), refs, app.workspace(file), TakenInCopies.of(file, system)


def copies_stand(file: CaseFile, app: App) -> bool:
    """Return True if the package exists and is complete, so that nothing has to be rebuilt."""
    if file.steps.done(ASSEMBLE) is None or file.findings.copied_but_left_out():
        return False
    return _lost(file, app.workspace(file), in_order(app, file.findings.systems())) is None


def make_copies_again(app: App, case_id: str) -> list[str]:
    """Let the steps be done again whose copies are lost, or hold what a person decided to leave out since.

    Copies are lost after the work folder was deleted. What is copied again are the records that the search has found,
    without those left out. A closed case keeps none: its copies are gone for good once the person has them.

    Args:
        app: What it works with.
        case_id: The case.

    Returns:
        The systems with records, if something is still to be made; else none.

    Raises:
        Misconfigured: Something is to be made, and the configuration no longer names a system or kind of a record.
    """
    with app.store.case_file(case_id) as file:
        if file.state.is_settled:
            return []
        changed = file.findings.copied_but_left_out()
        systems, workspace = in_order(app, file.findings.systems()), app.workspace(file)
        lost = _lost(file, workspace, systems)
        if changed and not _holds(workspace, EXTRACTED, systems):
            lost = StepName.EXTRACT
        if lost or changed:
            # Who released it read these copies: they are masked again without what is left out, and not read anew.
            for step in COPYING_STEPS if lost is StepName.EXTRACT else (StepName.REDACT, ASSEMBLE):
                file.steps.take_back(step)
            file.findings.forget_copies_left_out()
            file.ledger.append(
                CaseEvent.WORKING_COPIES_LOST if lost else CaseEvent.COPIES_LEFT_OUT, systems=len(systems)
            )
        # A run may have ended after they were taken back and before they were made again.
        if file.steps.done(ASSEMBLE):
            return []
        # Else the package would lack what lies there, as if it were not held.
        insist_on_kinds(file.findings.kinds(), record_sources(app), case_id)
    return systems


def _lost(file: CaseFile, workspace: Workspace, systems: Sequence[str]) -> StepName | None:
    """From which step on something has to be made again that is needed and gone; ``None`` where nothing is.

    That is the package once there is one, and before its release the copies of each step that is done. The answer
    removes the copies before it is noted as written; where it is cut short then, nothing is lost.
    """
    is_packed = file.steps.done(ASSEMBLE) is not None
    if is_packed and not workspace.has_file(package_name(file.case_id)):
        return StepName.EXTRACT
    if is_packed and file.state is CaseState.EXECUTING:
        return None
    # Where a step is not done, it is done anyhow.
    for step, area in _COPIES.items():
        if not _holds(workspace, area, [system for system in systems if file.steps.done(step, system)]):
            return step
    return None


def _holds(workspace: Workspace, area: str, systems: Sequence[str]) -> bool:
    return all(workspace.holds(area, system) for system in systems)


def package_name(case_id: str) -> str:
    """Return the package's file name among the working copies."""
    return f"{case_id}.zip"


def _is_disclosed(finding: Finding) -> bool:
    """Return True if the record is disclosed; the package lists the records left out by decision or as unclear."""
    return is_given(finding) and fate_of(finding, Right.ACCESS) is not Fate.LEFT_OUT


def redact_third_parties(app: App, case_id: str, system: str) -> dict[str, int]:
    """Mask other people's data in the copies of one system (Art. 15(4)); returns what was masked and how often.

    What people decided on single masks is taken into account, and it is noted whether it fits the record as it is.
    """
    with attempt(app, case_id, StepName.REDACT, system, read=partial(_to_mask, app, system)) as trial:
        if not trial.already_done:
            (masking, refs, workspace, is_released) = trial.read
            workspace.write(REDACTED, system, masking.parts(workspace.read(EXTRACTED, system)))
            made = masking.end(refs)
            trial.counts.update(+masking.counts)
            trial.details[UNSCANNED] = masking.unscanned
            # It was read by the person who released it; something else must not go out unread.
            end_step(trial, partial(_note_made, made, is_released=is_released))
    return trial.counts


def _note_made(made: Mapping[int, Made], file: CaseFile, *, is_released: bool) -> None:
    file.masks.note_made(made)
    if is_released:
        _refuse_changed_since(file, made)


def _to_mask(app: App, system: str, file: CaseFile) -> tuple[Masking, list[RecordRef], Workspace, bool]:
    """Return the masking rules, the records, the workspace with the copies, and True if the package was released."""
    findings = file.findings.all(system)
    left_out = {finding.ref for finding in findings if not _is_disclosed(finding)}
    masking = Masking(MaskingRules.of(file, app), left_out)
    return masking, [finding.ref for finding in findings], app.workspace(file), file.state is CaseState.EXECUTING


def _refuse_changed_since(file: CaseFile, made: Mapping[int, Made]) -> None:
    if any(mask.is_open for mask in file.masks.all() if mask.number in made):
        raise Conflict(
            "A record changed after it was decided what is masked in it, and the package is released already; restore "
            "the working copies, or open the request anew."
        )


def assemble_package(app: App, case_id: str) -> dict[str, int]:
    """Make the encrypted archive for the person; returns its records by category."""
    with attempt(app, case_id, ASSEMBLE, read=partial(_to_assemble, app)) as trial:
        if not trial.already_done:
            (info, workspace, passphrase, systems) = trial.read
            letters: list[str] = []
            path, trial.details["package"] = _write_package(
                workspace, info, systems, case_id, passphrase, letters.append
            )
            trial.details["left_out"] = [_noted(item) for item in info.left_out]
            end_step(trial, partial(_note_package, trial, passphrase, path, _cover(letters, info)))
    return trial.counts


def _cover(letters: Sequence[str], info: PackageInfo) -> str:
    """Return what is kept of the cover letter: its text, and what of it every answer says."""
    return json.dumps(["".join(letters), standing_remarks(info)], ensure_ascii=False)


def _note_package(trial: Attempt[Any], passphrase: str, path: str, letter: str, file: CaseFile) -> None:
    trial.counts.update(copied_in(file))
    file.outbox.keep_secret(PASSPHRASE, passphrase)
    file.outbox.keep_secret(PACKAGE, path)
    file.outbox.put_secret(COVER, letter)


def _to_assemble(app: App, file: CaseFile) -> tuple[PackageInfo, Workspace, str, list[str]]:
    """Return the package's information, the workspace with the copies, a passphrase, and the systems in order."""
    info, workspace = package_info(file, app, listed_of(file, app)), app.workspace(file)
    passphrase = file.outbox.secret(PASSPHRASE) or new_passphrase()
    return info, workspace, passphrase, in_order(app, file.findings.systems())


def _noted(left: LeftOut) -> dict[str, str | int]:
    """Return a left-out line for the ledger, without its ground, which may name a person."""
    what = f"{left.what} ({left.amount})" if left.is_part and left.amount else left.what
    details: dict[str, str | int] = {"system": left.system, "what": what, "reason": left.reason}
    return details | {"legal_basis": left.legal_basis, "count": 0 if left.is_part else left.count}


def _write_package(
    workspace: Workspace,
    info: PackageInfo,
    systems: list[str],
    case_id: str,
    passphrase: str,
    take_letter: Callable[[str], None],
) -> tuple[str, str]:
    """Write the package; return its path and the SHA-256 of the encrypted file."""
    digest, parts = hashlib.sha256(), partial(_all_parts, workspace, systems)

    def hashed() -> Iterator[bytes]:
        for chunk in assemble(parts, info, passphrase, take_letter):
            digest.update(chunk)
            yield chunk

    return workspace.put_file(package_name(case_id), hashed()), digest.hexdigest()


def _all_parts(workspace: Workspace, systems: list[str]) -> Iterator[Part]:
    for system in systems:
        yield from workspace.read(REDACTED, system)


_REASON = "To send the access package to the person."


def take_package(app: App, case_id: str, *, by: str) -> Iterator[bytes]:
    """Return the encrypted package of an answered access request; the ledger notes who took it.

    Args:
        app: What it works with.
        case_id: The case.
        by: Who takes it.

    Returns:
        Its bytes, piece by piece.

    Raises:
        BadInput: There is no such case.
        Conflict: Its answer with a package is not written yet, the copies are gone, or the name was only typed where
            people act signed in.
    """
    refuse_typed(app, by, case_id)
    with app.store.case_file(case_id) as file:
        # Not before: what a release leaves out is still in the package until it is made again.
        if file.state is not CaseState.ANSWERED or not file.outbox.secret(PACKAGE):
            raise Conflict(f"{case_id} has no package that goes out with its answer; it is {file.state.value}.")
        name, workspace = package_name(case_id), app.workspace(file)
        if not workspace.has_file(name):
            raise Conflict(
                f"The package of {case_id} is not among the working copies of this machine: take it where it was made, "
                "or it was deleted since with the other copies."
            )
        file.note_reveal(by=by, reason=_REASON)
        return workspace.read_file(name)
