"""The addressee of a case's letters, from the facts that the case file proves."""

from __future__ import annotations

from typing import NamedTuple

from rightsflow.cases.app import App
from rightsflow.domain.gates.decisions import Gate, Representative, Verdict
from rightsflow.domain.names import greeting_name
from rightsflow.store import CaseFile

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
