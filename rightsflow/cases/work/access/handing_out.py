"""The released package on its way to the person: taken by who sends it, which is a look at personal data."""

from __future__ import annotations

from collections.abc import Iterator

from rightsflow.cases.app import App
from rightsflow.cases.facts.people import refuse_typed
from rightsflow.cases.work.access.copies import package_name
from rightsflow.domain.errors import Conflict
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.store.case.keeping import PACKAGE

_REASON = "To send the access package to the person."


def take_package(app: App, case_id: str, *, by: str) -> Iterator[bytes]:
    """The encrypted package of an access request whose answer is written; who took it is noted in the ledger.

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
