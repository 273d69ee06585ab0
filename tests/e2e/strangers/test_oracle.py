"""The judge sees what it has to see: each violation that is put in by hand, and nothing where there is none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from proofs.strangers.people import Neighbour, populate
from proofs.strangers.planted import NOTE, Held, Marks, Rule, judge_changes, judge_package

PEOPLE = populate(1)
ANNA, FAMILY = PEOPLE.people[Neighbour.SUBJECT], PEOPLE.people[Neighbour.FAMILY]


@pytest.fixture
def marks():
    return Marks()


@pytest.fixture
def before(marks):
    """A ticket of the subject, one of a neighbour, a note of both, and a row of no one."""
    return {
        "tickets/1": {"text": marks.plant("tickets", "hers", [ANNA.number]), "state": "open"},
        "tickets/2": {"text": marks.plant("tickets", "his", [FAMILY.number]), "state": "open"},
        "notes/1": {"text": marks.plant("tickets", "theirs", [ANNA.number, FAMILY.number]), "by": ANNA.phones[0]},
        "settings/1": {"text": "blue"},
    }


@pytest.fixture
def held(marks):
    rules = {"tickets": Rule(marks.owners_of), "notes": Rule(marks.owners_of, shared=frozenset({"by"}))}
    return Held("tickets", rules, dict)


def erased(before):
    """What a right erasure leaves."""
    after = {place: dict(row) for place, row in before.items() if place != "tickets/1"}
    after["notes/1"]["by"] = ""
    return after


def test_a_right_erasure_is_clean_and_each_changed_byte_of_others_is_seen(held, before, marks):
    verdict = judge_changes(held, before, erased(before), ANNA, marks)
    assert verdict.is_clean
    assert (verdict.erased, verdict.kept, verdict.left, verdict.changed) == (1, 1, 0, 0)

    for place in ("tickets/2", "notes/1", "settings/1"):
        for number in range(len(before[place]["text"])):
            after = erased(before)
            text = after[place]["text"]
            after[place]["text"] = text[:number] + "#" + text[number + 1 :]
            assert judge_changes(held, before, after, ANNA, marks).changed == len(text)

    for place in ("tickets/2", "notes/1", "settings/1"):
        after = erased(before)
        del after[place]
        assert judge_changes(held, before, after, ANNA, marks).changed

    assert judge_changes(held, before, erased(before) | {"tickets/3": {"text": "new"}}, ANNA, marks).changed == 3

    verdict = judge_changes(held, before, before, ANNA, marks)
    assert (verdict.left, verdict.changed) == (1, 0)

    assert judge_changes(held, before, erased(before), None, marks).changed

    noted = {place: row | {f"{NOTE}author": place} for place, row in before.items()}
    assert judge_changes(held, noted, erased(before), ANNA, marks).is_clean

    blanked = replace(held, rules={**held.rules, "tickets": Rule(marks.owners_of, frozenset({"text"}))})
    after = erased(before) | {"tickets/1": {"text": "", "state": "open"}}
    assert judge_changes(blanked, before, after, ANNA, marks).is_clean
    assert judge_changes(blanked, before, erased(before), ANNA, marks).faults
    assert judge_changes(blanked, before, after | {"tickets/1": {"text": "", "state": ""}}, ANNA, marks).changed


def test_an_unclear_row_has_to_stay(held, marks):
    before = {"tickets/1": {"text": marks.plant("tickets", "unclear", [ANNA.number], given=(), erased=())}}
    assert judge_changes(held, before, before, ANNA, marks).kept == 1
    assert judge_changes(held, before, {}, ANNA, marks).changed


def package(*texts):
    return {f"data/tickets/{number}.json": text.encode() for number, text in enumerate(texts)}


def judged(files, marks):
    verdicts = judge_package(files, ANNA, PEOPLE, marks).values()
    return (
        sum(one.given for one in verdicts),
        sum(one.withheld for one in verdicts),
        sum(one.disclosed for one in verdicts),
    )


def test_what_is_missing_and_what_is_of_others_in_a_package_is_seen(before, marks):
    assert judged(package(before["tickets/1"]["text"], before["notes/1"]["text"], ANNA.emails[0]), marks) == (2, 0, 0)

    assert judged(package(before["tickets/1"]["text"]), marks) == (1, 1, 0)

    given = (before["tickets/1"]["text"], before["notes/1"]["text"], before["tickets/2"]["text"])
    assert judged(package(*given), marks) == (2, 0, len(given[2]))

    for what in (FAMILY.emails[0], FAMILY.name.upper(), PEOPLE.people[2].phones[1], "06990009008"):
        assert judged(package(f"<{what}>"), marks)[2]

    # What is hers to see is no disclosure; her two records are missing in each of these packages.
    for what in (*ANNA.emails, ANNA.name, *ANNA.phones, "0171 3920 010 (privat)"):
        assert judged(package(f"<{what}>"), marks) == (0, 2, 0)

    answer = marks.plant("tickets", "answer", [], may_see=[ANNA.number])
    internal = marks.plant("tickets", "internal", [])
    assert judged(package(answer), marks) == (0, 2, 0)
    assert judged(package(internal), marks)[2]


def test_neighbours_are_made_to_be_mistaken():
    """Two hundred people; each number, address and customer number of a person is one person's, or used in turn."""
    everybody = populate().people
    assert len(everybody) == 200
    emails = [one for person in everybody for one in person.emails]
    assert len(emails) == len(set(emails))
    assert len({person.customer for person in everybody}) == 200
    longer, shorter = PEOPLE.people[Neighbour.LONGER], PEOPLE.people[Neighbour.SHORTER]
    assert all(one in other for one, other in zip(ANNA.phones, longer.phones, strict=True))
    assert shorter.phones[0] in ANNA.phones[1]
    assert ANNA.emails[0] in longer.emails[0]
    assert shorter.emails[0] in ANNA.emails[0]
    assert ANNA.phones[0] in FAMILY.phones
    assert PEOPLE.people[Neighbour.NAMESAKE].name == ANNA.name
