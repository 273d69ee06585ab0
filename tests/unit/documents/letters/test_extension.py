"""L6 in time, once and with good reasons; the words and the law of every letter."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from rightsflow.config.sections.controller import Controller
from rightsflow.documents.letters import Contestable, LetterId, LetterVariables, check_reason, render, rules
from rightsflow.domain import wording
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.refusals import REASONS, Reason
from tests.unit.documents.letters.sample import ICO, SENDER, UK, UK_SENDER, variables

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


OF_BOTH_LAWS = [one for one in LetterId if one is not LetterId.COMPLAINT_RECEIVED]
ANSWERS = [
    LetterId.REFUSAL,
    LetterId.NOTHING_HELD,
    LetterId.ACCESS_COVER,
    LetterId.ERASURE_CONFIRMATION,
    LetterId.PARTIAL_ERASURE,
    LetterId.OBJECTION_FOLLOWED,
    LetterId.CONSENT_WITHDRAWN,
    LetterId.RESTRICTED,
    LetterId.RECTIFIED,
]
HOW_TO_COMPLAIN = (
    "You can complain to us first: write to Subject rights desk, rights@example.com, and say what you think is wrong. "
    "We confirm within 30 days that we have your complaint, look into it without undue delay and tell you the outcome "
    "(s. 164A Data Protection Act 2018)."
)


def british(letter_id: LetterId, **changes: Any) -> LetterVariables:
    """A British controller's letter; what cites a law as data (retention, suppression) cites British law."""
    remedies = UK if "remedies" in type(variables(letter_id)).model_fields else {"sender": UK_SENDER}
    as_data: dict[str, Any] = {}
    if letter_id is LetterId.REFUSAL:
        as_data["details"] = {"Purpose that goes on": "performing the contract", "Legal basis": "contract"}
    if letter_id in {
        LetterId.ERASURE_CONFIRMATION,
        LetterId.PARTIAL_ERASURE,
        LetterId.OBJECTION_FOLLOWED,
        LetterId.CONSENT_WITHDRAWN,
        LetterId.RESTRICTED,
        LetterId.RECTIFIED,
    }:
        as_data["suppression"] = "your e-mail address as a code."
        kept = variables(letter_id).model_dump()["rows"]
        as_data["rows"] = tuple(row | {"legal_basis": row["legal_basis"] and "Sch. 11 VATA 1994"} for row in kept)
    return variables(letter_id, **{**remedies, **as_data, **changes})


@pytest.mark.long
def test_a_letter_cites_its_own_law() -> None:
    # A British letter cites the uk gdpr only.
    for letter_id in list(LetterId):
        text = render(letter_id, british(letter_id)).body
        assert "UK GDPR" in text
        assert not re.search(r"(?<!UK )GDPR|\bEU\b|European|Art\. 77|the country where", text)
    # A letter of the union does not cite British law.
    for letter_id in OF_BOTH_LAWS:
        text = render(letter_id, variables(letter_id)).body
        assert "GDPR" in text
        assert not re.search(r"UK GDPR|Data Protection Act|12A|complain to us", text)
    # No template and no sentence of a refusal names one of the laws by itself.
    templates = list(files("rightsflow.documents.letters").joinpath("templates/en").iterdir())
    assert len(templates) >= len(LetterId)
    assert [one.name for one in templates if "GDPR" in one.read_text(encoding="utf-8")] == []
    assert not any("GDPR" in sentence for sentence, _ in REASONS.values())
    # A British refusal cites its own law.
    for reason in list(Reason):
        details = {label: f"detail {at}" for at, label in enumerate(REASONS[reason][1])}
        text = render(LetterId.REFUSAL, british(LetterId.REFUSAL, reason=reason, details=details, approvals=2)).body
        assert REASONS[reason][0].format(law="UK GDPR") in text
        assert "{law}" not in text


