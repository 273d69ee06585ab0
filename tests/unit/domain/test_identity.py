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
    method, check = read(STATED)
    assert (method, check.done, check.against) == (IdentityMethod.CODE, "They read the code back.", OnFile.EMAIL)
    assert (check.at, check.on_file_since) == (datetime(2026, 3, 5, 9, 0, tzinfo=UTC), date(2024, 5, 3))
    assert on_file(check) == "against the e-mail address on file in helpdesk since 3 May 2024"


def test_another_zone_is_read_by_its_offset():
    assert read(replace(STATED, at="2026-03-05T10:00+00:00"))[1].at == datetime(2026, 3, 5, 10, 0, tzinfo=UTC)


def test_own_words_for_the_method_go_with_what_was_done():
    method, check = read(replace(STATED, method="met at the counter", held_by="elsewhere"))
    assert (method, check.done) == (IdentityMethod.OTHER, "met at the counter: They read the code back.")
    assert on_file(check).endswith("on file elsewhere since 3 May 2024")


@pytest.mark.parametrize("name", [one.name for one in fields(StatedCheck)])
def test_nothing_has_a_default(name):
    with pytest.raises(BadInput, match="not confirmed without all facts of the check; say"):
        read(replace(STATED, **{name: " "}))


def test_all_that_is_missing_is_named_at_once():
    with pytest.raises(BadInput) as caught:
        read(StatedCheck())
    for words in ("how the identity was checked", "what was done", "when it was done", "since when it is on file"):
        assert words in str(caught.value)


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("at", "2026-03-05"),
        ("at", "yesterday, by anna@example.com"),
        ("against", "anna@example.com"),
        ("held_by", "anna@example.com"),
        ("since", "anna@example.com"),
    ],
)
def test_what_cannot_be_read_is_refused_and_never_quoted(name, typed):
    with pytest.raises(BadInput) as caught:
        read(replace(STATED, **{name: typed}))
    assert "anna@example.com" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"at": datetime(2026, 3, 6, 12, 0, tzinfo=UTC)}, "in the future"),
        ({"at": datetime(2026, 3, 3, 12, 0, tzinfo=UTC)}, "before the request"),
        ({"on_file_since": date(2026, 3, 5)}, "after the request"),
    ],
)
def test_a_check_that_proves_nothing_of_the_request_is_refused(changes, word):
    received_at = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
    check, given = read(STATED)[1], {"received_at": received_at, "now": received_at + timedelta(days=1), "zone": BERLIN}
    refuse_impossible(check, **given)
    with pytest.raises(BadInput, match=word):
        refuse_impossible(replace(check, **changes), **given)


MANDATE = StatedMandate(name="Rita  Example", mandate="lawyer's mandate", seen_on="2026-03-04")
TODAY = date(2026, 3, 5)


def test_a_mandate_is_stated_whole_or_not_at_all():
    assert read_mandate(StatedMandate(), TODAY) is None
    read_one = read_mandate(MANDATE, TODAY)
    assert (read_one.name, read_one.mandate, read_one.seen_on) == ("Rita Example", Mandate.LAWYER, date(2026, 3, 4))
    for name in ("name", "mandate", "seen_on"):
        with pytest.raises(BadInput, match="who it is, which mandate was seen, and on which day"):
            read_mandate(replace(MANDATE, **{name: " "}), TODAY)


@pytest.mark.parametrize(
    ("change", "said"),
    [({"mandate": "cousin"}, "one of"), ({"seen_on": "2026-03-06"}, "future"), ({"seen_on": "soon"}, "not readable")],
)
def test_a_mandate_that_cannot_be_is_refused(change, said):
    with pytest.raises(BadInput, match=said):
        read_mandate(replace(MANDATE, **change), TODAY)


@pytest.mark.parametrize("address", ["office@", "not an address", "a@b"])
def test_a_representatives_address_has_to_be_one(address):
    with pytest.raises(BadInput, match="e-mail address is not valid"):
        read_mandate(replace(MANDATE, address=address), TODAY)
    with pytest.raises(BadInput, match="who it is"):
        read_mandate(StatedMandate(address="office@lawyers.example"), TODAY)
    kept = read_mandate(replace(MANDATE, address=" Office@Lawyers.example "), TODAY)
    assert kept.address == "office@lawyers.example"
    assert "lawyers.example" not in repr(kept)


def test_who_represents_is_not_said_with_what_was_checked():
    check = replace(read(STATED)[1], representative=read_mandate(MANDATE, TODAY))
    assert on_file(check).endswith("; asked by a representative (lawyer's mandate, seen 4 March 2026)")
    assert "Rita" not in on_file(check)


@pytest.mark.parametrize(
    ("field", "given"),
    [("at", "soon"), ("against", "shoe size"), ("held_by", "attic"), ("since", "long ago")],
)
def test_a_refusal_names_what_it_is_about_so_that_it_stands_beside_that(field, given):
    with pytest.raises(BadInput) as refused:
        read(replace(STATED, **{field: given}))
    assert refused.value.about == field
