"""The package of an access case before its release: read record by record as the person will, decided on, released."""

from __future__ import annotations

import re
from typing import Any, Final

from starlette.responses import Response

from deployments.desk.addresses import case_address
from deployments.desk.page import page
from deployments.desk.pages.case import SHADES, read_case, to_case
from deployments.desk.pages.form_fields import asked_page, beside, refusal_choices, typed_refusal, worded
from deployments.desk.rendering import file_answer
from deployments.desk.visit import Visit, Wrong
from rightsflow.cases.course.gates.gates import record_decision, release_package
from rightsflow.cases.facts.overview.overview import CaseOverview
from rightsflow.cases.facts.people import read_before
from rightsflow.cases.work.access.doubtful_records import doubtful_records
from rightsflow.cases.work.access.mask_choices import has_prepared
from rightsflow.cases.work.access.package_reading import lay_out, mark_read, progress_of
from rightsflow.cases.work.access.package_review import (
    begin_reading,
    digest_of,
    note_given,
    note_left_out,
    open_letter,
    send_back,
)
from rightsflow.cases.work.access.package_view import PackagePage, package_file, package_file_text, read_package
from rightsflow.cases.work.access.record_masks import confirm_masks
from rightsflow.domain.accounts import Permission
from rightsflow.domain.disclosure.texts import MASKED_WORDS
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.gates.package_changes import LeaveOutGround, MakingAgain
from rightsflow.domain.people import same_person
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState, read_case_id
from rightsflow.domain.wording import counted

_NUMBER: Final = re.compile("[0-9]{1,9}", re.ASCII)
_AGAIN: Final = (
    (MakingAgain.MASK.value, "mask again, as is decided by now"),
    (MakingAgain.COPY.value, "copy the records again from their systems"),
    (MakingAgain.SEARCH.value, "search all systems again"),
)


@page("/cases/{case_id}/package", needs=Permission.READ_CASES)
def package(visit: Visit) -> Response:
    """Show the content of the package by numbers, and the form for reading it."""
    seen = read_case(visit)
    if seen.right is not Right.ACCESS:
        raise Conflict(f"{seen.case_id} is no request for access; it has no package.")
    waits = seen.state is CaseState.AWAITING_APPROVAL
    is_made = waits and not seen.found_nothing and read_before(visit.app, seen.case_id)
    if waits and not is_made:
        return visit.go(f"{case_address('', seen.case_id)}/approval")
    found = doubtful_records(visit.app, seen.case_id) if is_made else []
    taken = sum(bool(doubtful_record.by) for doubtful_record in found)
    return visit.show("package.html", case=seen, waits=waits, doubtful=found, taken=taken, **_light(seen))


@package.act("/read", needs=Permission.REVEAL)
def begin(visit: Visit) -> Response:
    """Begin the review; its user and its reason are noted."""
    visit.needed({"reason": "Say why you read it, such as the release; the reason is kept with the case, encrypted."})
    case_id = read_case_id(visit.path("case_id"))
    token = begin_reading(visit.app, case_id, by=visit.actor, reason=visit.typed("reason"), session=visit.cookie)
    return visit.go(f"{case_address('', case_id)}/package/{token}")


@page("/cases/{case_id}/package/{reading}", needs=Permission.REVEAL)
def reading(visit: Visit) -> Response:
    """Show a page of the package as the person will get it."""
    case_id = read_case_id(visit.path("case_id"))
    seen = _read(visit)
    return visit.show(
        "package_reading.html",
        package=seen,
        sections=lay_out(seen, visit.member.name),
        progress=progress_of(seen),
        here=_here(visit),
        kinds=MASKED_WORDS,
        case_id=case_id,
        grounds=worded(LeaveOutGround),
    )


