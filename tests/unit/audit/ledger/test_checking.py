"""Entries and chains: every single change is caught, and named with what was done, when and where."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rightsflow.audit.ledger import GENESIS, START, Fault, FaultKind, Head, Link, check_chain, link, read_entry
from rightsflow.audit.ledger.chain import canonical, digest_of, ending
from rightsflow.audit.ledger.checking import (
    TOLERANCE,
    WRITTEN_AFTER,
    Span,
    check_dates,
    clock_note,
    date_of,
    ends_of,
    noted_in,
    seal_date_of,
)
from rightsflow.domain.vocabulary.events import CaseEvent
from tests.unit.audit.ledger.chains import AT, CHAIN, MADE_WITH, OTHER, head_of, links, rewritten

COUNT = 6
WHOLE = links(COUNT)
numbers = st.integers(1, COUNT)


def said(made: list[Link], head: Head | None = None) -> list[tuple[FaultKind, str]]:
    return [(fault.kind, fault.place) for fault in check_chain(CHAIN, made, head)]


def place(number: int) -> str:
    return f"entry {number} of {CHAIN}"


def test_a_whole_chain_has_no_fault_and_an_entry_of_another_one_has() -> None:
    # A whole chain has no fault.
    for count in (0, 1, 2, 50):
        made = links(count)
        assert check_chain(CHAIN, made, head_of(made)) == []
        assert check_chain(CHAIN, made) == []
    made = [*WHOLE[:2], *links(3, OTHER)[2:]]
    assert (FaultKind.ADDED, place(3)) in said(made)
    assert said(links(2, OTHER)) == [(FaultKind.ADDED, place(1)), (FaultKind.ADDED, place(2))]


@given(numbers, st.data())
def test_a_flipped_letter_is_an_altered_entry(number: int, data: st.DataObject) -> None:
    made, body = list(WHOLE), WHOLE[number - 1].body
    at = data.draw(st.integers(0, len(body) - 1))
    flipped = body[:at] + chr(ord(body[at]) ^ 1) + body[at + 1 :]
    made[number - 1] = replace(made[number - 1], body=flipped)
    assert said(made, head_of(WHOLE)) == [(FaultKind.ALTERED, place(number))]


@given(numbers)
def test_a_changed_hash_is_an_altered_entry(number: int) -> None:
    made = list(WHOLE)
    made[number - 1] = replace(made[number - 1], digest="0" * 64)
    assert (FaultKind.ALTERED, place(number)) in said(made, head_of(WHOLE))


@given(numbers)
def test_an_entry_rewritten_with_its_hash_does_not_fit_what_comes_after(number: int) -> None:
    made = list(WHOLE)
    made[number - 1] = rewritten(made[number - 1], '"matches":', '"match":')
    after = number + 1 if number < COUNT else number
    assert said(made, head_of(WHOLE)) == [(FaultKind.ALTERED, place(after))]


@given(numbers)
def test_a_missing_entry_is_named(number: int) -> None:
    made = [one for one in WHOLE if one.number != number]
    assert said(made, head_of(WHOLE)) == [(FaultKind.REMOVED, place(number))]


@given(numbers, numbers)
def test_two_entries_in_each_others_place_are_out_of_order(one: int, two: int) -> None:
    first, second = min(one, two), max(one, two)
    made = list(WHOLE)
    made[first - 1], made[second - 1] = made[second - 1], made[first - 1]
    found = said(made, head_of(WHOLE))
    if first == second:
        assert found == []
    else:
        assert {kind for kind, _ in found} == {FaultKind.REORDERED}
        assert (FaultKind.REORDERED, place(first)) in found


@given(numbers, numbers)
def test_two_entries_that_swapped_numbers_were_written_as_others(one: int, two: int) -> None:
    if one == two:
        return
    made = list(WHOLE)
    made[one - 1], made[two - 1] = replace(made[two - 1], number=one), replace(made[one - 1], number=two)
    found = said(made, head_of(WHOLE))
    assert {(FaultKind.REORDERED, place(one)), (FaultKind.REORDERED, place(two))} <= set(found)


@given(numbers, st.integers(0, COUNT))
def test_an_entry_that_is_there_twice_was_added(number: int, at: int) -> None:
    made = [*WHOLE[:at], WHOLE[number - 1], *WHOLE[at:]]
    found = said(made, head_of(WHOLE))
    assert (FaultKind.ADDED, place(number)) in found
    assert {kind for kind, _ in found} <= {FaultKind.ADDED, FaultKind.REORDERED}


@given(st.integers(1, COUNT - 1))
def test_entries_after_the_head_were_added_and_entries_before_it_removed(number: int) -> None:
    head = WHOLE[number - 1].head
    assert said(list(WHOLE), head) == [(FaultKind.ADDED, place(later)) for later in range(number + 1, COUNT + 1)]
    (fault,) = check_chain(CHAIN, WHOLE[:number], head_of(WHOLE))
    assert fault.kind is FaultKind.REMOVED
    if COUNT - number > 1:
        assert fault.text == f"Entries {number + 1} to {COUNT} of {CHAIN} are missing."


@given(st.integers(0, COUNT), st.text("0123456789abcdef", min_size=64, max_size=64))
def test_another_head_is_noticed(number: int, digest: str) -> None:
    head = Head(number, digest)
    assume(head != START)
    assert said(WHOLE[:number], head)


def test_a_text_that_is_no_entry_is_named_once() -> None:
    # A text that is no entry is altered.
    for old, new in (
        ('"actor":"Olga"', '"actor": "Olga"'),
        ('"actor":"Olga"', '"actor":"Olga","actor2":""'),
        ('"at":', '"chain":"DSR-2026-7K3M9Q","details":{},"at":'),
        ("{", ""),
        ("}", "]"),
    ):
        first, second = links(2)
        assert (FaultKind.ALTERED, place(1)) in said([rewritten(first, old, new), second])
    made = [replace(WHOLE[0], number=0), *WHOLE]
    assert (FaultKind.ADDED, place(0)) in said(made, head_of(WHOLE))
    # A number far away does not make a million faults.
    made = [*WHOLE, replace(WHOLE[-1], number=10**12)]
    found = check_chain(CHAIN, made, head_of(WHOLE))
    assert len(found) < 5
    assert any(fault.kind is FaultKind.ADDED and fault.place == place(10**12) for fault in found)
    # The quick way looks for the chain's name in the text; details may hold the same words.
    inner = f',"chain":"{CHAIN}","details":'
    body = links(1, OTHER)[0].body.replace('"matches":0', f'"a":1{inner}2')
    assert said([Link(1, body, digest_of(body))]) == [(FaultKind.ADDED, place(1))]


@given(st.lists(st.integers(0, 4), max_size=6))
def test_many_chains_are_gone_through_at_once(counts: list[int]) -> None:
    made = {f"DSR-2026-{index:06}": links(count, f"DSR-2026-{index:06}") for index, count in enumerate(counts)}
    rows = [(chain, one.number, one.body, one.digest) for chain, some in made.items() for one in some]
    assert dict(ends_of(rows)) == {chain: head_of(some) for chain, some in made.items() if some}


@given(st.integers(0, 2), st.integers(0, 3), st.integers(1, 3))
def test_of_many_chains_only_the_broken_one_is_not_whole(broken: int, at: int, column: int) -> None:
    names = [f"DSR-2026-{index:06}" for index in range(3)]
    rows = [(chain, one.number, one.body, one.digest) for chain in names for one in links(4, chain)]
    chain, number, body, digest = rows[4 * broken + at]
    changes = {1: (chain, 9, body, digest), 2: (chain, number, f"{body}x", digest), 3: (chain, number, body, "x")}
    rows[4 * broken + at] = changes[column]
    assert [end is None for _, end in ends_of(rows)] == [chain == names[broken] for chain in names]


def test_a_fault_says_in_a_sentence_what_was_done() -> None:
    (fault,) = check_chain(CHAIN, WHOLE[1:], head_of(WHOLE))
    assert fault == Fault(FaultKind.REMOVED, place(1), f"Entry 1 of {CHAIN} is missing.")
    assert check_chain(CHAIN, [], START) == []


NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def text(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")


def found(moments: list[datetime], spans: list[Span]) -> list[int]:
    dated = [(number, text(at), "") for number, at in enumerate(moments, start=1)]
    return [int(fault.place.split()[1]) for fault in check_dates("C", dated, spans)]


def test_the_date_is_the_entrys_own_whatever_else_it_says():
    # The date is the entry's own, whatever else it says.
    made = link(START, "C", "E", at=NOON, actor='x","at":"2020', details={"at": "2021-01-01"}, made_with={"code": "1"})
    assert date_of(made.body) == text(NOON)
    assert date_of("{}") == ""
    # What says no date is named.
    assert [fault.text for fault in check_dates("C", [(1, "yesterday", ""), (2, text(NOON), "")], [])] == [
        "Entry 1 of C does not say when it was made."
    ]


def test_an_entry_that_does_not_fit_its_neighbours_or_seal_is_named():
    assert found([NOON, NOON - 30 * DAY, NOON + HOUR], []) == [2]
    assert found([NOON, NOON - TOLERANCE, NOON - TOLERANCE / 2], []) == []
    # Put in on the fifth day, and dated to the second: the seals of the days between do not cover it.
    spans = [Span(1, None, NOON + HOUR), Span(2, NOON + 4 * DAY, NOON + 5 * DAY)]
    assert found([NOON, NOON + 2 * DAY], spans) == [2]
    assert found([NOON, NOON + 4 * DAY + HOUR], spans) == []
    assert found([NOON + 9 * DAY], [Span(1, None, NOON)]) == [1]


def test_an_entry_that_notes_its_clock_was_behind_is_in_its_order():
    # An entry that notes its clock was behind is in its order.
    dated = [(1, text(NOON), ""), (2, text(NOON - 2 * DAY), text(NOON)), (3, text(NOON - 2 * DAY + HOUR), "")]
    assert list(check_dates("C", dated, [])) == []
    later = [*dated, (4, text(NOON - 5 * DAY), text(NOON - 4 * DAY))]
    assert [one.place for one in check_dates("C", later, [])] == ["entry 4 of C"], "the note does not reach that far"
    # The note is the entry's own, whatever else it says.
    note = {WRITTEN_AFTER: text(NOON)}
    made = link(START, "C", "E", at=NOON, actor=f'","{WRITTEN_AFTER}":"2020', details={}, made_with={"code": "1"})
    assert noted_in(made.body) == ""
    noted = link(START, "C", "E", at=NOON, actor="x", details=note, made_with={"code": "1"})
    assert noted_in(noted.body) == text(NOON)
    assert seal_date_of("{}") == ""


@given(st.lists(st.tuples(st.booleans(), st.integers(-5_000, 5_000)), max_size=40))
def test_however_the_clock_is_set_what_is_noted_when_it_is_written_is_never_named(steps: list[tuple[bool, int]]):
    now, dated, spans, sealed_at, sealed_before, covered = NOON, [], [], "", None, 0
    for is_seal, minutes in steps:
        now += timedelta(minutes=minutes)
        if is_seal:
            latest = max([sealed_at, *(at for number, at, _ in dated if number > covered)])
            note = clock_note(now, latest).get(WRITTEN_AFTER, "")
            if len(dated) > covered:
                spans.append(Span(len(dated), sealed_before, max(now, datetime.fromisoformat(note)) if note else now))
            sealed_at, sealed_before, covered = text(now), now, len(dated)
        else:
            latest = max(dated[-1][1] if dated else "", sealed_at)
            dated.append((len(dated) + 1, text(now), clock_note(now, latest).get(WRITTEN_AFTER, "")))
    assert list(check_dates("C", dated, spans)) == []


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=30))
def test_what_is_written_in_order_and_sealed_daily_is_never_named(minutes: list[int]):
    moments = [NOON + timedelta(minutes=one) for one in sorted(minutes)]
    spans, covered = [], 0
    for day in range(9):
        seal_at = NOON + day * DAY
        last = sum(at <= seal_at for at in moments)
        if last > covered:
            spans.append(Span(last, seal_at - DAY if day else None, seal_at))
            covered = last
    assert found(moments, spans) == []


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="ascii")), inner, max_size=3)
    ),
    max_leaves=8,
)
details = st.dictionaries(st.text(st.characters(codec="ascii"), max_size=8), values, max_size=4)


def test_an_entry_is_known_to_the_byte_and_to_the_one_before() -> None:
    # An entry is known to the byte.
    made = link(START, CHAIN, "CaseOpened", at=AT, actor="Olga Opener", details={"b": 2, "a": "é"}, made_with=MADE_WITH)
    assert made.body == (
        '{"actor":"Olga Opener","at":"2026-11-24T01:30:00.000000+00:00","chain":"DSR-2026-7K3M9Q",'
        '"details":{"a":"é","b":2},"event":"CaseOpened","made_with":{"code":"0.1.0","rules":"gdpr/3"},'
        f'"number":1,"previous":"{"0" * 64}"}}'
    )
    assert made.digest == hashlib.sha256(made.body.encode()).hexdigest()
    assert (made.number, made.head.number, made.head.digest) == (1, 1, made.digest)
    # Each entry carries the hash of the one before.
    made = links(4)
    assert [read_entry(one.body).previous for one in made] == [GENESIS, *(one.digest for one in made[:-1])]
    assert [one.number for one in made] == [1, 2, 3, 4]
    # The same instant in another zone is the same entry.
    zone = timezone(timedelta(hours=5, minutes=30))
    bodies = {
        link(START, CHAIN, "CaseOpened", at=at, actor="", details={}, made_with={}).body
        for at in (AT, AT.astimezone(zone))
    }
    assert len(bodies) == 1
    assert canonical({"event": CaseEvent.CASE_OPENED}) == '{"event":"CaseOpened"}'


@given(details, st.datetimes(timezones=st.just(UTC)), st.text(st.characters(exclude_categories=["Cs"])))
def test_an_entry_is_read_back_as_it_was(given_details: dict[str, object], at: datetime, actor: str) -> None:
    made = link(START, CHAIN, "StepDone", at=at, actor=actor, details=given_details, made_with=MADE_WITH)
    read = read_entry(made.body)
    assert (read.details, read.at, read.actor, read.event, read.chain) == (given_details, at, actor, "StepDone", CHAIN)
    assert made.body.endswith(ending(1, GENESIS))
    assert json.loads(made.body) == json.loads(canonical(json.loads(made.body)))


def test_what_is_no_entry_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        link(START, CHAIN, "CaseOpened", at=datetime(2026, 11, 24), actor="", details={}, made_with={})
    # What json has no form for is refused.
    for value in (float("nan"), 2**53, object(), {1: 2}):
        with pytest.raises(ValueError):
            link(START, CHAIN, "CaseOpened", at=AT, actor="", details={"value": value}, made_with={})
    # What is not an entry is not read.
    for old, new in (
        (",", ", "),
        ('"actor":"Olga",', ""),
        ('"actor":"Olga"', '"actor":"Olga","added":1'),
        ('"event"', '"Event"'),
        ('"at":"2026', '"at":"someday'),
        ("{", "["),
        ("Olga", "\\u004flga"),
    ):
        with pytest.raises(ValueError):
            read_entry(links(1)[0].body.replace(old, new))