def test_a_british_answer_says_first_how_to_complain_to_the_controller() -> None:
    # A British answer says first how to complain to the controller.
    for letter_id in ANSWERS:
        text = render(letter_id, british(letter_id)).body
        ours, theirs, court = (text.index(part) for part in (HOW_TO_COMPLAIN, ICO.authority, "the High Court"))
        assert ours < theirs < court
        assert f"{ICO.authority}, {ICO.authority_url} (s. 165 Data Protection Act 2018)" in text
        assert "s. 180 Data Protection Act 2018" in text
    # Complaints to the controller begin on 19 June 2026.
    for day, told in ((date(2026, 6, 18), False), (date(2026, 6, 19), True)):
        received_on = date(2026, 6, 1)
        text = render(LetterId.REFUSAL, british(LetterId.REFUSAL, written_on=day, received_on=received_on)).body
        assert (HOW_TO_COMPLAIN in text) is told
        assert ("expects that you have complained to us before" in text) is told
        assert ICO.authority in text
    # A British answer that leaves that out is stopped.
    for letter_id in ANSWERS:
        given_variables = british(letter_id)
        text = render(letter_id, given_variables).body.replace(HOW_TO_COMPLAIN, "")
        with pytest.raises(Conflict, match="how to complain to the controller"):
            rules.check_body(letter_id, given_variables, text)
    # A complaint is confirmed under the British law alone.
    text = render(LetterId.COMPLAINT_RECEIVED, variables(LetterId.COMPLAINT_RECEIVED)).body
    assert "We confirm that we have it (s. 164A Data Protection Act 2018)." in text
    assert "High Court" in text
    with pytest.raises(ValidationError):
        variables(LetterId.COMPLAINT_RECEIVED, sender=UK_SENDER.model_copy(update={"regime": "gdpr"}))


def test_the_law_its_court_and_its_hash_are_those_configured() -> None:
    # A court that is named replaces the one of the law.
    leeds = ICO.model_copy(update={"court": "the County Court at Leeds"})
    given_variables = british(LetterId.REFUSAL, remedies=leeds)
    assert isinstance(given_variables, Contestable)
    text = render(LetterId.REFUSAL, given_variables).body
    assert "the County Court at Leeds" in text
    assert "High Court" not in text
    # The law is part of what the hash proves.
    for letter_id in OF_BOTH_LAWS:
        given_variables = variables(letter_id)
        sender = given_variables.sender.model_copy(update={"regime": "uk-gdpr"})
        changed = given_variables.model_copy(update={"sender": sender})
        first, again, other = (render(letter_id, one) for one in (given_variables, given_variables, changed))
        assert first == again
        assert other.variables_hash != first.variables_hash
    # Only laws whose letters are written can be configured.
    authority = {"name": "A", "url": "https://a.example"}
    given_keys = {"name": "Example", "country": "GB", "timezone": "Europe/London", "authority": authority}
    assert Controller.model_validate(given_keys | {"regime": "uk-gdpr"}).regime == "uk-gdpr"
    for other in ("ch-fadp", "ccpa", "lgpd"):
        with pytest.raises(ValidationError):
            Controller.model_validate(given_keys | {"regime": other})
        with pytest.raises(ValidationError):
            UK_SENDER.model_validate(UK_SENDER.model_dump() | {"regime": other})


def test_days_counts_and_lists() -> None:
    # Days and moments.
    assert wording.day(date(2026, 4, 7)) == "7 April 2026"
    instant = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    assert wording.moment(instant, ZoneInfo("Europe/Berlin")) == "1 January 2027, 00:30 (Europe/Berlin)"
    assert wording.moment(instant, ZoneInfo("America/New_York")) == "31 December 2026, 18:30 (America/New_York)"
    # Counts.
    for number, words in ((0, "0 records"), (1, "1 record"), (2, "2 records"), (12345, "12,345 records")):
        assert wording.counted(number, "record") == words
        assert wording.counted(2, "address", "addresses") == "2 addresses"
    for things, words in (([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")):
        assert wording.listed(things) == words
