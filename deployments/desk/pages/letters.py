"""A letter of a case: view, edit, print or mail it, and mark it as sent, delivered or returned."""

from __future__ import annotations

from datetime import date
from typing import Final

from starlette.responses import Response

from deployments.desk.addresses import case_address
from deployments.desk.page import page
from deployments.desk.pages.case import SHADES, read_case, to_case
from deployments.desk.pages.form_fields import beside, typed_day, worded
from deployments.desk.visit import Visit
from rightsflow.cases.course.sending.delivery import record_delivered, record_returned, record_sent, sent_on
from rightsflow.cases.course.sending.mail import mail_letter, mail_view
from rightsflow.cases.course.sending.text_review import (
    TextToConfirm,
    confirm_text,
    edit_letter,
    read_text_to_confirm,
    waits_for_second,
)
from rightsflow.cases.facts.overview.personal_data import Revealed, package_of, reveal
from rightsflow.cases.facts.overview.timeline import overtaken, timeline
from rightsflow.documents.letters.free_parts import FreeParts, read_salutation
from rightsflow.domain.accounts import Permission
from rightsflow.domain.delivery import DeliveryChannel, delivery
from rightsflow.domain.errors import BadInput
from rightsflow.domain.identifiers import IdentifierKind
from rightsflow.domain.vocabulary.letter_ids import LetterId
from rightsflow.domain.vocabulary.states import read_case_id

_CHANNELS: Final = worded(DeliveryChannel)


@page("/cases/{case_id}/letters/{letter}", needs=Permission.READ_CASES)
def letter(visit: Visit) -> Response:
    """Show the status of a letter, without its content; beside a form that was refused, its text is shown again."""
    is_edited = visit.fault is not None and visit.sent_to.endswith("/edit")
    proved = visit.signed_in is not None and visit.signed_in.is_fresh
    return _shown(visit, _text(visit) if is_edited and proved else None)


def _text(visit: Visit) -> TextToConfirm:
    """Return the letter beside which its free parts are edited, and note that it was read."""
    case_id, which = visit.path("case_id"), visit.path("letter")
    return read_text_to_confirm(visit.app, case_id, which, by=visit.actor, reason="to edit it")


def _shown(
    visit: Visit, read: TextToConfirm | None = None, revealed: Revealed | None = None, done: str = ""
) -> Response:
    seen = read_case(visit)
    line = next((item for item in seen.letters if item.template_id == visit.path("letter")), None)
    if line is None:
        raise BadInput("There is no such letter in this case; choose one of those that the case's page lists.")
    may_send = line.sent_at is None and visit.may(Permission.SEND_LETTERS)
    return visit.show(
        "letter.html",
        case=seen,
        shade=seen.light.value,
        shades=SHADES,
        line=line,
        content=read.letter if read else None,
        passages=read.passages if read else (),
        parts=read.parts if read else None,
        done=done,
        to_confirm=read if read and read.worded_by else None,
        passphrase=revealed.passphrase if revealed else "",
        phones=revealed.identifiers.get(IdentifierKind.PHONE.value, []) if revealed else [],
        waits_for_second=waits_for_second(visit.app, seen.case_id, line.template_id) if may_send else False,
        package_goes_with_it=line.template_id == LetterId.ACCESS_COVER,
        has_package=line.template_id == LetterId.ACCESS_COVER and bool(package_of(visit.app, seen.case_id)),
        on_paper=seen.on_paper,
        passphrase_channel=visit.app.settings.delivery.passphrase_channel,
        may_send=may_send,
        mail=mail_view(visit.app, seen.case_id, line.template_id) if may_send else None,
        channels=_CHANNELS,
        today=visit.app.today.isoformat(),
        may_note=line.sent_at is not None and visit.may(Permission.SEND_LETTERS),
        overtaken=overtaken(seen.ledger).get(line.template_id, ""),
        happened=timeline(entry for entry in seen.ledger if entry.details.get("letter") == line.template_id),
    )


