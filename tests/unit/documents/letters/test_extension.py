"""L6: in time, once, and with reasons that the law accepts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from rightsflow.documents.letters import LetterId, check_reason, render, rules
from rightsflow.domain.errors import BadInput, Conflict
from tests.unit.documents.letters.sample import SENDER, UK, variables

ACCEPTED = [
    "140 hours of call recordings in three systems have to be screened for the voices of others",
    "recordings of 14 staff members must be masked",
    "Recordings of 14 staff members must be masked.",
    "Call recordings made during the holidays of 2024 and 2025 must be screened for the voices of others",
    "Our holiday bookings of twelve years in three systems name fellow travellers",
    "2,300 tickets hold sick notes of other employees that have to be masked",
    "The workload reports of 30 agents name third persons and must be redacted",
    "The person sent eleven requests within two weeks that concern four systems",
    "Because of the staff directories attached, 400 e-mails must be masked",
    "Due to workload reports that name others, 300 pages must be redacted",
    "We had 140 calls on holidays, all to be transcribed before they can be masked",
    "Many chats with busy phone lines have to be transcribed before they can be redacted",
    "The archive of 2019 must be restored from tape before it can be searched",
    "The request is complex because three systems must be searched",
    "Twelve colleagues are named in the chats and must be masked",
    "The recordings, in which our staff is heard, must be transcribed",
    "He was on holiday when the 12 hours of calls were recorded, which must be screened for other guests",
    "Because of holiday photos showing other people, 900 files must be blurred",
    "We are away from the archive in Leeds, where 30 boxes must be searched",
    "After the news of 3 November we received 4,000 requests within a week, instead of 20",
]
NOTHING_SAID = ["", "  \n ", "... --- !!!"]
GENERIC = [
    "complex",
    "Complexity",
    "many requests",
    "high volume",
    "high volume of requests",
    "Due to the complexity and number of the requests",
    "The request is very complex and there are many requests.",
    "We have received 400 requests this month from other customers",
    "It takes more time to process the request",
    "140 200 300 400",
]
OWN_SITUATION = [
    "workload",
    "Our workload is very high at the moment",
    "we are busy",
    "We are currently very busy with many other things",
    "staff shortage",
    "Staff shortage in the department until January",
    "because of the holidays",
    "Because of the Christmas holidays in December",
    "our team is on holiday until January",
    "The colleague who does this is on sick leave until January",
    "Our data protection officer is ill",
    "illness of staff in the office",
    "vacation season in our company",
    "A backlog of requests from other persons",
    "lack of resources and annual leave",
    # With facts beside it: the reason that is told to the person would still rest on it.
    "Our staff is on holiday and 140 hours of recordings have to be screened",
    "Due to our high workload, 140 hours of call recordings cannot be screened in time",
    "Because of a shortage of staff we could not search the three systems",
    "Due to illness in the team the recordings were not screened",
    "We have a large backlog and three systems to search",
]


def body(**changes: Any) -> str:
    return render(LetterId.EXTENSION, variables(LetterId.EXTENSION, **changes)).body


# -- the reasons ------------------------------------------------------------------------------------------------------


def test_what_names_a_fact_of_the_request_is_a_reason() -> None:
    for reason in ACCEPTED:
        assert check_reason(reason) == reason
    # What names no fact or the own situation is none.
    for reason, why in (
        ("three systems searched", "too general"),
        *((one, "No reason is given") for one in NOTHING_SAID),
        *((one, "too general") for one in GENERIC),
        *((one, "own situation") for one in OWN_SITUATION),
    ):
        with pytest.raises(BadInput, match=why) as raised:
            check_reason(reason)
        if len(reason.split()) > 2:
            assert reason.strip(" .") not in str(raised.value), "what was typed may name a person"


@given(st.sampled_from(GENERIC + OWN_SITUATION), st.sampled_from(GENERIC), st.sampled_from([" and ", ", ", "; ", ". "]))
def test_empty_reasons_do_not_add_up_to_one(first: str, second: str, joint: str) -> None:
    with pytest.raises(BadInput):
        check_reason(first + joint + second)


@given(st.sampled_from(ACCEPTED), st.sampled_from(["upper", "lower", "spaced"]))
def test_case_and_spaces_do_not_decide(reason: str, form: str) -> None:
    changed = {"upper": reason.upper(), "lower": reason.lower(), "spaced": "  " + reason.replace(" ", "\n ")}[form]
    assert check_reason(changed) == " ".join(changed.split())


@given(st.text(max_size=80))
def test_any_text_is_accepted_on_one_line_or_refused_with_a_sentence(text: str) -> None:
    try:
        accepted = check_reason(text)
    except BadInput as refusal:
        assert str(refusal).endswith(".")
        return
    assert len(accepted.splitlines()) == 1
    assert check_reason(accepted) == accepted


# -- the letter -------------------------------------------------------------------------------------------------------


def test_an_extension_gives_its_reasons_the_new_day_and_the_remedies() -> None:
    # An extension gives its reasons the new day and the remedies.
    text = body()
    for expected in (
        "On 2 November 2026 you asked us for access to personal data (Art. 15 GDPR)",
        "but need longer than the first time limit allows. For",
        "lets us extend it once (Art. 12(3) GDPR)",
        "by 2 February 2027 at the latest",
        "- 140 hours of call recordings in three systems have to be screened for the voices of others.\n",
        "- 412 service tickets hold attachments that name other persons and have to be masked.\n",
        "WHAT YOU GET NOW\n\nThe data of the helpdesk and the payments come with a separate letter this week.\n",
        "You can complain to a supervisory authority",
    ):
        assert expected in text
    assert "WHAT YOU GET NOW" not in body(partial_results="")
    assert "Art. 12A UK GDPR" in body(**UK)
    assert "to erase personal data" in body(right="erasure")
    # An extension without any reason does not exist.
    for reasons in ((), ("",), ("one\ntwo",)):
        with pytest.raises(ValidationError):
            variables(LetterId.EXTENSION, reasons=reasons)
    # An extension with one bad reason among good ones does not render.
    for reason in GENERIC + OWN_SITUATION:
        with pytest.raises(BadInput):
            body(reasons=(ACCEPTED[0], reason))
    # A template that leaves out a reason is stopped.
    given_variables = variables(LetterId.EXTENSION)
    text = render(LetterId.EXTENSION, given_variables).body.replace("412 service tickets", "…")
    with pytest.raises(Conflict, match="facts it rests on"):
        rules.check_body(LetterId.EXTENSION, given_variables, text)


@given(st.integers(-40, 40), st.integers(-40, 90))
def test_an_extension_renders_only_in_the_first_period_and_only_if_it_extends(written: int, until: int) -> None:
    first_due_on = date(2026, 12, 2)
    changes = {
        "written_on": first_due_on + timedelta(days=written),
        "extended_until": first_due_on + timedelta(days=until),
    }
    if written <= 0 < until:
        assert body(**changes)
        return
    with pytest.raises(Conflict, match="late notice" if written > 0 else "ends no later"):
        body(**changes)


@pytest.mark.parametrize(
    ("zone", "sent_at", "in_time"),
    [
        ("America/New_York", datetime(2026, 12, 2, 23, 30, tzinfo=ZoneInfo("America/New_York")), True),
        ("America/New_York", datetime(2026, 12, 3, 0, 30, tzinfo=ZoneInfo("America/New_York")), False),
        ("Europe/Berlin", datetime(2026, 12, 2, 23, 30, tzinfo=ZoneInfo("Europe/Berlin")), True),
        ("Europe/Berlin", datetime(2026, 12, 3, 0, 30, tzinfo=ZoneInfo("Europe/Berlin")), False),
    ],
    ids=["UTC shows the next day", "late in the west", "in time in the east", "UTC still shows the last day"],
)
def test_a_notice_is_in_time_by_the_controllers_own_date(zone: str, sent_at: datetime, in_time: bool) -> None:
    sender = SENDER.model_copy(update={"timezone": zone})
    changes = {"sender": sender, "written_on": sender.day_of(sent_at.astimezone(UTC))}
    if in_time:
        assert "2 December 2026\nCase number" in body(**changes)
        return
    with pytest.raises(Conflict, match="late notice extends nothing"):
        body(**changes)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)))
def test_the_controllers_day_is_within_a_day_of_utc(instant: datetime) -> None:
    day = SENDER.day_of(instant)
    assume(instant.hour >= 2)
    assert day - instant.date() in {timedelta(0), timedelta(days=1)}
