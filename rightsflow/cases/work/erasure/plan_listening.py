"""Recordings of a plan are listened to before they are decided on: streamed from their systems, kept nowhere.

A look (:mod:`rightsflow.cases.work.erasure.plan_look`) gives a token, which counts for its records, in its session,
for an hour. Each recording that is listened to is a look of its own in the ledger, with the reason of the first one.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.facts.overview.record_fates import PackageFile
from rightsflow.cases.facts.people import refuse_typed
from rightsflow.domain.erasure.plan_groups import PlanRecord
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.vocabulary.records import Blob, RecordRef
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.store import CaseFile

LISTENING_LASTS: Final = timedelta(minutes=60)
"""For how long the recordings of a look can be listened to."""
_FIELD: Final = "plan-look/{}"
_DIGEST_CHARACTERS: Final = 32
_OVER: Final = "This look at the plan's records is over; look at them again, with the reason."
_SIZES: Final = "size_bytes", "size"


@dataclass(frozen=True, slots=True)
class _Heard:
    """A record that is listened to."""

    ref: RecordRef
    known: Identifiers
    digest: str
    reason: str


def let_listen(app: App, file: CaseFile, records: Collection[PlanRecord], *, reason: str, session: str) -> str:
    """Let the recordings among looked-at records be listened to; returns the look's token.

    Args:
        app: What it works with.
        file: The case file, open.
        records: The records that were looked at.
        reason: Why they were looked at; encrypted with the case's key.
        session: What proves the session; kept as a hash.
    """
    token = secrets.token_urlsafe()
    kept = {
        "reason": reason,
        "records": [record.digest for record in records],
        "session": _digest(session),
        "until": (app.now() + LISTENING_LASTS).isoformat(),
    }
    file.outbox.keep_secret(_FIELD.format(_digest(token)), json.dumps(kept))
    return token


def listen(app: App, case_id: str, token: str, number: int, part: int, *, session: str, by: str) -> PackageFile:
    """A recording of a plan, to be listened to; the ledger notes it, once for each look.

    Args:
        app: What it works with.
        case_id: The case.
        token: Of the look.
        number: The record's number.
        part: Which of the record's parts, from 1.
        session: What proves the session of the look.
        by: Who listens.

    Raises:
        BadInput: There is no such case, record or recording.
        Conflict: The look is over, or of another session, or the plan is not to be approved any more.
    """
    refuse_typed(app, by, case_id)
    field = _FIELD.format(_digest(token))
    heard = _heard(app, case_id, field, number, session)
    blob, noted = _blob(app, heard, part), f"{field}/{number}/{part}"
    with app.store.case_file(case_id) as file:
        before = file.outbox.secret(noted)
    size = int(before) if before else _size(blob)
    if before is None:
        with app.store.case_file(case_id) as file:
            file.outbox.keep_secret(noted, str(size))
            file.note_reveal(by=by, reason=heard.reason, records=[heard.digest])
    return PackageFile(record=number, name=blob.name, media_type=blob.media_type, size=size, open=blob.open)


def _heard(app: App, case_id: str, field: str, number: int, session: str) -> _Heard:
    with app.store.case_file(case_id) as file:
        kept = json.loads(file.outbox.secret(field) or "{}")
        is_over = not kept or kept["session"] != _digest(session) or app.now() >= datetime.fromisoformat(kept["until"])
        if is_over or not file.right.has_plan or file.state is not CaseState.AWAITING_APPROVAL:
            raise Conflict(_OVER)
        records = [record for record in file.planned.records([number]) if record.digest in kept["records"]]
        if not records:
            raise BadInput("That record was not looked at; look at it first, with the reason.")
        [finding] = file.planned.findings(records)
        return _Heard(finding.ref, file.identifiers.known(), records[0].digest, kept["reason"])


def _blob(app: App, heard: _Heard, part: int) -> Blob:
    parts = app.connectors[heard.ref.system].extract([heard.ref], heard.known)
    mine = (item for item in parts if item.record == heard.ref)
    found = next((item for place, item in enumerate(mine, start=1) if place == part), None)
    if not isinstance(found, Blob):
        raise BadInput("There is no such recording in its system any more.")
    return found


def _size(blob: Blob) -> int:
    """Return the size in bytes; counted where the system does not state it."""
    said = next((int(blob.metadata[key]) for key in _SIZES if blob.metadata.get(key)), 0)
    return said or sum(map(len, blob.open()))


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:_DIGEST_CHARACTERS]
