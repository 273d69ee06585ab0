"""The conversation of a case: who may read and write, whom a note names, and which files and days are accepted."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.accounts import ALLOWED, STEP_UP, Permission, Role
from rightsflow.domain.conversation import (
    Contribution,
    ContributionKind,
    arrival,
    check_files,
    in_order,
    may_answer,
    named_in,
    read_file_name,
    read_text,
    refuse_elsewhere,
)
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.vocabulary.file_kinds import ProofFile

READERS = {"olga": "Olga Officer", "dana": "Dana Decider", "jan-peter": "Jan Peter"}
NOW = datetime(2026, 3, 5, 9, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
WORDS = st.text(st.characters(exclude_characters="@", exclude_categories=["Cs"]), max_size=20)
TIMES = st.integers(-300, 300).map(lambda hours: NOW + timedelta(hours=hours))
ENTRIES = st.lists(
    st.builds(
        Contribution,
        kind=st.sampled_from(ContributionKind),
        at=TIMES,
        is_answer=st.booleans(),
        is_removed=st.booleans(),
    ),
    max_size=8,
)


@pytest.mark.parametrize(
    ("permission", "roles"),
    [
        (Permission.READ_CASES, {Role.OFFICER, Role.APPROVER, Role.DPO, Role.AUDITOR, Role.AUTHORITY}),
        (Permission.REVEAL, {Role.OFFICER, Role.APPROVER, Role.DPO}),
        (Permission.WRITE_NOTES, {Role.OFFICER, Role.APPROVER, Role.DPO}),
        (Permission.HANDLE_CASES, {Role.OFFICER, Role.DPO}),
    ],
)
def test_the_table_of_roles_says_who_sees_reads_writes_and_adds(permission, roles):
    assert {role for role, may in ALLOWED.items() if permission in may} == roles
    assert (permission in STEP_UP) == (permission is Permission.REVEAL)


@given(st.lists(st.tuples(WORDS, st.sampled_from([*READERS, "DANA"])), max_size=5), WORDS)
def test_a_note_names_each_colleague_once_and_never_its_author(parts, end):
    text = "".join(f"{words} @{key}, " for words, key in parts) + end
    named = named_in(text, READERS, "Olga Officer")
    assert named == tuple(dict.fromkeys(key.lower() for _, key in parts if key != "olga"))


@given(WORDS.filter(lambda word: word.isalnum()), WORDS)
def test_an_address_names_no_colleague_and_an_unknown_name_is_not_quoted(word, rest):
    assert named_in(f"{rest} zoe.{word}@example.com", READERS, "Olga Officer") == ()
    if word.casefold() not in READERS:
        with pytest.raises(BadInput) as refused:
            named_in(f"@{word}zz1", READERS, "Olga Officer")
        assert f"{word}zz1" not in str(refused.value)
        assert "@dana" in str(refused.value)
    assert named_in(f"@{word}", {}, "") == ()


@given(ENTRIES)
def test_entries_are_in_the_order_of_time_and_a_reply_comes_after_the_question(entries):
    ordered = in_order(entries)
    assert sorted(map(id, ordered)) == sorted(map(id, entries))
    assert [entry.at for entry in ordered] == sorted(entry.at for entry in entries)
    replies = may_answer(ordered, NOW)
    assert all(entry.kind is ContributionKind.MESSAGE and entry.at >= NOW for entry in replies)
    assert not any(entry.is_answer or entry.is_removed for entry in replies)


@given(st.text(max_size=200))
def test_a_file_name_has_no_folder_and_nothing_that_is_not_seen(name):
    stored = read_file_name(name)
    assert stored.isprintable()
    assert not {"/", "\\"} & set(stored)
    assert 0 < len(stored) <= 120
    assert read_file_name(stored) == stored


def test_a_file_counts_by_its_content_and_what_is_not_accepted_is_refused():
    assert check_files([b"%PDF-1.7", b"<script>alert(1)</script>"]) == [ProofFile.PDF, ProofFile.TEXT]
    for contents in ([b""], [b"PK\x03\x04\x00"], [b"MZ\x00"], [b"x"] * 11, [b"x" * (20 * 1024 * 1024 + 1)]):
        with pytest.raises(BadInput):
            check_files(contents)
    with pytest.raises(BadInput, match="The note is longer"):
        read_text("x" * 10_001, "The note")


def test_a_message_arrives_by_the_end_of_its_day_and_not_in_the_future():
    assert arrival(None, NOW, BERLIN) == arrival(date(2026, 3, 5), NOW, BERLIN) == NOW
    assert arrival(date(2026, 3, 4), NOW, BERLIN).astimezone(BERLIN).date() == date(2026, 3, 4)
    with pytest.raises(BadInput, match="future"):
        arrival(date(2026, 3, 6), NOW, BERLIN)


def test_a_message_goes_to_the_case_that_answers():
    refuse_elsewhere("DSR-2026-7K3M9Q", "")
    with pytest.raises(Conflict, match="DSR-2026-4H8T2W"):
        refuse_elsewhere("DSR-2026-7K3M9Q", "DSR-2026-4H8T2W")
