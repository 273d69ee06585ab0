"""Requirements on deciders besides four eyes: people proved who they are, and decide on what they have read."""

from __future__ import annotations

from rightsflow.cases.app import App
from rightsflow.domain.actors import Proof, proof_of
from rightsflow.domain.entrusting import PREPARING, refuse_entrusted
from rightsflow.domain.errors import Conflict
from rightsflow.domain.gates.passing import ABOUT_NOTHING_HELD
from rightsflow.domain.identifiers import IdentifierKind
from rightsflow.domain.people import refuse_no_colleague, same_person
from rightsflow.store import CaseFile


def read_before(app: App, case_id: str) -> str:
    """Return the hash that binds an approval now: of the erasure plan or the encrypted package, or else a word.

    Args:
        app: What it works with.
        case_id: The case.

    Raises:
        BadInput: There is no such case.
    """
    with app.store.case_file(case_id) as file:
        return read_in(file)


def read_in(file: CaseFile) -> str:
    """The same of a case file that is open: "nothing held" is never taken for the plan or the package that came since.

    Args:
        file: The case file.
    """
    return ABOUT_NOTHING_HELD if file.found_nothing else file.what_is_approved()


def refuse_false_name(file: CaseFile, by: str, app: App) -> None:
    """Refuse an act at a gate under a name that was only typed, where people act signed in, or under the subject's.

    Args:
        file: The case file.
        by: Who acts.
        app: What it works with.

    Raises:
        BadInput: It is no name, or the data subject's.
        Conflict: No one proved that it is they.
    """
    refuse_typed(app, by, file.case_id)
    known = file.identifiers.known()
    refuse_no_colleague(by, (item.value for item in known if item.kind is IdentifierKind.NAME))


def refuse_entrusted_account(file: CaseFile, by: str, app: App) -> dict[str, str]:
    """Refuse an approval by an account to which a person invited who opened or prepared the case.

    Args:
        file: The case file.
        by: The person who approves.
        app: What it works with.

    Returns:
        What the approval notes of an account that is as young; nothing of an older one.

    Raises:
        Conflict: Such a person invited to it within the last days.
    """
    if proof_of(by)[1] is Proof.TYPED:
        return {}
    key = next((key for key, member in app.settings.members.items() if same_person(member.own_name, by)), "")
    entrusted = app.store.accounts.entrusted(key) if key else None
    if entrusted is None:
        return {}
    prepared_by = {entry.actor for entry in file.ledger.entries() if entry.event in PREPARING}
    refuse_entrusted(entrusted, prepared_by={file.opened_by, *prepared_by})
    return entrusted.note


def refuse_typed(app: App, by: str, case_id: str = "") -> None:
    """Refuse an act under a name that was only typed, where people act signed in.

    Args:
        app: What it works with.
        by: Who acts.
        case_id: On which case; empty where it is about none.

    Raises:
        Conflict: No one proved that it is they.
    """
    if proof_of(by)[1] is Proof.TYPED and app.settings.refuses_typed_names:
        where = app.desk_page(case_id) or "the desk"
        raise Conflict(
            f"Here people act signed in, and a name that is typed does not count; do it at {where} (or set "
            'typed_names = "allowed" in [desk] of rightsflow.toml, for scripts).'
        )
