"""A check of identity is stated whole, or identity is not confirmed. Before, the form had a preset."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from rightsflow.domain.errors import BadInput
from rightsflow.domain.gates.decisions import IdentityMethod, Mandate, OnFile
from rightsflow.domain.gates.identity import (
    StatedCheck,
    StatedMandate,
    on_file,
    read_check,
    read_mandate,
    refuse_impossible,
)

BERLIN = ZoneInfo("Europe/Berlin")
STATED = StatedCheck(
    method="Code sent to the known address",
    done="They read the  code back.",
    at="2026-03-05T10:00",
    against=" E-mail address ",
    held_by="helpdesk",
    since="2024-05-03",
)


def read(stated):
    return read_check(stated, BERLIN, ("helpdesk", "payments"))


def test_what_was_stated_is_read():
    # What was stated is read.
    method, check = read(STATED)
    assert (method, check.done, check.against) == (IdentityMethod.CODE, "They read the code back.", OnFile.EMAIL)
    assert (check.at, check.on_file_since) == (datetime(2026, 3, 5, 9, 0, tzinfo=UTC), date(2024, 5, 3))
    assert on_file(check) == "against the e-mail address on file in helpdesk since 3 May 2024"
    assert read(replace(STATED, at="2026-03-05T10:00+00:00"))[1].at == datetime(2026, 3, 5, 10, 0, tzinfo=UTC)
    # Own words for the method go with what was done.
    method, check = read(replace(STATED, method="met at the counter", held_by="elsewhere"))
    assert (method, check.done) == (IdentityMethod.OTHER, "met at the counter: They read the code back.")
    assert on_file(check).endswith("on file elsewhere since 3 May 2024")


def test_what_is_missing_or_unreadable_is_named_and_never_quoted():
    # Nothing has a default.
    for name in [one.name for one in fields(StatedCheck)]:
        with pytest.raises(BadInput, match="not confirmed without all facts of the check; say"):
            read(replace(STATED, **{name: " "}))
    # All that is missing is named at once.
    with pytest.raises(BadInput) as caught:
        read(StatedCheck())
    for words in ("how the identity was checked", "what was done", "when it was done", "since when it is on file"):
        assert words in str(caught.value)
    # What cannot be read is refused and never quoted.
    for name, typed in (
        ("at", "2026-03-05"),
        ("at", "yesterday, by anna@example.com"),
        ("against", "anna@example.com"),
        ("held_by", "anna@example.com"),
        ("since", "anna@example.com"),
    ):
        with pytest.raises(BadInput) as caught:
            read(replace(STATED, **{name: typed}))
        assert "anna@example.com" not in str(caught.value)


def test_a_check_or_mandate_that_proves_nothing_is_refused():
    # A check that proves nothing of the request is refused.
    for changes, word in (
        ({"at": datetime(2026, 3, 6, 12, 0, tzinfo=UTC)}, "in the future"),
        ({"at": datetime(2026, 3, 3, 12, 0, tzinfo=UTC)}, "before the request"),
        ({"on_file_since": date(2026, 3, 5)}, "with the request or after it"),
        ({"on_file_since": date(2026, 3, 4)}, "with the request or after it"),
    ):
        received_at = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
        check, given = (
            read(STATED)[1],
            {"received_at": received_at, "now": received_at + timedelta(days=1), "zone": BERLIN},
        )
        refuse_impossible(check, **given)
        with pytest.raises(BadInput, match=word):
            refuse_impossible(replace(check, **changes), **given)
    # A mandate is stated whole or not at all.
    assert read_mandate(StatedMandate(), TODAY) is None
    read_one = read_mandate(MANDATE, TODAY)
    assert (read_one.name, read_one.mandate, read_one.seen_on) == ("Rita Example", Mandate.LAWYER, date(2026, 3, 4))
    for name in ("name", "mandate", "seen_on"):
        with pytest.raises(BadInput, match="who it is, which mandate was seen, and on which day"):
            read_mandate(replace(MANDATE, **{name: " "}), TODAY)
    # A mandate that cannot be is refused.
    for change, said in (
        ({"mandate": "cousin"}, "one of"),
        ({"seen_on": "2026-03-06"}, "future"),
        ({"seen_on": "soon"}, "not readable"),
    ):
        with pytest.raises(BadInput, match=said):
            read_mandate(replace(MANDATE, **change), TODAY)
    # A representatives address has to be one.
    for address in ("office@", "not an address", "a@b"):
        with pytest.raises(BadInput, match="e-mail address is not valid"):
            read_mandate(replace(MANDATE, address=address), TODAY)
        with pytest.raises(BadInput, match="who it is"):
            read_mandate(StatedMandate(address="office@lawyers.example"), TODAY)
        kept = read_mandate(replace(MANDATE, address=" Office@Lawyers.example "), TODAY)
        assert kept.address == "office@lawyers.example"
        assert "lawyers.example" not in repr(kept)


MANDATE = StatedMandate(name="Rita  Example", mandate="lawyer's mandate", seen_on="2026-03-04")
TODAY = date(2026, 3, 5)


def test_who_represents_and_what_is_refused_stand_apart():
    # Who represents is not said with what was checked.
    check = replace(read(STATED)[1], representative=read_mandate(MANDATE, TODAY))
    assert on_file(check).endswith("; asked by a representative (lawyer's mandate, seen 4 March 2026)")
    assert "Rita" not in on_file(check)
    # A refusal names what it is about so that it stands beside that.
    for field, given in (("at", "soon"), ("against", "shoe size"), ("held_by", "attic"), ("since", "long ago")):
        with pytest.raises(BadInput) as refused:
            read(replace(STATED, **{field: given}))
        assert refused.value.about == field
