"""The lines of decisions on single records: what they mean, and what is refused without a quotation."""

from __future__ import annotations

from datetime import date

import pytest

from rightsflow.domain.case.record_decisions import RecordAct, RecordDecision, read_record_decisions
from rightsflow.domain.errors import BadInput
from rightsflow.domain.law import LAWS

CLAIM = RecordDecision(
    act=RecordAct.KEEP, ground="defence of a claim of 4 May 2026", provision="Art. 17(3)(e)", until=date(2027, 1, 31)
)
ERASE = RecordDecision(act=RecordAct.ERASE)


def test_a_line_says_which_and_what_once() -> None:
    # A line says which and what.
    for line, expected in (
        (
            "3-5, 12: keep | defence of a claim of 4 May 2026 | Art. 17(3)(e) | until 2027-01-31",
            dict.fromkeys(("3", "4", "5", "12"), CLAIM),
        ),
        ("4: erase", {"4": ERASE}),
        ("  4 :  ERASE ", {"4": ERASE}),
        (
            "9: leave out | rights of others",
            {"9": RecordDecision(act=RecordAct.LEAVE_OUT, ground="rights of others", provision="Art. 15(4)")},
        ),
        (
            "9: leave out | trade secrets | § 29 BDSG",
            {"9": RecordDecision(act=RecordAct.LEAVE_OUT, ground="trade secrets", provision="§ 29 BDSG")},
        ),
        (
            "helpdesk ticket: keep | a lawsuit | Art. 17(3)(e) | ends when the judgment is final",
            {
                "helpdesk ticket": RecordDecision(
                    act=RecordAct.KEEP,
                    ground="a lawsuit",
                    provision="Art. 17(3)(e)",
                    ends_when="the judgment is final",
                )
            },
        ),
        ("", {}),
    ):
        assert read_record_decisions([line]) == expected
    # The sentence goes to the gate's next form, thus into Prefect: it quotes nothing of what was typed.
    for line in (
        "zebra",
        "4 erase",
        "4: zebra",
        "4: erase | zebra",
        "zebra: erase",
        "3-zebra: erase",
        "7-3: erase",
        "1-999999: erase",
        "4,: erase",
        "4: keep",
        "4: keep | zebra",
        "4: keep | zebra | Art. 17(3)(e)",
        "4: keep | | Art. 17(3)(e) | until 2027-01-31",
        "4: keep | a claim | because zebra 7 | until 2027-01-31",
        "4: keep | a claim | Art. zebra | until 2027-01-31",
        "4: keep | a claim | Art. 17(3)(e) | until 2027-02-31",
        "4: keep | a claim | Art. 17(3)(e) | until zebra",
        "4: keep | a claim | Art. 17(3)(e) | zebra",
        "4: keep | a claim | Art. 17(3)(e) | ends when",
        "4: leave out",
        "4: leave out | zebra | zebra",
        "4: leave out | a | Art. 15(4) | zebra",
    ):
        with pytest.raises(BadInput, match="Line 2 ") as error:
            read_record_decisions(["1: erase", line])
        assert "zebra" not in str(error.value)
    # A record is decided on once.
    for second in ("4: keep | c | Art. 17(3)(e) | until 2027-01-31", "1-9: erase", "helpdesk ticket: erase"):
        with pytest.raises(BadInput, match="Line 2 decides on a record that an earlier line decides on"):
            read_record_decisions(["4: erase" if second[0].isdigit() else "helpdesk ticket: erase", second])
    # Found: letters under the law of the United Kingdom cited the Union's.
    assert CLAIM.cited(LAWS["uk-gdpr"]) == "Art. 17(3)(e) UK GDPR"
    assert RecordDecision(act=RecordAct.KEEP, provision="§ 147 AO").cited(LAWS["gdpr"]) == "§ 147 AO"
    assert "defence" not in repr(CLAIM)