@letter.act("/read", needs=Permission.REVEAL)
def read(visit: Visit) -> Response:
    """Show the letter once, on the page that answers; that it was read, and why, is noted."""
    visit.needed({"reason": "Say why you have to read it; the reason is kept with the case, encrypted."})
    case_id, which, why = visit.path("case_id"), visit.path("letter"), visit.typed("reason")
    found = read_text_to_confirm(visit.app, case_id, which, by=visit.actor, reason=why)
    # Letter, package and passphrase are handed over in one act, after one proof.
    goes_out = found.letter.sent_at is None and which == LetterId.ACCESS_COVER and visit.may(Permission.SEND_LETTERS)
    return _shown(visit, found, reveal(visit.app, case_id, by=visit.actor, reason=why) if goes_out else None)


@letter.act("/confirm", needs=Permission.SEND_LETTERS)
def confirm(visit: Visit) -> Response:
    """Confirm another person's words, after reading them beside the original."""
    case_id = read_case_id(visit.path("case_id"))
    done = confirm_text(visit.app, case_id, visit.path("letter"), code=visit.typed("code"), by=visit.actor)
    return visit.go(_here(visit), done)


@letter.act("/sent", needs=Permission.SEND_LETTERS)
def note_sent(visit: Visit) -> Response:
    """Note that the letter went out: on which day, by which channel, with which proof."""
    visit.needed({"sent_on": "Give the day on which it was sent.", "channel": "Choose how it was sent."})
    case_id, which = read_case_id(visit.path("case_id")), visit.path("letter")
    with beside("proof"):
        how = delivery(visit.typed("channel"), visit.typed("proof"))
    with beside("sent_on"):
        at = sent_on(typed_day(visit, "sent_on"), visit.app)
        done = record_sent(visit.app, case_id, which, at=at, by=visit.actor, how=how)
    visit.desk.follow(case_id)
    return to_case(visit, done)


@letter.act("/mail", needs=Permission.SEND_LETTERS)
def mail(visit: Visit) -> Response:
    """Mail the letter now, where it may be with its package."""
    case_id = read_case_id(visit.path("case_id"))
    done = mail_letter(visit.app, case_id, visit.path("letter"), by=visit.actor)
    visit.desk.follow(case_id)
    return to_case(visit, done)


@letter.act("/edit", needs=Permission.SEND_LETTERS, shows_data=True)
def edit(visit: Visit) -> Response:
    """Edit the free parts and show the letter as it is then; the statutory parts stay unchanged."""
    parts = FreeParts(salutation=visit.typed("salutation"), remark=visit.typed("remark"))
    with beside("salutation"):
        read_salutation(parts.salutation)
    with beside("remark", conflicts=True):
        done = edit_letter(visit.app, visit.path("case_id"), visit.path("letter"), parts, by=visit.actor)
    return _shown(visit, _text(visit), done=done)


@letter.act("/delivered", needs=Permission.SEND_LETTERS)
def note_delivered(visit: Visit) -> Response:
    """Note that the letter reached the person."""
    case_id, on = read_case_id(visit.path("case_id")), _arrived_on(visit)
    with beside("arrival_proof"):
        delivery("", visit.typed("arrival_proof"))
    with beside("arrived_on"):
        done = record_delivered(
            visit.app, case_id, visit.path("letter"), on, by=visit.actor, proof=visit.typed("arrival_proof")
        )
    visit.desk.follow(case_id)
    return visit.go(_here(visit), done)


@letter.act("/returned", needs=Permission.SEND_LETTERS)
def note_returned(visit: Visit) -> Response:
    """Note that the letter was returned and must be sent again."""
    case_id, on = read_case_id(visit.path("case_id")), _arrived_on(visit)
    with beside("arrived_on"):
        done = record_returned(visit.app, case_id, visit.path("letter"), on, by=visit.actor)
    visit.desk.follow(case_id)
    return visit.go(_here(visit), done)


def _arrived_on(visit: Visit) -> date:
    visit.needed({"arrived_on": "Give the day."})
    return typed_day(visit, "arrived_on")


def _here(visit: Visit) -> str:
    return f"{case_address('', read_case_id(visit.path('case_id')))}/letters/{visit.path('letter')}"
