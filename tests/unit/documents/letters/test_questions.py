"""L2, L3 and L14: what is asked, why, and what that does to the time limit."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from rightsflow.documents.letters import Clarification, IdentityRequest, LetterId, OfferedMethod, render, rules
from rightsflow.documents.letters.questions import doubt_in
from rightsflow.domain.errors import Conflict
from tests.unit.documents.letters.sample import UK, variables

IDENTITY = [LetterId.IDENTITY_REQUEST, LetterId.IDENTITY_REMINDER]
COPY = {"milder_means_failed": True, "copy_of_document": True}
LINE_OF = {
    OfferedMethod.LOG_IN: "- Log in: ",
    OfferedMethod.CODE: "- Code: ",
    OfferedMethod.CALL_BACK: "- Call-back: ",
    OfferedMethod.TWO_FACTS: "- Two facts: ",
}


def body(letter_id: LetterId, **changes: Any) -> str:
    return render(letter_id, variables(letter_id, **changes)).body


# -- L2, L14 ----------------------------------------------------------------------------------------------------------


def test_the_question_of_identity_says_why_how_until_when_and_what_against_it() -> None:
    # The question of identity says why how until when and what against it.
    for letter_id in IDENTITY:
        text = body(letter_id)
        for expected in (
            "we received a request for access to personal data (Art. 15 GDPR)",
            "(Art. 12(6) GDPR)",
            "WHY WE ASK\n\nThe message came from an e-mail address that names nobody, and gives a name only.",
            "one is enough",
            "for this check only",
            "Please answer by 24 December 2026.",
            "You can make it again at any time",
            "No one gets data, and nothing is erased, before it is clear who made the request.",
            "This message does not say whether there are data about you here.",
            "You can complain to a supervisory authority",
        ):
            assert expected in text
        assert all(line in text for line in LINE_OF.values())
        assert "search" not in text, "nothing is searched before identity is clear"
        assert "to erase personal data (Art. 17 GDPR)" in body(letter_id, right="erasure")
    # The reminder says when it was asked.
    assert "On 24 November 2026 we asked you" in body(LetterId.IDENTITY_REMINDER)
    with pytest.raises(ValidationError, match="its reminder is written later"):
        variables(LetterId.IDENTITY_REMINDER, written_on=date(2026, 11, 24))
    # The reminder repeats the doubt in the words that were read and names the day of the suspension.
    asked = variables(LetterId.IDENTITY_REQUEST)
    assert isinstance(asked, IdentityRequest)
    assert doubt_in(render(LetterId.IDENTITY_REQUEST, asked).body) == asked.doubt
    with pytest.raises(ValueError, match="does not say why"):
        doubt_in(render(LetterId.CLARIFICATION, variables(LetterId.CLARIFICATION)).body)
    text = body(LetterId.IDENTITY_REMINDER, clock_stands=True, asked_on=date(2026, 11, 26))
    assert "On 26 November 2026 we asked you" in text
    assert "suspended from 26 November 2026" in text
    assert "We have noted no answer so far" in text
    # Only the means on offer are named.
    for method in list(OfferedMethod):
        text = body(LetterId.IDENTITY_REQUEST, methods=(method,))
        assert [one for one, line in LINE_OF.items() if line in text] == [method]
    # A question of identity that lacks something does not exist.
    for fault in (
        {"doubt": " "},
        {"doubt": "one\ntwo"},
        {"methods": ()},
        {"methods": ("a passport",)},
        {"methods": ("log in", "log in")},
        {"addressee": "Anna Schmidt"},
        {"wait_until": date(2026, 11, 23)},
        {"received_on": date(2026, 11, 25)},
        {"remedies": None},
    ):
        with pytest.raises(ValidationError):
            variables(LetterId.IDENTITY_REQUEST, **fault)


def test_a_copy_of_a_document_is_asked_for_only_once_milder_means_failed() -> None:
    # A copy of a document is asked for only once milder means failed.
    for letter_id in IDENTITY:
        with pytest.raises(Conflict, match="only once milder means failed"):
            body(letter_id, copy_of_document=True)
        for without in (body(letter_id), body(letter_id, milder_means_failed=True)):
            assert "Please do not send copies of identity documents." in without
            assert "black out" not in without
        text = body(letter_id, **COPY)
        for expected in (
            "You may black out the rest: the photo, the signature, the numbers of the document",
            "nationality",
            "machine-readable lines",
            "we note only that it was checked; no copy is put there",
            "Do not send the copy by e-mail",
        ):
            assert expected in text
    # An edited question that asks for a document is stopped.
    for words in (
        "Send us your passport.",
        "A scan of your ID helps.",
        "Please show an identity card.",
        "A driving licence",
    ):
        mild, failed = variables(LetterId.IDENTITY_REQUEST), variables(LetterId.IDENTITY_REQUEST, **COPY)
        text = render(LetterId.IDENTITY_REQUEST, mild).body + words
        with pytest.raises(Conflict, match="identity document"):
            rules.check_body(LetterId.IDENTITY_REQUEST, mild, text)
        rules.check_body(LetterId.IDENTITY_REQUEST, failed, text)
    assert body(LetterId.IDENTITY_REQUEST, doubt="The passport that was attached bears another name.")


def test_the_doubt_tells_a_stranger_nothing() -> None:
    # The doubt does not tell a stranger who is known here.
    for doubt in (
        "The address is not the one on file.",
        "The name differs from the name in your account.",
        "The number is not known to us.",
        "Somebody else is our customer under that address.",
    ):
        for letter_id in IDENTITY:
            with pytest.raises(Conflict, match="identity is not yet clear"):
                body(letter_id, doubt=doubt)
    # The question greets and confirms no one.
    for right in ("access", "erasure"):
        for letter_id in IDENTITY:
            for changes in ({}, COPY, UK, {"doubt": "No customer number was given."}):
                text = body(letter_id, right=right, **changes)
                assert "\nGood day,\n" in text
                assert not re.search(r"your account|we hold|your data|your order", text, re.IGNORECASE)
    # A template that leaves out the doubt is stopped.
    given_variables = variables(LetterId.IDENTITY_REQUEST)
    text = render(LetterId.IDENTITY_REQUEST, given_variables).body.replace("names nobody", "…")
    with pytest.raises(Conflict, match="facts it rests on"):
        rules.check_body(LetterId.IDENTITY_REQUEST, given_variables, text)


SUSPENDED = "is suspended from the day on which we send you this question until we have what we ask you for"
STARTS = "starts on the day on which we have what we ask you for (Art. 12A UK GDPR)"
RUNS_ON = "does not change the day by which you get our answer: 23 December 2026 at the latest"


def test_the_effect_on_the_clock_is_that_of_the_law() -> None:
    # The effect on the clock is that of the law.
    for changes, effect in (
        ({}, SUSPENDED),
        (UK, STARTS),
        ({"clock_stands": False}, RUNS_ON),
        ({"clock_stands": False, **UK}, RUNS_ON),
    ):
        for letter_id in IDENTITY:
            text = body(letter_id, **changes)
            if letter_id is LetterId.IDENTITY_REMINDER:
                text = text.replace("from 24 November 2026", "from the day on which we send you this question")
            assert [one for one in (SUSPENDED, STARTS, RUNS_ON) if one in text] == [effect]
            assert "23 December 2026" in text
    # An overdue question says that the limit has ended.
    overdue = {"clock_stands": False, "promised_on": date(2026, 11, 23)}
    text = body(LetterId.IDENTITY_REQUEST, **overdue)
    assert "The time limit for our answer ended on 23 November 2026" in text
    assert "Please answer by 24 December 2026." in text


DAYS = st.integers(0, 90).map(lambda days: date(2026, 11, 24) + timedelta(days=days))


@given(DAYS, DAYS, st.booleans())
def test_a_running_clock_leaves_no_time_beyond_its_end(wait_until: date, due_on: date, stands: bool) -> None:
    one = variables(LetterId.IDENTITY_REQUEST, wait_until=wait_until, promised_on=due_on, clock_stands=stands)
    assert isinstance(one, IdentityRequest)
    assert one.answer_by == (wait_until if stands else min(wait_until, due_on))


# -- L3 ---------------------------------------------------------------------------------------------------------------

PAUSED = {"clock_stands": True, "choose_by": date(2026, 12, 24), **UK}


def test_a_clarification_offers_areas_a_period_and_everything() -> None:
    # A clarification offers areas a period and everything.
    text = body(LetterId.CLARIFICATION)
    assert "- service tickets\n- payments\n- call recordings\n- advertising\n" in text
    assert "for which period: from when until when?" in text
    assert "you can have everything. If you do not choose, we give you all of it." in text
    assert "We go on with the search meanwhile." in text
    assert "We go on with the search" not in body(LetterId.CLARIFICATION, is_searched=True)
    assert "recital 63 GDPR" in text
    # A clarification pauses the clock in the united kingdom only.
    text = body(LetterId.CLARIFICATION, **PAUSED)
    assert "is paused from the day on which we send you this question until the day on which your answer" in text
    assert "and goes on afterwards (Art. 12A UK GDPR)" in text
    assert "If you do not choose by 24 December 2026, we give you all of it." in text
    assert "paused" not in body(LetterId.CLARIFICATION)
    assert RUNS_ON in body(LetterId.CLARIFICATION)
    assert RUNS_ON in body(LetterId.CLARIFICATION, **UK)
    with pytest.raises(Conflict, match="stops no clock"):
        body(LetterId.CLARIFICATION, clock_stands=True, choose_by=date(2026, 12, 24))
    # A clarification that is an obstacle does not exist.
    for fault in (
        {"areas": ()},
        {"areas": (" ",)},
        {"areas": ("a\nb",)},
        {"received_on": date(2026, 11, 25)},
        {"choose_by": date(2026, 11, 23)},
        {"choose_by": date(2026, 12, 24)},
        {"right": "objection"},
        {**UK, **PAUSED, "right": "erasure"},
        {**PAUSED, "choose_by": None},
    ):
        with pytest.raises(ValidationError):
            variables(LetterId.CLARIFICATION, **fault)
    # Before an erasure it asks whose records are and moves no clock.
    for law in ({}, UK):
        text = body(LetterId.CLARIFICATION, right="erasure", areas=("call recordings: 2",), **law)
        assert "- call recordings: 2" in text
        assert "You need not answer" in text
        assert RUNS_ON in text
        assert "which personal data we process" not in text
        assert not re.search(r"\n{3,}|[ \t]\n", text)
    # A template that leaves out an area is stopped.
    given_variables = variables(LetterId.CLARIFICATION)
    assert isinstance(given_variables, Clarification)
    text = render(LetterId.CLARIFICATION, given_variables).body.replace("advertising", "")
    with pytest.raises(Conflict, match="facts it rests on"):
        rules.check_body(LetterId.CLARIFICATION, given_variables, text)