@reading.act("/mark", needs=Permission.NOTE_READING)
def mark(visit: Visit) -> Response:
    """Note that the records were read; the reading itself was begun with a fresh proof."""
    numbers = visit.typed("read").split()
    if not numbers or not all(map(_NUMBER.fullmatch, numbers)):
        raise Wrong({"records": "Choose the records that you have read."})
    case_id, token = read_case_id(visit.path("case_id")), visit.path("reading")
    count = mark_read(visit.app, case_id, token, map(int, numbers), session=visit.cookie, by=visit.actor)
    seen = _read(visit)
    is_last = seen.page == seen.pages
    where = "/release" if is_last and visit.may(Permission.APPROVE) else f"?page={min(seen.page + 1, seen.pages)}"
    return visit.go(f"{_here(visit)}{where}", f"{counted(count, 'record')} noted as read.")


@reading.act("/confirm", needs=Permission.PREPARE_PACKAGE)
def confirm(visit: Visit) -> Response:
    """Confirm the redactions of records as they were read on this page."""
    numbers = visit.typed("confirm").split()
    if not numbers or not all(map(_NUMBER.fullmatch, numbers)):
        raise Wrong({"records": "Choose the records whose redactions are confirmed."})
    case_id, token = read_case_id(visit.path("case_id")), visit.path("reading")
    with beside("records"):
        count = confirm_masks(visit.app, case_id, token, map(int, numbers), session=visit.cookie, by=visit.actor)
    return visit.go(f"{_here(visit)}?page={asked_page(visit)}", f"{counted(count, 'redaction')} confirmed.")


@reading.act("/leave-out", needs=Permission.APPROVE)
def leave_out(visit: Visit) -> Response:
    """Note that the chosen records are to be left out."""
    visit.needed({"ground": "Choose the ground."})
    numbers, seen = _ticked(visit), _read(visit)
    parts = note_left_out(
        visit.app,
        read_case_id(visit.path("case_id")),
        numbers,
        ground=visit.typed("ground"),
        provision=visit.typed("provision"),
        package=seen.reading.package,
    )
    along = f" {counted(len(parts), 'record')} found through them too: {', '.join(map(str, parts))}." if parts else ""
    return visit.go(f"{_here(visit)}?page={seen.page}", f"Noted; the release leaves these records out.{along}")


@reading.act("/give", needs=Permission.APPROVE)
def give(visit: Visit) -> Response:
    """Note that the chosen records are included after all."""
    numbers, seen = _ticked(visit), _read(visit)
    note_given(visit.app, read_case_id(visit.path("case_id")), numbers, package=seen.reading.package)
    return visit.go(f"{_here(visit)}?page={seen.page}", "Noted; these records are given.")


@page("/cases/{case_id}/package/{reading}/files/{system}/{number}", needs=Permission.REVEAL)
def file(visit: Visit) -> Response:
    """A recording to be listened to, a text to be read, or an attachment to be saved."""
    found = package_file(
        visit.app,
        read_case_id(visit.path("case_id")),
        visit.path("reading"),
        session=visit.cookie,
        system=visit.path("system"),
        number=_number(visit.path("number")),
    )
    return file_answer(found, visit.request.headers.get("range", ""))


@page("/cases/{case_id}/package/{reading}/files/{system}/{number}/text", needs=Permission.REVEAL)
def file_text(visit: Visit) -> Response:
    """Show the text of a file, with its redactions marked."""
    found, text = package_file_text(
        visit.app,
        read_case_id(visit.path("case_id")),
        visit.path("reading"),
        session=visit.cookie,
        system=visit.path("system"),
        number=_number(visit.path("number")),
        page=asked_page(visit),
    )
    address = f"{_here(visit)}/files/{visit.path('system')}/{visit.path('number')}"
    case_id = read_case_id(visit.path("case_id"))
    return visit.show("package_file.html", case_id=case_id, file=found, text=text, here=_here(visit), address=address)


