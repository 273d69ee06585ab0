import json

import pytest

from rightsflow.domain.deadlines import ClockInput, DeadlineType, Period, Regime, due_dates
from rightsflow.domain.deadlines.jsonl import read_row, write_row
from rightsflow.domain.errors import BadInput
from tests.unit.domain.deadlines.clocks import german

ROW = {
    "row_id": "1",
    "regime": "GDPR",
    "country": "DE",
    "subdivision": "",
    "request_type": "access",
    "deadline_type": "response",
    "period": "P1M",
    "received_at": "2026-03-05T10:00:00+01:00",
    "controller_tz": "Europe/Berlin",
    "pause_valid": "",
    "note": "any",
}


def test_a_row_is_read_whole_and_by_the_least_it_needs():
    # A whole row.
    clock = read_row(
        {**ROW, "subdivision": "BY", "identity_requested_at": "2026-03-06T09:00:00Z", "pause_valid": "true"}
    )

    assert isinstance(clock, ClockInput)
    assert (clock.regime, clock.country, clock.subdivision) == (Regime.GDPR, "DE", "BY")
    assert clock.deadline_type is DeadlineType.RESPONSE
    assert clock.period == Period(months=1)
    assert clock.identity_requested_at.isoformat() == "2026-03-06T09:00:00+00:00"
    assert clock.pause_valid is True
    assert clock.extension_valid is None
    # The least a row needs.
    least = read_row({name: ROW[name] for name in ("received_at", "controller_tz", "country")})

    assert due_dates(least) == due_dates(read_row(ROW))
    for written, read in (("Erasure", "erasure"), ("", "access"), (None, "access")):
        assert read_row({**ROW, "request_type": written}).request_type == read
    # Empty is absent.
    for absent in (None, "", "  "):
        row = {**ROW, "identity_requested_at": absent, "regime": absent, "pause_valid": absent, "period": absent}
        assert due_dates(read_row(row)) == due_dates(read_row(ROW))
    # Names of the laws.
    for name, regime in (
        ("GDPR", Regime.GDPR),
        ("gdpr", Regime.GDPR),
        ("UK GDPR", Regime.UK_GDPR),
        ("CH FADP", Regime.CH_FADP),
        ("CCPA/CPRA", Regime.CCPA),
        ("CPRA", Regime.CCPA),
        ("LGPD", Regime.LGPD),
        ("1182/71", Regime.REGULATION_1182_71),
    ):
        assert read_row({**ROW, "regime": name}).regime is regime
    for value, judged in ((True, True), (False, False), ("TRUE", True), ("yes", True), ("no", False), ("", None)):
        assert read_row({**ROW, "extension_valid": value}).extension_valid is judged


def test_a_bad_value_is_named_and_not_quoted():
    for column, value, mend in (
        ("received_at", "", "received_at is missing; write it like 2026-03-05T10:00:00+01:00."),
        ("received_at", "5 March", "received_at is no ISO 8601 instant"),
        ("received_at", "2026-02-30T10:00:00+01:00", "received_at is no ISO 8601 instant"),
        ("received_at", "2026-03-05", "received_at has no offset from UTC"),
        ("received_at", "2026-03-05T10:00:00", "received_at has no offset from UTC"),
        ("received_at", 1772701200, "received_at is not text; put it between quotes."),
        ("received_at", "2206-03-05T10:00:00Z", "received_at lies after the year 2199"),
        ("controller_tz", "", "controller_tz is missing; write it like Europe/Berlin."),
        ("controller_tz", "Berlin", "controller_tz is no time zone"),
        ("controller_tz", "Europe", "controller_tz is no time zone"),
        ("controller_tz", "../../etc/passwd", "controller_tz is no time zone"),
        ("country", "", "country is missing; write it like DE."),
        ("regime", "DSGVO", "regime is none this clock knows; use one of 1182/71, ccpa, ch-fadp, gdpr"),
        ("deadline_type", "answer", "deadline_type is unknown; use one of response, refusal_notice"),
        ("period", "a month", "period is not a length"),
        ("pause_valid", "maybe", "pause_valid is neither true nor false"),
        ("extension_valid", 1, "extension_valid is not text"),
        ("fee_paid_at", "2026-03-05 at noon", "fee_paid_at is no ISO 8601 instant"),
        ("identity_requested_at", "2026-03-01T10:00:00+01:00", "identity_requested_at lies before received_at"),
    ):
        with pytest.raises(BadInput) as refused:
            read_row({**ROW, column: value})

        sentence = str(refused.value)
        assert sentence.startswith(mend)
        assert sentence.endswith(".")
        assert value == "" or str(value) not in sentence.replace("2026-03-05T10:00:00+01:00", "").replace(
            "Europe/Berlin", ""
        )


def test_the_output_names_what_was_found():
    # An unknown place is found with the dates.
    for place in ({"country": "ZZ"}, {"country": "DE", "subdivision": "ZZ"}):
        with pytest.raises(BadInput, match="country or subdivision is not in the holiday table"):
            due_dates(read_row({**ROW, **place}))
    # The names of the output are fixed.
    written = write_row(due_dates(german("2026-01-15", extension_notice_sent_at="2026-02-10")))

    assert written.pop("holidays_version").startswith("python-holidays ")
    assert json.loads(json.dumps(written)) == {
        "due_date": "2026-04-15",
        "due_at": "2026-04-15T23:59:59+02:00",
        "extension_notice_due_date": "2026-02-16",
        "no_pause_due_date": None,
        "safe_due_date": "2026-04-15",
        "operational_target_date": "2026-04-15",
        "rule_version": "gdpr response 2018-05-25/1",
    }
    # While the clock stands.
    written = write_row(due_dates(german("2026-03-05", identity_requested_at="2026-03-06")))

    assert written["due_date"] == "SUSPENDED"
    assert written["no_pause_due_date"] == "2026-04-07"
    assert written["due_at"] is written["safe_due_date"] is written["operational_target_date"] is None
