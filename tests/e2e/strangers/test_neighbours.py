"""The short proof: random people in four systems, one of whom is erased, and that its judge sees what it has to see.

The long one, with towns of two hundred, is ``make proof-towns``.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, count

import pytest

from proofs.strangers import recordings
from proofs.strangers.announced import Change, Erased, System, judge, judge_change
from proofs.strangers.planted import Marks
from proofs.strangers.towns import living

pytestmark = [pytest.mark.apart, pytest.mark.xdist_group("strangers")]


@pytest.fixture(scope="module")
def new_folder(tmp_path_factory):
    numbers = count()
    return lambda: tmp_path_factory.mktemp(f"town{next(numbers)}")


@pytest.mark.parametrize(
    ("seed", "people"), [(1, 8), *(pytest.param(seed, 60, marks=pytest.mark.slow) for seed in range(2, 8))]
)
def test_all_others_stay_as_they_were_but_for_what_was_announced(new_folder, store, seed, people):
    # Localstripe alone takes as long to start as all the rest.
    with living(seed, people, new_folder(), store, with_payments=people > 8) as street:
        done = street.erase_some(1)
    assert [fault for one in done.values() for fault in one.faults] == []
    assert sum(one.erased for one in done.values()) > 3
    assert min(one.untouched for one in done.values()) > 10


@pytest.mark.parametrize(
    ("seed", "people"), [(1, 8), *(pytest.param(seed, 40, marks=pytest.mark.slow) for seed in (2, 3))]
)
def test_by_a_correction_a_restriction_and_what_is_blanked_no_one_else_loses_anything(new_folder, store, seed, people):
    with living(seed, people, new_folder(), store, with_payments=people > 8, corrects=True) as street:
        done = street.act_on_some(3)
    assert [fault for one in done.values() for fault in one.faults] == []
    assert sum(one.erased for one in done.values()) > 3
    assert min(one.untouched for one in done.values()) > 10


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 6))
def test_by_what_is_muted_no_one_else_loses_anything(new_folder, store, seed):
    with living(seed, 40, new_folder(), store, with_payments=False, mutes=True) as street:
        copied = [fault for person in street.town.people[:3] for fault in street.copy(person)]
        done = street.erase_some(3)
    assert copied + [fault for one in done.values() for fault in one.faults] == []
    assert street.muted > 0
    assert street.given > 0
    assert done["archive"].untouched > 10


def _recorded(first: str, second: str) -> str:
    head = "RIFF____WAVE" + "_" * 10 + "\2" + "_" * 21
    return head + "".join(chain.from_iterable(zip(first, second, strict=True)))


def test_what_is_muted_in_another_channel_or_second_is_seen():
    was = _recorded("m" * 8000, "n" * 8000)
    row = {"key": "a", "content": was, "metadata": "{}", "sha256": "1", "?marked": "@1"}
    silent = "m" * 4000 + "\x80" * 2000 + "m" * 2000
    outcomes = {("archive", "recording", "a?versionId=1"): "muted"}
    for content, metadata, faults in (
        (_recorded(silent, "n" * 8000), "{}", 0),
        (was, "{}", 1),
        (_recorded(silent, silent), "{}", 1),
        (_recorded(silent[1:] + "m", "n" * 8000), "{}", 1),
        (_recorded(silent, "n" * 8000), "x", 1),
        ("", "{}", 1),
    ):
        now = {"versions/a/1": row | {"content": content, "metadata": metadata, "sha256": "2"}}
        told = {
            one.split("muted, and ")[1].split()[0]
            for one in recordings.badly_muted({"versions/a/1": row}, now, outcomes)
        }
        assert len(told - {"channel"}) == faults


HELD = {"contact/1": {"id": "1", "phone": "1", "tags": "[]"}, "contact/2": {"id": "2", "phone": "1", "tags": "[]"}}
CORRECTED = Change({"rectified"}, {"phone": frozenset({"7"}), "tags": frozenset()}, "rectified")


def test_what_an_act_changes_beside_what_it_announces_is_seen():
    system = System("desk", dict, lambda place, _: frozenset({int(place[-1])}), lambda _, row: ("contact", row["id"]))
    for after, outcome, fault in (
        ({"contact/1": {"id": "1", "phone": "7", "tags": "[]"}}, "rectified", ""),
        ({"contact/1": {"id": "1", "phone": "7", "tags": '["restricted"]'}}, "rectified", ""),
        ({"contact/1": {"id": "1", "phone": "7", "tags": "[]"}}, "", "the case says nothing"),
        ({"contact/1": {"id": "1", "phone": "8", "tags": "[]"}}, "rectified", "phone is another one"),
        ({"contact/1": {"id": "1", "phone": "1", "tags": '["gone"]'}}, "rectified", "otherwise than by the mark"),
        ({"contact/1": {"id": "9", "phone": "7", "tags": "[]"}}, "rectified", "id is another one"),
        ({"contact/2": {"id": "2", "phone": "7", "tags": "[]"}}, "rectified", "is another one's"),
        ({"contact/3": {"id": "3"}}, "", "was not there before"),
        ({}, "rectified", "it is as it was"),
    ):
        outcomes = {("desk", "contact", "1"): outcome}
        faults = judge_change(system, HELD, {**HELD, **after}, 1, outcomes, CORRECTED).faults
        assert any(fault in one for one in faults) if fault else faults == []

    faults = judge_change(system, HELD, {"contact/1": HELD["contact/1"]}, 1, {}, CORRECTED).faults
    assert any("is gone" in one for one in faults)


BEFORE = {"note/1": {"id": "1", "text": "Anna and Ben: zqbbbbbbbbbbbb"}, "note/2": {"id": "2", "text": "mine"}}
ANNOUNCED = {("desk", "note", "1"): "redacted"}
REDACTED = {"note/1": {"id": "1", "text": "▇▇▇▇ and Ben: zqbbbbbbbbbbbb"}}


def seen(after, outcomes=ANNOUNCED, before=BEFORE, **changes):
    """What the judge says of a desk with a note of two people and one of another person."""
    owners = {"note/1": frozenset({1, 2}), "note/2": frozenset({2})}
    system = System("desk", dict, lambda place, _row: owners[place], lambda _place, row: ("note", row["id"]))
    erased = Erased(1, lambda _others: frozenset({"Anna"}), outcomes)
    return judge(replace(system, **changes), before, {**BEFORE, **after}, erased, Marks()).faults


def test_what_was_not_announced_is_seen():
    assert seen(REDACTED) == []

    for after, outcomes, fault in (
        (REDACTED, {}, "is changed; the case says nothing"),
        ({"note/1": {"id": "1", "text": "▇▇▇▇ and ▇▇▇: zqbbbbbbbbbbbb"}}, ANNOUNCED, "text of [2] is another one"),
        ({**REDACTED, "note/2": {"id": "2", "text": "min"}}, ANNOUNCED, "note/2: text of [2]"),
        ({}, ANNOUNCED, "the case says redacted, and it is as it was"),
        (REDACTED, {("desk", "note", "1"): "erased"}, "the case says that it is erased, and it is there"),
        ({**REDACTED, "note/3": {"id": "3"}}, ANNOUNCED, "note/3: it was not there before"),
    ):
        assert any(fault in one for one in seen(after, outcomes))


def test_what_is_left_of_the_person_is_seen_unless_the_case_says_that_it_stays():
    marks = Marks()
    mark = marks.plant("desk", "1: note", [1])
    held = {"note/1": {"id": "1", "text": mark}}
    system = System("desk", dict, lambda _place, _row: frozenset({1}), lambda _place, row: ("note", row["id"]))
    for outcome, faults in (("retained", 0), ("unclear", 0), ("", 1)):
        erased = Erased(1, lambda _others: frozenset(), {("desk", "note", "1"): outcome} if outcome else {})
        assert len(judge(system, held, held, erased, marks).faults) == faults
