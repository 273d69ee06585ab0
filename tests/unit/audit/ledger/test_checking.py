"""What is wrong with a chain: every single change is caught, and named with what was done and where."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from rightsflow.audit.ledger import START, Fault, FaultKind, Head, Link, check_chain
from rightsflow.audit.ledger.chain import digest_of
from rightsflow.audit.ledger.checking import ends_of
from tests.unit.audit.ledger.chains import CHAIN, OTHER, head_of, links, rewritten

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
        (
            "{",
            "",
        ),
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
