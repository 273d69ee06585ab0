"""Records in doubt of an access case: looked at one by one, taken into the package, taken back until its release."""

from __future__ import annotations

import re
from typing import Final

from starlette.responses import Response

from deployments.desk.addresses import case_address
from deployments.desk.page import page
from deployments.desk.pages.case import SHADES, read_case, to_case
from deployments.desk.pages.form_fields import beside
from deployments.desk.visit import Visit, Wrong
from rightsflow.cases.facts.people import read_before
from rightsflow.cases.work.access.doubtful_records import (
    DoubtfulLook,
    doubtful_records,
    look_at_doubtful,
    take_back_record,
    take_in,
)
from rightsflow.cases.work.access.package_review import send_back
from rightsflow.domain.accounts import Permission
from rightsflow.domain.errors import BadInput
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.gates.package_changes import MakingAgain
from rightsflow.domain.identifiers import kind_words
from rightsflow.domain.vocabulary.states import read_case_id
from rightsflow.domain.wording import counted

_NUMBER: Final = re.compile("[0-9]{1,9}", re.ASCII)


@page("/cases/{case_id}/doubtful", needs=Permission.READ_CASES)
def doubtful(visit: Visit) -> Response:
    """The records in doubt, without their content."""
    return _shown(visit)


def _shown(visit: Visit, look: DoubtfulLook | None = None) -> Response:
    case = read_case(visit)
    found = doubtful_records(visit.app, case.case_id)
    looked = _number(visit.typed("looked-at") or "0")
    return visit.show(
        "doubtful.html",
        case=case,
        shade=case.light.value,
        shades=SHADES,
        here=f"{case_address('', case.case_id)}/doubtful",
        records=[
            doubtful_record
            for doubtful_record in found
            if doubtful_record.hangs_on == doubtful_record.number or not doubtful_record.hangs_on
        ],
        hanging={doubtful_record.number: doubtful_record for doubtful_record in found},
        is_open=any(bool(doubtful_record.by) != doubtful_record.is_copied for doubtful_record in found),
        package=read_before(visit.app, case.case_id),
        look=look,
        # Viewed records are shown once; a person who left the reason out need not view them again.
        looked_at=look.record.number if look else looked,
        token=look.token if look else visit.typed("look"),
        kinds=kind_words,
    )


@doubtful.act("/look", needs=Permission.REVEAL)
def look(visit: Visit) -> Response:
    """Show a record's content, once; the user and the reason are noted."""
    visit.needed({"reason": "Say why you look at it; the reason is kept with the case, encrypted."})
    if not visit.typed("record"):
        raise Wrong({"records": "Choose the record to look at."})
    with beside("records"):
        seen = look_at_doubtful(
            visit.app,
            read_case_id(visit.path("case_id")),
            _number(visit.typed("record")),
            by=visit.actor,
            reason=visit.typed("reason"),
        )
    return _shown(visit, seen)


@doubtful.act("/take-in", needs=Permission.PREPARE_PACKAGE)
def take(visit: Visit) -> Response:
    """Include a viewed record in the package."""
    visit.needed({"why": "Say what shows that it is the person's; it is kept with the case, encrypted."})
    given = take_in(
        visit.app,
        read_case_id(visit.path("case_id")),
        _number(visit.typed("looked-at")),
        look=visit.typed("look"),
        reason=visit.typed("why"),
        by=visit.actor,
    )
    return _again(visit, f"{counted(len(given), 'record')} taken in; let the package be made again.")


@doubtful.act("/take-back", needs=Permission.PREPARE_PACKAGE)
def take_back(visit: Visit) -> Response:
    """Leave a record out again."""
    number, case_id = _number(visit.typed("record")), read_case_id(visit.path("case_id"))
    take_back_record(visit.app, case_id, number, by=visit.actor)
    return _again(visit, f"Record {number} is left out again.")


@doubtful.act("/make-again", needs=Permission.PREPARE_PACKAGE)
def make_again(visit: Visit) -> Response:
    """Rebuild the package with the records taken in, and without those left out again."""
    case_id, package = read_case_id(visit.path("case_id")), visit.typed("package")
    send_back(visit.app, case_id, MakingAgain.MASK, remark="", by=visit.actor, package=package)
    visit.desk.resume(case_id, Gate.APPROVAL)
    return to_case(visit, "The package is made again; it comes to its release again then.")


def _again(visit: Visit, said: str) -> Response:
    return visit.go(f"{case_address('', read_case_id(visit.path('case_id')))}/doubtful", said)


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise BadInput("There is no record of that number in this case.")
    return int(text)
