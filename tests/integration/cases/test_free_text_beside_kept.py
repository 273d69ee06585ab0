"""Words of a person beside records that are kept: another person reads both, in whatever language; a real database."""

from __future__ import annotations

import pytest

from rightsflow.app import current_app, installed
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.cases.course.sending.mail import mail_view
from rightsflow.cases.course.sending.text_review import confirm_text, edit_letter, read_text_to_confirm
from rightsflow.documents.letters.free_parts import FreeParts
from rightsflow.domain.errors import Conflict
from tests.integration.cases.shop_database import carried_out, letters, with_shop

UNTRUE = (
    "There is no data about you any more.",
    "We no longer have any trace of you.",
    "Alle Ihre Daten wurden gelöscht.",
)


@pytest.fixture
def case(bench, tmp_path, monkeypatch):
    with_shop(bench, tmp_path, monkeypatch)
    with installed(bench.runtime):
        yield carried_out(bench)


def worded(case, **parts):
    return edit_letter(current_app(), case, "L11", FreeParts(**parts), by="Ben")


def read(case, by="Dana Decider"):
    return read_text_to_confirm(current_app(), case, "L11", by=by, reason="To confirm it.")


@pytest.mark.apart
def test_words_beside_a_kept_order_go_out_only_once_another_person_read_both(bench, case):
    """They were printed in a letter that keeps records: the list of words is English."""
    for text in UNTRUE:
        assert "another person has to read it" in worded(case, remark=text)
        with pytest.raises(Conflict, match="someone other than Ben"):
            record_sent(current_app(), case, "L11", by="Ben")
        found = read(case)
        assert text in found.letter.body
    assert found.kept == ("orders (payments): 1 record",)
    with pytest.raises(Conflict, match="four eyes"):
        confirm_text(current_app(), case, "L11", code=found.code, by="Ben")
    with pytest.raises(Conflict, match="not what you read"):
        confirm_text(current_app(), case, "L11", code="000000000000", by="Dana Decider")
    confirm_text(current_app(), case, "L11", code=found.code, by="Dana Decider")
    record_sent(current_app(), case, "L11", by="Ben")


def test_what_is_worded_again_is_confirmed_again_and_what_is_taken_out_is_not(bench, case):
    worded(case, remark="Thank you.")
    confirm_text(current_app(), case, "L11", code=read(case).code, by="Dana Decider")
    worded(case, salutation="Alle Ihre Daten sind weg,")
    assert mail_view(current_app(), case, "L11").way is None
    with pytest.raises(Conflict, match="letter confirm"):
        record_sent(current_app(), case, "L11", by="Ben")
    worded(case)
    with pytest.raises(Conflict, match="Nothing of letter L11 has to be confirmed"):
        confirm_text(current_app(), case, "L11", code=read(case).code, by="Dana Decider")
    assert "Alle Ihre Daten" not in letters(bench, case)["L11"]
    record_sent(current_app(), case, "L11", by="Ben")