@page("/cases/{case_id}/package/{reading}/release", needs=Permission.REVEAL)
def release(visit: Visit) -> Response:
    """Show the letter in the package, the records to be released, and those left out."""
    seen, case = _read(visit), read_case(visit)
    open_letter(visit.app, case.case_id, by=visit.actor, package=seen.reading.package)
    found = doubtful_records(visit.app, case.case_id)
    return visit.show(
        "package_release.html",
        taken=[doubtful_record for doubtful_record in found if doubtful_record.by],
        is_unmade=any(bool(doubtful_record.by) != doubtful_record.is_copied for doubtful_record in found),
        case=case,
        package=seen,
        progress=progress_of(seen),
        noted=digest_of(seen.notes),
        here=_here(visit),
        kinds=MASKED_WORDS,
        again_choices=_AGAIN,
        has_prepared=has_prepared(visit.app, case.case_id, visit.actor),
        is_own=visit.signed_in is not None and same_person(visit.signed_in.member.name, case.opened_by),
        refusals=refusal_choices(Right.ACCESS, Gate.APPROVAL, visit.app.settings.controller.law.name),
        **_light(case),
    )


@release.act("/approve", needs=Permission.APPROVE)
def approve(visit: Visit) -> Response:
    """Release the reviewed package, without the records noted as left out."""
    case_id, seen = read_case_id(visit.path("case_id")), _read(visit)
    release_package(visit.app, case_id, package=seen.reading.package, noted_before=visit.typed("noted"), by=visit.actor)
    return _gone_on(visit, "Released; the answer is being written.")


@release.act("/refuse", needs=Permission.APPROVE)
def refuse(visit: Visit) -> Response:
    """Refuse the request after its package was read."""
    seen = _read(visit)
    case_id, refusal = read_case_id(visit.path("case_id")), typed_refusal(visit, Gate.APPROVAL)
    record_decision(visit.app, case_id, refusal, read=seen.reading.package)
    return _gone_on(visit, "The refusal is recorded.")


@release.act("/make-again", needs=Permission.PREPARE_PACKAGE)
def make_again(visit: Visit) -> Response:
    """Rebuild the package with the decisions on its redactions."""
    return _sent_back(visit, MakingAgain.MASK, "The package is made again; read it then, and release it.")


@release.act("/send-back", needs=Permission.PREPARE_PACKAGE)
def send_it_back(visit: Visit) -> Response:
    """Let the records be copied again, or all systems be searched again."""
    visit.needed(
        {"again": "Choose what is done again.", "remark": "Say what is wrong with the package, or what was corrected."}
    )
    again = visit.typed("again")
    if again not in set(MakingAgain):
        raise Wrong({"again": "Choose what is done again."})
    return _sent_back(visit, MakingAgain(again), "The package is sent back; it comes here again when it is made.")


def _sent_back(visit: Visit, again: MakingAgain, said: str) -> Response:
    case_id, seen = read_case_id(visit.path("case_id")), _read(visit)
    send_back(visit.app, case_id, again, remark=visit.typed("remark"), by=visit.actor, package=seen.reading.package)
    visit.desk.resume(case_id, Gate.APPROVAL)
    return to_case(visit, said)


def _gone_on(visit: Visit, said: str) -> Response:
    visit.desk.resume(read_case_id(visit.path("case_id")), Gate.APPROVAL)
    return to_case(visit, said)


def _read(visit: Visit) -> PackagePage:
    return read_package(
        visit.app,
        read_case_id(visit.path("case_id")),
        visit.path("reading"),
        session=visit.cookie,
        page=asked_page(visit),
    )


def _light(seen: CaseOverview) -> dict[str, Any]:
    return {"shade": seen.light.value, "shades": SHADES}


def _here(visit: Visit) -> str:
    return f"{case_address('', read_case_id(visit.path('case_id')))}/package/{visit.path('reading')}"


def _ticked(visit: Visit) -> list[int]:
    ticked = visit.chosen("record")
    if not ticked or not all(map(_NUMBER.fullmatch, ticked)):
        raise Wrong({"records": "Choose the records that this is about."})
    return [int(item) for item in ticked]


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise BadInput("There is no such file in this package.")
    return int(text)
