"""Readings of an access package before its release: each is a look at personal data, with its reason and its end.

Who reads proved who they are when they began (the desk asks for a fresh code), and the ledger has the entry. What is
shown after that goes by the reading's token: 256 random bits that count in the session in which they were given, for
the package as it was then, and not for long.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.facts.people import refuse_typed
from rightsflow.domain.errors import Conflict
from rightsflow.domain.typed_input import stated_reason
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.store import CaseFile

READING_LASTS: Final = timedelta(minutes=60)
"""For how long what is read is shown, from when its reason was given."""
_FIELD: Final = "reading/{}"
_DIGEST_CHARACTERS: Final = 32
_OVER: Final = "This reading of the package is over; begin another one, with its reason."
_CHANGED: Final = "The package has been made again since you began to read it; begin again."


@dataclass(frozen=True, slots=True)
class PackageReading:
    """A reading.

    Args:
        package: The SHA-256 of the encrypted package that is read: what a release is bound by.
        until: When it ends (aware).
    """

    package: str
    until: datetime


def begin_reading(app: App, case_id: str, *, by: str, reason: str, session: str) -> str:
    """Begin to read a package that waits for its release, and note in the ledger who did and why.

    Args:
        app: What it works with.
        case_id: The case.
        by: Who reads.
        reason: Why; kept sealed.
        session: What proves the session in which it is read; kept as a hash.

    Returns:
        The reading's token.

    Raises:
        BadInput: There is no such case, or no reason.
        Conflict: The case has no package that waits for its release.
    """
    why = stated_reason(reason, "say why you read the package")
    refuse_typed(app, by, case_id)
    token = secrets.token_urlsafe()
    with app.store.case_file(case_id) as file:
        refuse_unreadable(file)
        file.note_reveal(by=by, reason=why)
        kept = {
            "package": file.what_is_approved(),
            "until": (app.now() + READING_LASTS).isoformat(),
            "session": _digest(session),
        }
        file.outbox.keep_secret(_FIELD.format(_digest(token)), json.dumps(kept))
    return token


def refuse_unreadable(file: CaseFile) -> None:
    """Refuse to read a package that is not there, or not to be released any more.

    Args:
        file: The case file, open.

    Raises:
        Conflict: It cannot be read.
    """
    if file.right is not Right.ACCESS:
        raise Conflict(f"{file.case_id} is no request for access; it has no package.")
    if file.state is not CaseState.AWAITING_APPROVAL or not file.what_is_approved():
        raise Conflict(f"{file.case_id} has no package that waits for its release; it is {file.state.value}.")


def refuse_changed(file: CaseFile, package: str) -> None:
    """Refuse to decide on a package that is another one than was read.

    Args:
        file: The case file, open.
        package: The SHA-256 of the package that was read.

    Raises:
        Conflict: It is, or it is not to be released any more.
    """
    refuse_unreadable(file)
    if file.what_is_approved() != package:
        raise Conflict("The package has been made again since you read it; read it again, then decide.")


def package_read(app: App, case_id: str, token: str, *, session: str) -> str:
    """The SHA-256 of the package that is read under a token.

    Args:
        app: What it works with.
        case_id: The case.
        token: The token.
        session: What proves the session.

    Raises:
        BadInput: There is no such case.
        Conflict: The reading is over, of another session or case, or the package was made again.
    """
    with app.store.case_file(case_id) as file:
        return reading_of(app, file, token, session=session).package


def reading_of(app: App, file: CaseFile, token: str, *, session: str) -> PackageReading:
    """The reading that a token stands for.

    Args:
        app: What it works with.
        file: The case file, open.
        token: The token.
        session: What proves the session.

    Raises:
        Conflict: It is over, of another session or case, or the package was made again.
    """
    refuse_unreadable(file)
    kept = json.loads(file.outbox.secret(_FIELD.format(_digest(token))) or "{}")
    if not kept or kept["session"] != _digest(session) or app.now() >= datetime.fromisoformat(kept["until"]):
        raise Conflict(_OVER)
    if kept["package"] != file.what_is_approved():
        raise Conflict(_CHANGED)
    return PackageReading(kept["package"], datetime.fromisoformat(kept["until"]))


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:_DIGEST_CHARACTERS]
