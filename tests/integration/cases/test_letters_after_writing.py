"""Letters after they were written: their free parts are worded, they are delivered, and they come back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from rightsflow.app import current_app
from rightsflow.audit.evidence.fold import fold
from rightsflow.cases.course.letters.questions import ask_identity
from rightsflow.cases.course.sending.delivery import record_delivered, record_returned, record_sent
from rightsflow.cases.course.sending.text_review import edit_letter
from rightsflow.cases.facts.deadlines.alerts import look_at_cases
from rightsflow.documents.letters.free_parts import FreeParts
from rightsflow.documents.letters.rendering import commitment
from rightsflow.domain.delivery import delivery
from rightsflow.domain.errors import BadInput, Conflict
from tests.support import looks
from tests.support.steps import nothing_held

BY = "Olga Officer"
REMARK = "We are sorry that it took so long.\n\nYou can call us, too."


def stored(bench, case, letter):
    with bench.file(case) as file:
        return next(one for one in file.outbox.letters() if one.template_id == letter)


def last(bench, case, event):
    return [one for one in looks.entries(bench, case) if one.event == event][-1]


def edit(case, letter="L8", **parts):
    return edit_letter(current_app(), case, letter, FreeParts(**parts), by=BY)


class TestFreeParts:
    def test_all_else_stays_and_the_ledger_binds_the_new_text(self, bench):
        case = nothing_held(bench)
        written = stored(bench, case, "L8").body
        edit(case, salutation="Dear Ms Quillfeather", remark=REMARK)
        body = stored(bench, case, "L8").body
        assert body.replace("Dear Ms Quillfeather,", "Good day,", 1).replace(f"\n\n{REMARK}", "", 1) == written
        assert body.index(REMARK) < body.index("Yours sincerely")
        entry, letter = last(bench, case, "LetterEdited"), stored(bench, case, "L8")
        assert (entry.actor, entry.details["parts"]) == (BY, ["salutation", "remark"])
        assert entry.details["text"] == letter.text_hash
        assert entry.details["commitment"] == commitment(letter.salt, letter.subject_line, letter.body)
        assert REMARK[:20] not in repr(entry)
        (line,) = [one for one in fold(looks.entries(bench, case)).letters if one.letter == "L8"]
        assert line.commitment == entry.details["commitment"], "the evidence binds the text that goes out"

    def test_what_was_worded_before_is_replaced_and_nothing_is_the_letter_as_it_was_written(self, bench):
        case = nothing_held(bench)
        written = stored(bench, case, "L8").body
        edit(case, remark=REMARK)
        edit(case, remark="Another one.")
        assert REMARK not in stored(bench, case, "L8").body
        edit(case)
        assert stored(bench, case, "L8").body == written

    @pytest.mark.parametrize(
        ("remark", "sentence"),
        [
            ("All your data have been deleted.", "says that all data are gone"),
            ("x" * 2_001, "at most 2000 characters"),
            ("IF YOU DO NOT AGREE\nThere is nothing that you can do.", "like a heading of the letter"),
            ("a\x07b", "printable"),
        ],
    )
    def test_what_must_not_be_said_is_refused_and_changes_nothing(self, bench, remark, sentence):
        case = nothing_held(bench)
        written = stored(bench, case, "L8").body
        with pytest.raises((BadInput, Conflict), match=sentence):
            edit(case, remark=remark)
        assert stored(bench, case, "L8").body == written

    def test_before_identity_is_clear_nothing_says_that_the_sender_is_known(self, bench):
        with pytest.raises(Conflict, match="identity is not yet clear"):
            edit(bench.open("access"), "L1", remark="You are a customer of ours.")

    def test_what_has_gone_out_cannot_be_changed(self, bench):
        case = nothing_held(bench)
        record_sent(current_app(), case, "L8", by=BY)
        with pytest.raises(Conflict, match="went out already"):
            edit(case, remark=REMARK)


class TestWhatBecameOfIt:
    def test_an_answer_that_comes_back_opens_the_case_again_and_alerts(self, bench):
        """A returned answer left the case closed: the person had no answer, and nothing said so."""
        case = nothing_held(bench)
        record_sent(current_app(), case, "L8", by=BY, how=delivery("registered post", "RR 1"))
        bench.pass_time(timedelta(days=4))
        said = record_returned(current_app(), case, "L8", date(2026, 3, 9), by=BY)
        assert "The case is open again" in said
        with bench.file(case) as file:
            assert not file.is_closed
        assert [one.letter for one in bench.runtime.store.work.letters_to_send()] == ["L1", "L8"]
        look_at_cases(current_app())
        with bench.file(case) as file:
            assert "letter-unsent" in {one.kind.value for one in file.alerts.all() if not one.ended_at}
        record_sent(current_app(), case, "L8", by=BY, how=delivery("registered post", "RR 2"))
        assert stored(bench, case, "L8").proof == "RR 2"
        with bench.file(case) as file:
            assert file.is_closed
            folded = fold(file.ledger.entries())
        (line,) = [one for one in folded.letters if one.letter == "L8"]
        assert (line.sent_at.date(), line.channel) == (date(2026, 3, 9), "registered post")
        assert "LetterReturned" in {one.event for one in folded.acts}

    def test_a_question_that_comes_back_moves_the_clock_no_more(self, bench):
        case = bench.open("access")
        ask_identity(current_app(), case, doubt="The name is another one.", by=BY)
        with bench.file(case) as file:
            due = file.due_on
        record_sent(current_app(), case, "L2", by=BY)
        with bench.file(case) as file:
            assert file.suspended_since is not None
        bench.pass_time(timedelta(days=2))
        assert "taken back" in record_returned(current_app(), case, "L2", date(2026, 3, 7), by=BY)
        with bench.file(case) as file:
            assert (file.suspended_since, file.due_on) == (None, due)
        record_sent(current_app(), case, "L2", by=BY)

    def test_a_letter_is_noted_as_delivered(self, bench):
        case = nothing_held(bench)
        record_sent(current_app(), case, "L8", by=BY)
        record_delivered(current_app(), case, "L8", date(2026, 3, 5), by=BY, proof="RR 1")
        entry = last(bench, case, "LetterDelivered")
        assert entry.details["on"] == "2026-03-05"
        assert "RR 1" not in repr(entry)

    @pytest.mark.parametrize("act", [record_delivered, record_returned])
    def test_what_was_not_sent_or_not_yet_is_refused(self, bench, act):
        case = nothing_held(bench)
        with pytest.raises(Conflict, match="not noted as sent"):
            act(current_app(), case, "L8", date(2026, 3, 5), by=BY)
        record_sent(current_app(), case, "L8", by=BY)
        for day in (date(2026, 3, 4), date(2026, 3, 6)):
            with pytest.raises(BadInput, match="day"):
                act(current_app(), case, "L8", day, by=BY)
