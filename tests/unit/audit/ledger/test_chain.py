"""Entries: one text for one content, linked by hashes, and read back as they were."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.audit.ledger import GENESIS, START, link, read_entry
from rightsflow.audit.ledger.chain import canonical, ending
from rightsflow.domain.vocabulary.events import CaseEvent
from tests.unit.audit.ledger.chains import AT, CHAIN, MADE_WITH, links

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


def test_an_entry_is_known_to_the_byte() -> None:
    made = link(START, CHAIN, "CaseOpened", at=AT, actor="Olga Opener", details={"b": 2, "a": "é"}, made_with=MADE_WITH)
    assert made.body == (
        '{"actor":"Olga Opener","at":"2026-11-24T01:30:00.000000+00:00","chain":"DSR-2026-7K3M9Q",'
        '"details":{"a":"é","b":2},"event":"CaseOpened","made_with":{"code":"0.1.0","rules":"gdpr/3"},'
        f'"number":1,"previous":"{"0" * 64}"}}'
    )
    assert made.digest == hashlib.sha256(made.body.encode()).hexdigest()
    assert (made.number, made.head.number, made.head.digest) == (1, 1, made.digest)


def test_each_entry_carries_the_hash_of_the_one_before() -> None:
    made = links(4)
    assert [read_entry(one.body).previous for one in made] == [GENESIS, *(one.digest for one in made[:-1])]
    assert [one.number for one in made] == [1, 2, 3, 4]


def test_the_same_instant_in_another_zone_is_the_same_entry() -> None:
    zone = timezone(timedelta(hours=5, minutes=30))
    bodies = {
        link(START, CHAIN, "CaseOpened", at=at, actor="", details={}, made_with={}).body
        for at in (AT, AT.astimezone(zone))
    }
    assert len(bodies) == 1


@given(details, st.datetimes(timezones=st.just(UTC)), st.text(st.characters(exclude_categories=["Cs"])))
def test_an_entry_is_read_back_as_it_was(given_details: dict[str, object], at: datetime, actor: str) -> None:
    made = link(START, CHAIN, "StepDone", at=at, actor=actor, details=given_details, made_with=MADE_WITH)
    read = read_entry(made.body)
    assert (read.details, read.at, read.actor, read.event, read.chain) == (given_details, at, actor, "StepDone", CHAIN)
    assert made.body.endswith(ending(1, GENESIS))
    assert json.loads(made.body) == json.loads(canonical(json.loads(made.body)))


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        link(START, CHAIN, "CaseOpened", at=datetime(2026, 11, 24), actor="", details={}, made_with={})


@pytest.mark.parametrize("value", [float("nan"), 2**53, object(), {1: 2}])
def test_what_json_has_no_form_for_is_refused(value: object) -> None:
    with pytest.raises(ValueError):
        link(START, CHAIN, "CaseOpened", at=AT, actor="", details={"value": value}, made_with={})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (",", ", "),
        ('"actor":"Olga",', ""),
        ('"actor":"Olga"', '"actor":"Olga","added":1'),
        ('"event"', '"Event"'),
        ('"at":"2026', '"at":"someday'),
        ("{", "[", ),
        ("Olga", "\\u004flga"),
    ],
)  # fmt: skip
def test_what_is_not_an_entry_is_not_read(old: str, new: str) -> None:
    with pytest.raises(ValueError):
        read_entry(links(1)[0].body.replace(old, new))


def test_a_member_of_an_enumeration_is_written_as_its_text() -> None:
    assert canonical({"event": CaseEvent.CASE_OPENED}) == '{"event":"CaseOpened"}'
