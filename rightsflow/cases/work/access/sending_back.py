"""Let an access package be made again before its release: masked as is decided by now, copied again, searched again."""

from __future__ import annotations

from rightsflow.cases.app import App
from rightsflow.cases.facts.people import refuse_typed, said
from rightsflow.cases.work.access.readings import refuse_changed
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.gates.package_changes import MakingAgain, not_in_package, refuse_unsaid
from rightsflow.domain.vocabulary.states import CaseAction
from rightsflow.store import CaseFile
from rightsflow.store.case.mask_choices import REMARKS


def send_back(app: App, case_id: str, again: MakingAgain, *, remark: str, by: str, package: str) -> None:
    """Let a package be made again; its run has to go on afterwards.

    Args:
        app: What it works with.
        case_id: The case.
        again: From where on.
        remark: Why; kept encrypted, and shown to who reads the package next.
        by: Who sends it back.
        package: The SHA-256 of the package that was read.

    Raises:
        BadInput: The remark is missing, or there is no such case.
        Conflict: The package was made again, or is not to be released any more.
    """
    why = " ".join(remark.split())
    refuse_unsaid(again, why)
    refuse_typed(app, by, case_id)
    with app.store.case_file(case_id) as file:
        refuse_changed(file, package)
        take_package_back(file, again, why, by=said(by))


def take_package_back(file: CaseFile, again: MakingAgain, why: str, *, by: str) -> None:
    """Let the package of an open case file be made again; as :func:`send_back`.

    Args:
        file: The case file.
        again: From where on.
        why: Why; kept encrypted.
        by: Who sends it back.

    Raises:
        Conflict: The case waits for no release.
    """
    if again is MakingAgain.MASK and not_in_package(file.findings.all()):
        # What was taken in is not among the copies yet.
        again = MakingAgain.COPY
    hashed = file.masks.note_remark(why, file.outbox.keep_secret)
    file.advance(CaseAction.SEND_BACK, actor=by, gate=Gate.APPROVAL.value, again=again.value, reason=hashed)
    for step in again.steps:
        file.steps.take_back(step)


def remarks_on(file: CaseFile) -> list[str]:
    """Return the reasons for which a package was sent back, in clear, oldest first.

    Args:
        file: The case file, open.
    """
    return file.outbox.secrets_below(REMARKS)
