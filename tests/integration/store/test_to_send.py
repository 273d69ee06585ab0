"""The list of letters to send: all unsent ones of an open case; of a settled one its answer and acknowledgement."""

from __future__ import annotations

from rightsflow.domain.vocabulary.states import CaseAction
from tests.support.casework import opened


def test_an_answer_is_listed_until_it_is_noted_as_sent(store, clock):
    case_id = opened(store)
    with store.case_file(case_id) as file:
        for letter in ("L1", "L2", "L7"):
            file.outbox.put(
                template_id=letter, version="1", language="en", subject_line="", body="", variables_hash="0" * 64
            )
    assert [one.letter for one in store.work.letters_to_send()] == ["L1", "L2", "L7"]
    with store.case_file(case_id) as file:
        file.advance(CaseAction.REFUSE)
    first, left = store.work.letters_to_send()
    assert (first.case_id, first.letter) == (case_id, "L1"), "until the answer has gone out"
    assert (left.case_id, left.letter, left.written_at) == (case_id, "L7", clock.moment)
    with store.case_file(case_id) as file:
        file.outbox.mark_sent("L7", clock.moment, by="Olga Opener")
        file.close(clock.moment)
    assert store.work.letters_to_send() == []
