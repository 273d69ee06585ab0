"""Open a request that arrived: what the person asks for, by what they are found, and how it arrived."""

from __future__ import annotations

import re
import secrets
from typing import Final

from starlette.responses import Response

from deployments.desk.addresses import case_address
from deployments.desk.page import page
from deployments.desk.pages.form_fields import beside, typed_day, worded
from deployments.desk.visit import Visit, Wrong
from rightsflow.cases.course.conversation import put_message
from rightsflow.cases.course.intake.opening import join_request, open_request_form
from rightsflow.cases.facts.overview.personal_data import (
    keep_postal_address,
    keep_words,
    read_postal_address,
)
from rightsflow.domain.accounts import Permission
from rightsflow.domain.conversation import read_text
from rightsflow.domain.errors import Conflict
from rightsflow.domain.request import Channel, Request, RequestForm, check_form
from rightsflow.domain.vocabulary.rights import RestrictionGround, Right
from rightsflow.domain.wording import counted

_LONG_AGO_DAYS: Final = 14
"""From how many days ago on it is asked whether the day of receipt is right: half of the month is over then."""
_RIGHTS: Final = (
    (Right.ACCESS.value, "Access: a copy of their data (Art. 15 GDPR)"),
    (Right.ERASURE.value, "Erasure: to be forgotten (Art. 17 GDPR)"),
    (Right.OBJECTION.value, "Objection: no advertising any more (Art. 21(2) GDPR)"),
    (Right.RESTRICTION.value, "Restriction: store it, use it for nothing else (Art. 18 GDPR)"),
    (Right.CONSENT.value, "Withdrawal of consent (Art. 7(3) GDPR)"),
    (Right.RECTIFICATION.value, "Rectification: correct or complete it (Art. 16 GDPR)"),
)
_GROUNDS: Final = (
    (RestrictionGround.ACCURACY.value, "(a) They contest that it is accurate"),
    (RestrictionGround.UNLAWFUL.value, "(b) It is unlawful, and they want no erasure"),
    (RestrictionGround.CLAIM.value, "(c) They need it for legal claims"),
    (RestrictionGround.OBJECTION.value, "(d) They objected under Art. 21(1), and that is open"),
)
_CHANNELS: Final = worded(Channel)
_PAGE: Final = re.compile("[0-9a-f]{32}")
_PERSON: Final = (
    "email",
    "phone",
    "customer_id",
    "account_id",
    "account_system",
    "name",
    "birth_date",
    "country",
    "language",
)


_JOIN: Final = "join"
_SECOND: Final = "second"
_DUPLICATES: Final = ((_JOIN, "The same request again: join it to the open case"), (_SECOND, "Open a second case"))


@page("/open", needs=Permission.OPEN_CASES)
def opening(visit: Visit) -> Response:
    """The form; nothing is preset."""
    return visit.show(
        "open.html",
        rights=_RIGHTS,
        channels=_CHANNELS,
        grounds=_GROUNDS,
        issuers=[(account_issuer, account_issuer) for account_issuer in sorted(visit.app.account_issuers)],
        kinds=visit.app.settings.further_kinds,
        latest=visit.app.today.isoformat(),
        # The same page sent twice, as by a double click, is one request.
        form_id=visit.typed("form_id") or secrets.token_hex(16),
        is_duplicate=isinstance(visit.fault, Conflict) or bool(visit.typed("duplicate")),
        duplicates=_DUPLICATES,
    )


@opening.act(needs=Permission.OPEN_CASES)
def take(visit: Visit) -> Response:
    """Open the case, and start its run."""
    visit.needed(
        {
            "right": "Choose what the person asks for.",
            "received": "Give the day on which the request arrived, read or unread.",
            "channel": "Choose how it arrived.",
        }
    )
    form, sent = _typed(visit), visit.typed("form_id")
    with beside("words"):
        words = read_text(visit.typed("words"), "The request")
    with beside("postal_address"):
        address = read_postal_address(visit.typed("postal_address"))
    if visit.typed("duplicate") == _JOIN:
        case_id, said = join_request(visit.app, form)
        if words:
            received_on = typed_day(visit, "received")
            put_message(visit.app, case_id, words, received_on=received_on, by=visit.actor)
        visit.desk.follow(case_id)
        return visit.go(case_address("", case_id), said)
    opened = open_request_form(
        visit.app,
        form,
        despite_duplicate=visit.typed("duplicate") == _SECOND,
        intake_id=f"desk-{sent}" if _PAGE.fullmatch(sent) else "",
    )
    keep_words(visit.app, opened.case_id, words)
    keep_postal_address(visit.app, opened.case_id, address)
    visit.desk.start(opened.case_id, opened.right)
    done = f"{opened.case_id} is open; target date {opened.work_to_on:%a %d %b %Y}, due {opened.due_on:%a %d %b %Y}."
    return visit.go(case_address("", opened.case_id), done)


def _typed(visit: Visit) -> RequestForm:
    """Return the submitted request if it is valid, without storing it.

    Raises:
        Wrong: Something is missing or wrong, or the day is long ago and no one said that it is right.
    """
    form = RequestForm(
        right=visit.typed("right"),
        received=typed_day(visit, "received").isoformat(),
        channel=visit.typed("channel"),
        opened_by=visit.actor,
        ground=visit.typed("ground"),
        corrections=visit.typed("corrections"),
        ticket=visit.typed("ticket"),
        further=tuple((kind.value, visit.typed(kind.value)) for kind in visit.app.settings.further_kinds),
        **{name: visit.typed(name) for name in _PERSON},
    )
    read = check_form(form, visit.app.reading)
    if not isinstance(read, Request):
        raise Wrong({item.field: item.sentence for item in read})
    days = (visit.app.today - typed_day(visit, "received")).days
    if days > _LONG_AGO_DAYS and not visit.typed("is_long_ago"):
        ago = counted(days, "day", "days")
        raise Wrong({"is_long_ago": f"It arrived {ago} ago? Correct the day, or say below it that it is right."})
    return form
